"""What is said of held routes in several places is the same."""

from lockstep.adapters.describe_store import _key
from lockstep.runtime.settings import UpsertSettings
from lockstep.services.check_routes import BROKEN_MAX_AGE_S, HELD_RETRY_S
from tests.contract.template import ROOT, environment, resources, template


def test_readme_says_how_soon_a_mended_route_goes_on():
    minutes = (HELD_RETRY_S + BROKEN_MAX_AGE_S) // 60

    assert f"go on by themselves within {minutes} minutes" in (ROOT / "README.md").read_text()


def test_describes_are_kept_where_the_function_may_and_where_they_expire():
    prefix = _key("Account").removesuffix("Account.json")
    rules = resources("AWS::S3::Bucket")["PayloadBucket"]["LifecycleConfiguration"]["Rules"]
    statements = resources("AWS::Serverless::Function")["UpsertFunction"]["Policies"][0]["Statement"]
    allowed = [each["Action"] for each in statements if f"/{prefix}*" in str(each["Resource"])]

    assert prefix in {rule["Prefix"] for rule in rules}
    assert allowed == [["s3:GetObject", "s3:PutObject"]]


def test_routes_are_held_unless_somebody_decides_otherwise():
    assert environment("UpsertFunction")["HOLD_BROKEN_ROUTES"] == {"Ref": "HoldBrokenRoutes"}
    assert template()["Parameters"]["HoldBrokenRoutes"]["Default"] == "true"
    assert UpsertSettings.model_fields["hold_broken_routes"].default is True
