"""The benchmark runs the functions with settings of its own: they must be those that the functions read."""

import pytest

from bench import backlogs
from bench.org_bulk import measure_bulk
from bench.stack import ENVIRONMENT
from lockstep.runtime.settings import BulkPollSettings, UpsertSettings, WebhookSettings


@pytest.mark.parametrize("settings", [WebhookSettings, UpsertSettings, BulkPollSettings])
def test_benchmark_gives_a_function_every_setting_that_it_needs(settings):
    settings.from_env(ENVIRONMENT)


def test_benchmark_of_bulk_jobs_counts_what_the_org_holds():
    figures = measure_bulk(500, 300)

    assert (figures.created, figures.updated) == (300, 200)


def test_benchmark_counts_what_a_backlog_costs_both_ways():
    by_rest, by_bulk = backlogs.measure([3_100])

    assert (by_rest.value, by_bulk.value, by_bulk.limit) == (17, 8, 17)
