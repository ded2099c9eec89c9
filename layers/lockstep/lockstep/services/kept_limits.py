"""A route with the limits of the org's fields, as far as somebody has asked for them lately: the org is not asked."""

from lockstep.domain.contract import objects_of
from lockstep.domain.describes import read_describe, read_picklists
from lockstep.domain.limits import with_limits
from lockstep.domain.mapping import CompiledRoute, compile_route
from lockstep.domain.record_types import picklists_needed, with_picklists
from lockstep.domain.routes import Route
from lockstep.ports.org import DescribeStore


def with_kept_limits(route: Route, store: DescribeStore) -> CompiledRoute:
    """Return the route as it will run; as it is written where no describe is kept.

    Raises:
        SyncError: AWS_UNAVAILABLE.
    """
    described = {name: store.get(name) for name in objects_of(route)}
    if None in described.values():
        return compile_route(route)
    describes = {name: read_describe(kept.describe) for name, kept in described.items() if kept}
    values = {key: store.get(".".join(key)) for key in picklists_needed(route, describes)}
    picklists = {key: read_picklists(kept.describe) for key, kept in values.items() if kept}
    return compile_route(with_limits(route, with_picklists(describes, picklists)))
