"""Settings of the functions, read once from environment variables: the only place that reads them."""

import os
from collections.abc import Mapping
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from lockstep.domain.failures import FailureKind, SyncError

NonEmpty = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
PositiveInt = Annotated[int, Field(gt=0)]
Percent = Annotated[int, Field(ge=0, le=100)]


class Settings(BaseModel):
    """A group of settings; the field `queue_url` is the variable QUEUE_URL."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True, defer_build=True)

    @classmethod
    def from_env(cls, environ: Mapping[str, str] | None = None) -> Self:
        """Read the settings.

        Raises:
            SyncError: CONFIGURATION_INVALID, naming every variable that is missing or wrong.
        """
        values = os.environ if environ is None else environ
        given = {name: values[name.upper()] for name in cls.model_fields if name.upper() in values}
        try:
            return cls.model_validate(given)
        except ValidationError as exc:
            raise SyncError(FailureKind.CONFIGURATION_INVALID, _problems(exc)) from None


def _problems(error: ValidationError) -> str:
    found = error.errors(include_input=False, include_url=False, include_context=False)
    problems = "; ".join(f"{str(each['loc'][0]).upper()}: {each['msg']}" for each in found)
    return f"environment variables of the function are missing or wrong: {problems}. Set them in template.yaml"


class WebhookSettings(Settings):
    """What the webhook function needs.

    `public_base_url` is what stands before `/webhooks/…` in the URL that senders call; empty where that is the API's
    own address.
    """

    change_log_table: NonEmpty
    inbound_queue_url: NonEmpty
    payload_bucket: NonEmpty
    secret_prefix: NonEmpty
    public_base_url: str
    claim_lease_seconds: PositiveInt
    change_log_retention_days: PositiveInt
    secret_max_age_seconds: PositiveInt
    max_body_bytes: PositiveInt = 4_000_000  # Lambda's request limit is 6 MB, and base64 adds a third


class SignInSettings(Settings):
    """What a function needs that talks to Salesforce.

    `secret_prefix` is the stack's name and a slash. `allowed_instance_hosts` are hosts beside Salesforce's own that
    tokens may be sent to, separated by commas.
    """

    secret_prefix: NonEmpty
    lease_table: NonEmpty
    salesforce_login_url: Annotated[str, StringConstraints(pattern=r"^https://")]
    allowed_instance_hosts: str
    salesforce_api_version: Annotated[str, StringConstraints(pattern=r"^\d\d\.0$")]

    @property
    def stack_name(self) -> str:
        """What alerts call the stack."""
        return self.secret_prefix.rstrip("/")


class LaneSettings(SignInSettings):
    """What a function needs that writes changes to Salesforce."""

    change_log_table: NonEmpty
    change_log_retention_days: PositiveInt
    version_guard_table: NonEmpty
    error_log_table: NonEmpty
    max_tries: PositiveInt = 7
    first_retry_seconds: PositiveInt = 60
    inbound_queue_url: NonEmpty
    payload_bucket: NonEmpty
    alert_topic_arn: NonEmpty
    describe_max_age_seconds: PositiveInt
    hold_broken_routes: bool = True
    connection_table: NonEmpty
    circuit_topic_arn: NonEmpty
    api_reserve_percent: Percent


class UpsertSettings(LaneSettings):
    """What the upsert function needs.

    Where more than `bulk_threshold` messages wait it hands whole batches over to the bulk lane; with 0 it never does.
    """

    guard_lease_seconds: PositiveInt
    inbound_dead_letter_queue_url: NonEmpty
    load_table: NonEmpty
    chunk_queue_url: NonEmpty
    bulk_threshold: Annotated[int, Field(ge=0)]
    upsert_batch_size: PositiveInt


class BulkSettings(LaneSettings):
    """What the bulk_submit function needs; a chunk is the function's for `chunk_lease_seconds`.

    A job of a route without a fence has its records for `bulk_claim_hours`. Changes of a backlog go by REST where they
    have waited for `bulk_give_back_minutes` in vain.
    """

    load_table: NonEmpty
    chunk_queue_url: NonEmpty
    poll_queue_url: NonEmpty
    bulk_jobs_per_object: PositiveInt
    chunk_lease_seconds: PositiveInt
    bulk_claim_hours: PositiveInt
    bulk_give_back_minutes: PositiveInt


class BulkPollSettings(BulkSettings):
    """What the bulk_poll function needs."""

    bulk_stuck_after_minutes: PositiveInt


class MonitorSettings(SignInSettings):
    """What the monitor function needs; `lane_mapping_ids` are UUIDs, separated by commas."""

    connection_table: NonEmpty
    error_log_table: NonEmpty
    change_log_retention_days: PositiveInt
    mirror_errors: bool = True
    lane_mapping_ids: NonEmpty
    alert_topic_arn: NonEmpty
    api_reserve_percent: Percent


class RetrySettings(Settings):
    """What the retry function needs."""

    error_log_table: NonEmpty
    change_log_retention_days: PositiveInt
    inbound_queue_url: NonEmpty
    connection_table: NonEmpty


class DeadLetterSettings(Settings):
    """What the dead_letter function needs."""

    change_log_table: NonEmpty
    change_log_retention_days: PositiveInt
    error_log_table: NonEmpty
    version_guard_table: NonEmpty
    payload_bucket: NonEmpty


class AccountSettings(Settings):
    """What the account function needs; `account_megabytes` of the change log are read by a run at most."""

    change_log_table: NonEmpty
    change_log_retention_days: PositiveInt
    error_log_table: NonEmpty
    connection_table: NonEmpty
    lease_table: NonEmpty
    inbound_queue_url: NonEmpty
    inbound_dead_letter_queue_url: NonEmpty
    load_table: NonEmpty
    payload_bucket: NonEmpty
    account_megabytes: PositiveInt
    late_after_seconds: PositiveInt


class NotifySettings(Settings):
    """What the notify function needs."""

    secret_prefix: NonEmpty
    secret_max_age_seconds: PositiveInt


class LoadAlertSettings(Settings):
    """What a function needs that tells people of loads; `secret_prefix` is the stack's name and a slash."""

    secret_prefix: NonEmpty
    load_table: NonEmpty
    lease_table: NonEmpty
    alert_topic_arn: NonEmpty
    payload_bucket: NonEmpty

    @property
    def stack_name(self) -> str:
        """What alerts call the stack."""
        return self.secret_prefix.rstrip("/")


class BulkSplitSettings(LoadAlertSettings):
    """What the bulk_split function needs."""

    drop_queue_url: NonEmpty
    drop_dead_letter_queue_url: NonEmpty
    chunk_queue_url: NonEmpty
    chunk_rows: PositiveInt


class BulkDeadLetterSettings(LoadAlertSettings):
    """What the bulk_dead_letter function needs."""

    error_log_table: NonEmpty
    change_log_retention_days: PositiveInt
