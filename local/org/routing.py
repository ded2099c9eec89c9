"""Which view answers which path; a path that is not in the table is refused, never guessed."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus

from local.org.errors import OrgError, not_found
from local.org.messages import Answer, Request
from local.org.org import Org


@dataclass(frozen=True, slots=True)
class Context:
    """A request on its way to its view. `version` is "66.0"; `names` are the parts of the path by their name."""

    org: Org
    request: Request
    version: str
    names: Mapping[str, str]
    routes: Sequence["Route"] = ()
    """All that the API answers, for requests that hold others."""

    @property
    def base(self) -> str:
        """The path that all resources of this version begin with."""
        return f"/services/data/v{self.version}"


View = Callable[[Context], Answer]


@dataclass(frozen=True, slots=True)
class Route:
    """A method and a path template such as `sobjects/{object}/{id}`."""

    method: str
    template: str
    view: View

    def match(self, segments: Sequence[str]) -> dict[str, str] | None:
        """Return the named parts, or None where the path is another. Words match in any case."""
        parts = self.template.split("/") if self.template else []
        if len(parts) != len(segments):
            return None
        names: dict[str, str] = {}
        for part, segment in zip(parts, segments, strict=True):
            if part.startswith("{"):
                names[part[1:-1]] = segment
            elif part.lower() != segment.lower():
                return None
        return names


def find_route(
    routes: Sequence[Route], request: Request, method: str, segments: Sequence[str]
) -> tuple[Route, dict[str, str]]:
    """Return the first route that matches and the named parts of the path.

    Raises:
        OrgError: 404 for an unknown path, 405 with `Allow` for an unknown method.
    """
    matched = [(route, names) for route in routes if (names := route.match(segments)) is not None]
    for route, names in matched:
        if route.method == method:
            return route, names
    if not matched:
        raise not_found(f"{request.method} {request.path} is not emulated")
    raise _not_allowed(method, [route.method for route, _ in matched])


def _not_allowed(method: str, known: Sequence[str]) -> OrgError:
    allowed = ",".join(sorted(set(known)))
    message = f"HTTP Method '{method}' not allowed. Allowed are {allowed}"
    return OrgError(HTTPStatus.METHOD_NOT_ALLOWED, "METHOD_NOT_ALLOWED", message, headers=[("Allow", allowed)])
