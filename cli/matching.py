"""Which value of a sample belongs to which field of the org, by their names."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from lockstep.domain.describes import FieldFacts
from lockstep.domain.json_text import JsonValue

Path: TypeAlias = tuple[str, ...]

DEEPEST = 5
_WORDS = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|\d+")
_ADDRESSES = ("billing", "mailing", "shipping", "person", "other")
# What sources call what Salesforce calls by the name on the right.
_SYNONYMS: Mapping[str, str] = {
    **dict.fromkeys(("zip", "zipcode", "postcode", "postal", "plz"), "postalcode"),
    **dict.fromkeys(("tel", "telephone", "phonenumber", "telephonenumber"), "phone"),
    **dict.fromkeys(("mobile", "cell", "cellphone", "mobilenumber"), "mobilephone"),
    **dict.fromkeys(("mail", "emailaddress", "contactemail"), "email"),
    **dict.fromkeys(("surname", "familyname", "lname"), "lastname"),
    **dict.fromkeys(("givenname", "forename", "fname"), "firstname"),
    **dict.fromkeys(("company", "companyname", "organization", "organisation", "accountname"), "name"),
    **dict.fromkeys(("line1", "address1", "streetaddress", "addressline1"), "street"),
    **dict.fromkeys(("town", "locality"), "city"),
    **dict.fromkeys(("province", "region"), "state"),
    **dict.fromkeys(("employees", "employeecount", "headcount", "staff"), "numberofemployees"),
    **dict.fromkeys(("revenue", "turnover"), "annualrevenue"),
    **dict.fromkeys(("url", "homepage", "web", "domain"), "website"),
    **dict.fromkeys(("branch", "sector"), "industry"),
    **dict.fromkeys(("note", "notes", "comment", "comments", "memo"), "description"),
    **dict.fromkeys(("birthday", "dob", "dateofbirth"), "birthdate"),
    **dict.fromkeys(("position", "jobtitle", "role"), "title"),
}


@dataclass(frozen=True, slots=True)
class Leaf:
    """A value of the sample."""

    path: Path
    value: JsonValue


def leaves(payload: JsonValue, path: Path = ()) -> Iterator[Leaf]:
    """Give every plain value with its path; lists are left out, because they are records of their own."""
    if not isinstance(payload, dict):
        if path and not isinstance(payload, list):
            yield Leaf(path, payload)
        return
    for name, value in payload.items():
        if len(path) < DEEPEST and name.isprintable() and name:
            yield from leaves(value, (*path, name))


def plain(name: str) -> str:
    """Return a name as it compares: PostalCode, postal_code and POSTAL-CODE are one."""
    return "".join(word.lower() for word in _WORDS.findall(name.removesuffix("__c")))


def match(fields: Sequence[FieldFacts], found: Sequence[Leaf]) -> dict[str, Leaf]:
    """Return the leaf of each field that has one; the best pairs first, nothing twice."""
    scored = [
        (score, number, field.name, leaf)
        for number, leaf in enumerate(found)
        for field in fields
        if (score := _score(field, leaf))
    ]
    pairs: dict[str, Leaf] = {}
    for _, _, name, leaf in sorted(scored, key=lambda each: (-each[0], each[1], each[2])):
        if name not in pairs and leaf not in pairs.values():
            pairs[name] = leaf
    return pairs


def _score(field: FieldFacts, leaf: Leaf) -> int:
    """Say how well the names agree; 0 where they do not. The value's own name counts more than the one around it."""
    own, *around = (plain(part) for part in reversed(leaf.path))
    wanted = {plain(field.name): 4, plain(field.label): 3}
    for prefix in _ADDRESSES:
        wanted |= {name.removeprefix(prefix): 2 for name in list(wanted) if name.startswith(prefix)}
    forms = {own: 4, _SYNONYMS.get(own, own): 3}
    if around:
        forms |= {f"{around[0]}{own}": 5, f"{_shorter(around[0])}{_SYNONYMS.get(own, own)}": 5}
    depth = 10 - len(leaf.path)
    scores = [worth * 100 + weight * 10 + depth for form, weight in forms.items() if (worth := wanted.get(form))]
    return max(scores, default=0)


def _shorter(around: str) -> str:
    """Return billing of billing_address."""
    return around.removesuffix("address")
