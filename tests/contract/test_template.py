"""What every queue, function and alarm of the template must have, and the facts it shares with the code."""

import json

import pytest

from lockstep.adapters.change_log import QUEUED_LEASE
from lockstep.adapters.error_log import DUE_INDEX, NEWS_INDEX
from lockstep.adapters.payload_store import KEPT, QUEUED, RESOLVED_TAG
from lockstep.domain.circuit import PROBE_ENDS_WITHIN_S, TELLING_ENDS_WITHIN_S
from lockstep.domain.messages import MAX_MESSAGE_BYTES
from lockstep.runtime.account_parts import LEASE_S as ACCOUNT_LEASE_S
from lockstep.runtime.account_run import END_TIME_MS
from lockstep.runtime.drop_batch import STORING_TIME_MS
from lockstep.runtime.settings import (
    AccountSettings,
    BulkDeadLetterSettings,
    BulkPollSettings,
    BulkSettings,
    BulkSplitSettings,
    DeadLetterSettings,
    MonitorSettings,
    NotifySettings,
    RetrySettings,
    SignInSettings,
    UpsertSettings,
    WebhookSettings,
)
from lockstep.services.parent_turns import TURN_S
from lockstep.services.session_refresh import TURN_LEASE_S
from lockstep.services.tell_failures import TELLING_LEASE_S
from tests.contract.template import ROOT, environment, resources, template

FUNCTIONS = resources("AWS::Serverless::Function")
QUEUES = resources("AWS::SQS::Queue")
ALARMS = resources("AWS::CloudWatch::Alarm")
MAPPINGS = resources("AWS::Lambda::EventSourceMapping")
DEAD_LETTER_QUEUES = {name for name in QUEUES if name.endswith("DeadLetterQueue")}
SOURCE_QUEUES = set(QUEUES) - DEAD_LETTER_QUEUES
SETTINGS = {
    "WebhookFunction": WebhookSettings,
    "UpsertFunction": UpsertSettings,
    "MonitorFunction": MonitorSettings,
    "NotifyFunction": NotifySettings,
    "RetryFunction": RetrySettings,
    "DeadLetterFunction": DeadLetterSettings,
    "BulkSplitFunction": BulkSplitSettings,
    "BulkDeadLetterFunction": BulkDeadLetterSettings,
    "BulkSubmitFunction": BulkSettings,
    "BulkPollFunction": BulkPollSettings,
    "AccountFunction": AccountSettings,
}


@pytest.mark.parametrize("name", sorted(SOURCE_QUEUES))
def test_queue_has_a_dead_letter_queue(name):
    redrive = QUEUES[name]["RedrivePolicy"]

    assert redrive["deadLetterTargetArn"]["Fn::GetAtt"][0] in DEAD_LETTER_QUEUES
    assert redrive["maxReceiveCount"] >= 5


@pytest.mark.parametrize("name", sorted(QUEUES))
def test_queue_is_encrypted_and_keeps_messages_as_long_as_it_can(name):
    assert QUEUES[name]["SqsManagedSseEnabled"] is True
    assert QUEUES[name]["MessageRetentionPeriod"] == 14 * 24 * 3600
    assert QUEUES[name]["MaximumMessageSize"] == MAX_MESSAGE_BYTES


def test_queued_change_is_trusted_as_long_as_the_queue_keeps_it():
    assert QUEUES["InboundQueue"]["MessageRetentionPeriod"] == QUEUED_LEASE.total_seconds()


@pytest.mark.parametrize("name", sorted(DEAD_LETTER_QUEUES))
def test_dead_letter_queue_has_an_alarm_on_what_nobody_takes_out_of_it(name):
    dimension = {"Name": "QueueName", "Value": {"Fn::GetAtt": [name, "QueueName"]}}
    watching = [alarm for alarm in ALARMS.values() if dimension in alarm["Dimensions"]]

    assert [alarm["MetricName"] for alarm in watching] == ["ApproximateAgeOfOldestMessage"]
    assert watching[0]["Threshold"] == 900
    assert name in {mapping["EventSourceArn"]["Fn::GetAtt"][0] for mapping in MAPPINGS.values()}


@pytest.mark.known_bug(14)
@pytest.mark.parametrize("name", sorted(ALARMS))
def test_every_alarm_has_an_action_and_says_what_to_do(name):
    assert ALARMS[name]["AlarmActions"] == [{"Ref": "AlertTopic"}]
    assert len(ALARMS[name]["AlarmDescription"]) > 40


@pytest.mark.parametrize("name", sorted(MAPPINGS))
def test_trigger_reports_item_failures_and_bounds_its_concurrency(name):
    trigger = MAPPINGS[name]

    assert trigger["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    assert trigger["ScalingConfig"]["MaximumConcurrency"]
    assert trigger["MaximumBatchingWindowInSeconds"] >= 1


@pytest.mark.parametrize("name", sorted(MAPPINGS))
def test_message_is_invisible_for_six_times_the_functions_timeout(name):
    queue = QUEUES[MAPPINGS[name]["EventSourceArn"]["Fn::GetAtt"][0]]
    function = FUNCTIONS[MAPPINGS[name]["FunctionName"]["Ref"]]

    assert queue["VisibilityTimeout"] >= 6 * function["Timeout"]


@pytest.mark.parametrize(
    ("function", "variable"),
    [
        ("WebhookFunction", "CLAIM_LEASE_SECONDS"),
        ("UpsertFunction", "GUARD_LEASE_SECONDS"),
        ("BulkSubmitFunction", "CHUNK_LEASE_SECONDS"),
        ("BulkPollFunction", "CHUNK_LEASE_SECONDS"),
    ],
)
def test_lease_outlives_the_function(function, variable):
    assert int(environment(function)[variable]) > FUNCTIONS[function]["Timeout"]


@pytest.mark.parametrize("name", sorted(name for name, group in SETTINGS.items() if issubclass(group, SignInSettings)))
def test_turn_to_sign_in_outlives_the_function(name):
    assert FUNCTIONS[name]["Timeout"] < TURN_LEASE_S


@pytest.mark.parametrize("name", sorted(FUNCTIONS))
def test_function_gets_the_settings_that_it_reads_and_no_others(name):
    given = {variable for variable in environment(name) if not variable.startswith("POWERTOOLS_")}
    fields = SETTINGS[name].model_fields.items()
    required = {field.upper() for field, info in fields if info.is_required()}

    assert required <= given
    shared = set(template()["Globals"]["Function"]["Environment"]["Variables"])
    assert given - shared <= {field.upper() for field, _ in fields}


@pytest.mark.parametrize("name", sorted(FUNCTIONS))
def test_function_writes_to_a_log_group_with_retention(name):
    group = FUNCTIONS[name]["LoggingConfig"]["LogGroup"]["Ref"]

    assert resources("AWS::Logs::LogGroup")[group]["RetentionInDays"]


def _statements():
    for name, function in FUNCTIONS.items():
        for statement in function["Policies"][0]["Statement"]:
            actions = statement["Action"] if isinstance(statement["Action"], list) else [statement["Action"]]
            yield name, actions, json.dumps(statement["Resource"])


def test_no_policy_has_a_wildcard_action_or_a_bare_wildcard_resource():
    for name, actions, resource in _statements():
        assert not [action for action in actions if "*" in action], name
        assert resource != '"*"', name
        assert resource.count("*") <= 1, name


def test_no_function_has_a_managed_policy_or_an_event_that_adds_one():
    for function in FUNCTIONS.values():
        assert all(isinstance(policy, dict) for policy in function["Policies"])
        assert {event["Type"] for event in function.get("Events", {}).values()} <= {"Api", "ScheduleV2", "SNS"}


def test_every_function_folder_is_deployed_and_built_without_dependencies():
    folders = {f"functions/{path.parent.name}/" for path in (ROOT / "functions").glob("*/handler.py")}

    assert {function["CodeUri"] for function in FUNCTIONS.values()} == folders
    assert all(template()["Resources"][name]["Metadata"] == {"SkipBuild": True} for name in FUNCTIONS)
    assert not list((ROOT / "functions").rglob("requirements.txt"))


def test_nothing_has_a_physical_name():
    names = (
        "QueueName",
        "TableName",
        "BucketName",
        "FunctionName",
        "TopicName",
        "LogGroupName",
        "LayerName",
        "AlarmName",
    )
    own = {"AWS::Lambda::EventSourceMapping": {"FunctionName"}}
    for logical_id, resource in template()["Resources"].items():
        found = set(names) & set(resource.get("Properties", {})) - own.get(resource["Type"], set())
        assert not found, logical_id


def test_layer_is_built_for_the_runtime_and_architecture_that_the_functions_have():
    makefile = (ROOT / "layers/lockstep/Makefile").read_text()
    parameters = template()["Parameters"]

    assert f"LAYER_PYTHON_VERSION ?= {parameters['Runtime']['Default'].removeprefix('python')}" in makefile
    assert f"ARCHITECTURE ?= {parameters['Architecture']['Default']}" in makefile


def test_handler_of_every_function_is_where_the_template_says():
    module, function = template()["Globals"]["Function"]["Handler"].split(".")

    for path in (ROOT / "functions").glob("*/"):
        if path.name != "__pycache__":
            assert f"def {function}(" in (path / f"{module}.py").read_text()


def _needs_the_org(mapping):
    """True of a lane: what works on AWS alone goes on while the org cannot be used."""
    return issubclass(SETTINGS[mapping["FunctionName"]["Ref"]], SignInSettings)


def test_every_lanes_trigger_can_be_switched_by_the_monitor_and_nothing_else_can():
    given = environment("MonitorFunction")["LANE_MAPPING_IDS"]
    known = {each["Ref"] for each in (given["Fn::Join"][1] if "Fn::Join" in given else [given])}
    granted = {
        resource
        for _name, actions, resource in _statements()
        if any("EventSourceMapping" in action for action in actions)
    }

    lanes = {name for name, mapping in MAPPINGS.items() if _needs_the_org(mapping)}
    assert known == lanes
    assert {name for name, actions, _resource in _statements() if "lambda:UpdateEventSourceMapping" in actions} == {
        "MonitorFunction"
    }
    assert all(any(f"event-source-mapping:${{{name}}}" in each for each in granted) for name in lanes)


def test_monitor_ends_before_its_probe_and_its_alert_are_given_up():
    assert FUNCTIONS["MonitorFunction"]["Timeout"] < min(PROBE_ENDS_WITHIN_S, TELLING_ENDS_WITHIN_S)


def test_monitor_runs_every_minute_and_when_the_circuit_opens():
    events = FUNCTIONS["MonitorFunction"]["Events"]

    assert events["EveryMinute"]["Properties"]["ScheduleExpression"] == "rate(1 minute)"
    assert events["CircuitOpened"]["Properties"]["Topic"] == environment("UpsertFunction")["CIRCUIT_TOPIC_ARN"]


def test_lease_of_who_tells_outlives_the_monitor():
    assert FUNCTIONS["MonitorFunction"]["Timeout"] < TELLING_LEASE_S


@pytest.mark.parametrize(
    "name", sorted(name for name, group in SETTINGS.items() if "alert_topic_arn" in group.model_fields)
)
def test_alerts_are_named_by_the_stack(name):
    assert environment(name)["SECRET_PREFIX"] == {"Fn::Sub": "${AWS::StackName}/"}


def test_monitor_may_read_what_is_news_and_what_is_due_and_mark_what_is_told():
    rights = [(set(actions), resource) for name, actions, resource in _statements() if name == "MonitorFunction"]

    of_log = [(actions, resource) for actions, resource in rights if "ErrorLogTable" in resource]
    assert [actions for actions, _ in of_log] == [{"dynamodb:BatchGetItem", "dynamodb:UpdateItem"}, {"dynamodb:Query"}]
    assert {index for index in (NEWS_INDEX, DUE_INDEX, "status", "record") if f"index/{index}" in of_log[1][1]} == {
        NEWS_INDEX,
        DUE_INDEX,
    }


def test_lease_of_who_reads_the_books_outlives_the_function_which_has_time_to_end():
    assert FUNCTIONS["AccountFunction"]["Timeout"] < ACCOUNT_LEASE_S
    assert FUNCTIONS["AccountFunction"]["Timeout"] * 1000 > 2 * END_TIME_MS


def test_reading_of_the_books_names_nothing_late_before_the_alarm_of_the_queue_would():
    assert int(environment("AccountFunction")["LATE_AFTER_SECONDS"]) == ALARMS["InboundAgeAlarm"]["Threshold"]
    assert int(environment("AccountFunction")["LATE_AFTER_SECONDS"]) < ALARMS["OldestChangeAlarm"]["Threshold"]


@pytest.mark.parametrize(
    ("alarm", "metric"), [("AccountingGapAlarm", "AccountingGap"), ("OldestChangeAlarm", "OldestChangeSeconds")]
)
def test_alarm_on_the_books_watches_what_the_account_function_counts(alarm, metric):
    source = (ROOT / "layers/lockstep/lockstep/runtime/account_run.py").read_text()

    assert ALARMS[alarm]["MetricName"] == metric
    assert f'name="{metric}"' in source
    service = {"Name": "service", "Value": environment("AccountFunction")["POWERTOOLS_SERVICE_NAME"]}
    assert ALARMS[alarm]["Dimensions"] == [service]


def test_payload_of_a_failure_expires_only_when_it_is_tagged_as_resolved():
    rules = resources("AWS::S3::Bucket")["PayloadBucket"]["LifecycleConfiguration"]["Rules"]
    tags = {rule["Prefix"]: rule.get("TagFilters", []) for rule in rules}

    assert tags[QUEUED] == []
    assert tags[KEPT] == [RESOLVED_TAG]
    assert len(rules) == len(tags)
    keepers = {
        name for name, actions, resource in _statements() if f"/{KEPT}*" in resource and "s3:PutObject" in actions
    }
    assert keepers == {
        *("UpsertFunction", "BulkSubmitFunction", "BulkPollFunction"),
        *("DeadLetterFunction", "BulkDeadLetterFunction"),
    }


def test_turn_of_a_parent_outlives_the_function_that_has_it():
    assert FUNCTIONS["UpsertFunction"]["Timeout"] < TURN_S


def test_s3_tells_the_drop_queue_only_and_may_do_so_before_it_is_told_of_it():
    bucket = template()["Resources"]["DropsBucket"]
    (told,) = bucket["Properties"]["NotificationConfiguration"]["QueueConfigurations"]
    (granted,) = resources("AWS::SQS::QueuePolicy")["DropQueuePolicy"]["PolicyDocument"]["Statement"]

    assert told == {"Event": "s3:ObjectCreated:*", "Queue": {"Fn::GetAtt": ["DropQueue", "Arn"]}}
    assert (granted["Action"], granted["Resource"]) == ("sqs:SendMessage", told["Queue"])
    assert granted["Condition"]["StringEquals"] == {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}
    assert bucket["DependsOn"] == "DropQueuePolicy"


@pytest.mark.parametrize("name", ["DropsBucket", "PayloadBucket"])
def test_bucket_is_private_encrypted_and_reached_by_tls_only(name):
    bucket = resources("AWS::S3::Bucket")[name]
    policies = resources("AWS::S3::BucketPolicy").values()
    (statement,) = next(p["PolicyDocument"]["Statement"] for p in policies if p["Bucket"] == {"Ref": name})

    assert all(bucket["PublicAccessBlockConfiguration"].values())
    assert bucket["BucketEncryption"]
    assert (statement["Effect"], statement["Principal"], statement["Action"]) == ("Deny", "*", "s3:*")
    assert statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}


def test_a_dropped_file_outlives_its_message_and_is_read_in_the_version_that_was_announced():
    bucket = resources("AWS::S3::Bucket")["DropsBucket"]
    (rule,) = bucket["LifecycleConfiguration"]["Rules"]
    days = template()["Parameters"]["DropRetentionDays"]

    assert bucket["VersioningConfiguration"] == {"Status": "Enabled"}
    assert rule["ExpirationInDays"] == rule["NoncurrentVersionExpiration"]["NoncurrentDays"]
    assert rule["ExpirationInDays"] == {"Ref": "DropRetentionDays"}
    assert days["MinValue"] * 24 * 3600 > QUEUES["DropQueue"]["MessageRetentionPeriod"]


def test_a_chunk_has_as_many_rows_as_a_job_should_have():
    rows = template()["Parameters"]["ChunkRows"]

    assert (rows["MinValue"], rows["MaxValue"]) == (10_000, 50_000)


def test_splitting_stays_small_and_has_time_to_store_what_it_began():
    assert FUNCTIONS["BulkSplitFunction"]["MemorySize"] == 256
    assert FUNCTIONS["BulkSplitFunction"]["Timeout"] * 1000 > 2 * STORING_TIME_MS
