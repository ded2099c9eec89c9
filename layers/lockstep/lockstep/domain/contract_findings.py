"""One thing that does not fit, and the words for what the integration user does not see."""

from dataclasses import dataclass

from lockstep.domain.describes import ObjectFacts

GRANT = "grant it in the permission set of the integration user"


@dataclass(frozen=True, slots=True)
class Finding:
    """What does not fit at one place of a route."""

    path: tuple[str, ...]
    reason: str
    remedy: str
    is_warning: bool = False


def no_object(path: tuple[str, ...], name: str) -> Finding:
    """Say that the object is not there, or hidden: a describe does not tell them apart."""
    return Finding(
        path,
        f"the integration user sees no object {name} in the org",
        "correct its spelling, deploy the object, or grant access to it",
    )


def missing_field(path: tuple[str, ...], name: str, target: ObjectFacts) -> Finding:
    """Say that the field is not there, or hidden, and which one may be meant."""
    nearest = target.nearest(name)
    spelling = f"is {nearest} meant? Or" if nearest else "correct its spelling, or"
    return Finding(
        path,
        f"the integration user sees no field {name} in {target.name}",
        f"{spelling} deploy the field and grant access to it",
    )
