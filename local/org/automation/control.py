"""What a test may do to simulated triggers through the control prefix."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from local.org.automation.meter import ApexLimits
from local.org.automation.plans import TRIGGER_PLANS
from local.org.errors import OrgError
from local.org.org import Org


def automation_state(org: Org) -> dict[str, Any]:
    """Return the triggers, for how many records each ran, and the limits."""
    with org.lock:
        return {
            "triggers": [each.model_dump(mode="json") for each in org.automation.all()],
            "runs": dict(org.automation.runs),
            "limits": org.automation.limits.model_dump(mode="json"),
        }


def plan_automation(org: Org, plans: Any) -> dict[str, Any]:
    """Add triggers; pydantic.ValidationError, or OrgError, for what is none."""
    checked = TRIGGER_PLANS.validate_python(plans)
    try:
        with org.lock:
            org.automation.plan(checked)
    except ValueError as error:
        raise OrgError(HTTPStatus.BAD_REQUEST, "BAD_REQUEST", str(error)) from error
    return automation_state(org)


def clear_automation(org: Org) -> dict[str, Any]:
    """Forget every trigger."""
    with org.lock:
        org.automation.clear()
    return automation_state(org)


def change_apex_limits(org: Org, changes: Mapping[str, Any]) -> dict[str, Any]:
    """Change limits; pydantic.ValidationError for what is none."""
    with org.lock:
        org.automation.limits = ApexLimits(**{**org.automation.limits.model_dump(), **changes})
    return automation_state(org)
