"""Lockstep: keeps source systems and Salesforce in step."""
