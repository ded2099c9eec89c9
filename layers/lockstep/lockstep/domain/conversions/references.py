"""References: the parent's External ID, as text from the first byte to the last."""

from lockstep.domain.conversions.characters import is_plain_key, key_problem, plain_text
from lockstep.domain.conversions.results import Converted, Problem


def reference_key(value: object) -> Converted:
    """Return the key of the parent."""
    if isinstance(value, str) and is_plain_key(value):
        return value
    key = plain_text(value)
    if isinstance(key, Problem):
        return key
    return key_problem(key) or key
