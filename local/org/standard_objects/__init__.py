"""The standard objects as data: one YAML file for each, and what reads them."""

from local.org.standard_objects.reader import read_standard_objects

__all__ = ["read_standard_objects"]
