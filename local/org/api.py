"""The org's API: one function from request to reply, with the one table of routes."""

import os
import time
from dataclasses import replace
from http import HTTPStatus
from typing import Any

from local.org import (
    batch_views,
    collection_views,
    composite_views,
    limit_views,
    query_views,
    record_views,
    replication_views,
    schema_views,
    tree_views,
)
from local.org.bulk import ingest_views, query_job_views
from local.org.calls import Call
from local.org.calm import no_collections
from local.org.control import answer_control
from local.org.errors import OrgError, not_found
from local.org.faults import CallFacts, FaultPlan
from local.org.json_text import to_json
from local.org.messages import Answer, Headers, Reply, Request
from local.org.oauth import answer_oauth
from local.org.oauth_replies import bearer_token, oauth_error
from local.org.org import Org
from local.org.refusals import REFUSALS, refused
from local.org.request_length import check_length
from local.org.resources import answer_resource, version_of
from local.org.routing import Route, find_route
from local.org.window.router import answer_window

ROUTES = (
    Route("GET", "", schema_views.list_resources),
    Route("GET", "limits", limit_views.limits),
    Route("GET", "limits/recordCount", limit_views.record_counts),
    Route("GET", "query", query_views.query),
    Route("GET", "query/{locator}", query_views.query_more),
    Route("GET", "queryAll", query_views.query_all),
    Route("GET", "queryAll/{locator}", query_views.query_more),
    Route("GET", "sobjects", schema_views.describe_global),
    Route("GET", "sobjects/{object}", schema_views.basic_information),
    Route("POST", "sobjects/{object}", record_views.create_record),
    Route("GET", "sobjects/{object}/describe", schema_views.describe_object),
    Route("POST", "sobjects/{object}/Id", record_views.create_by_id_field),
    Route("GET", "sobjects/{object}/deleted", replication_views.deleted),
    Route("GET", "sobjects/{object}/updated", replication_views.updated),
    Route("GET", "sobjects/{object}/{id}", record_views.read_record),
    Route("PATCH", "sobjects/{object}/{id}", record_views.update_record),
    Route("DELETE", "sobjects/{object}/{id}", record_views.delete_record),
    Route("GET", "sobjects/{object}/{field}/{value}", record_views.read_by_external_id),
    Route("PATCH", "sobjects/{object}/{field}/{value}", record_views.upsert_by_external_id),
    Route("DELETE", "sobjects/{object}/{field}/{value}", record_views.delete_by_external_id),
    Route("POST", "composite", composite_views.composite),
    Route("POST", "composite/batch", batch_views.batch),
    Route("POST", "composite/graph", composite_views.graph),
    Route("POST", "composite/tree/{object}", tree_views.create_tree),
    Route("POST", "composite/sobjects", collection_views.create_records),
    Route("PATCH", "composite/sobjects", collection_views.update_records),
    Route("DELETE", "composite/sobjects", collection_views.delete_records),
    Route("GET", "ui-api/object-info/{object}/picklist-values/{record_type}", schema_views.picklist_values),
    Route("GET", "composite/sobjects/{object}", collection_views.read_records),
    Route("POST", "composite/sobjects/{object}", collection_views.read_listed_records),
    Route("PATCH", "composite/sobjects/{object}/{field}", collection_views.upsert_records),
    Route("POST", "jobs/ingest", ingest_views.create_job),
    Route("GET", "jobs/ingest", ingest_views.list_jobs),
    Route("GET", "jobs/ingest/{job}", ingest_views.read_job),
    Route("PATCH", "jobs/ingest/{job}", ingest_views.change_state),
    Route("DELETE", "jobs/ingest/{job}", ingest_views.delete_job),
    Route("PUT", "jobs/ingest/{job}/batches", ingest_views.upload),
    Route("GET", "jobs/ingest/{job}/successfulResults", ingest_views.successful_results),
    Route("GET", "jobs/ingest/{job}/failedResults", ingest_views.failed_results),
    Route("GET", "jobs/ingest/{job}/unprocessedrecords", ingest_views.unprocessed_records),
    Route("POST", "jobs/query", query_job_views.create_job),
    Route("GET", "jobs/query", query_job_views.list_jobs),
    Route("GET", "jobs/query/{job}", query_job_views.read_job),
    Route("PATCH", "jobs/query/{job}", query_job_views.change_state),
    Route("DELETE", "jobs/query/{job}", query_job_views.delete_job),
    Route("GET", "jobs/query/{job}/results", query_job_views.results),
)

_CONCURRENT = "ConcurrentRequests (Concurrent API Requests) Limit exceeded."
_METHODS_WITH_BODY = frozenset({"PUT", "POST", "PATCH"})
_MOST_LOGGED_CHARACTERS = 2_000
_BASE_HEADERS: Headers = (
    ("Strict-Transport-Security", "max-age=63072000; includeSubDomains"),
    ("X-Robots-Tag", "none"),
    ("Cache-Control", "no-cache,must-revalidate,max-age=0,no-store,private"),
    ("Vary", "Accept-Encoding"),
    ("Set-Cookie", "BrowserId=local; path=/; Max-Age=31536000"),
    ("Set-Cookie", "CookieConsentPolicy=0:1; path=/; Max-Age=31536000"),
    ("Set-Cookie", "LSKey-c$CookieConsentPolicy=0:1; path=/; Max-Age=31536000"),
)
_JSON: Headers = (("Content-Type", "application/json;charset=UTF-8"),)
_HTML_PAGE = b"<html><head><title>Error</title></head><body><h1>%d</h1></body></html>"


def handle(org: Org, request: Request) -> Reply:
    """Answer one request, as the planned faults let it."""
    if request.segments[:1] == ("_org",):
        return answer_control(org, request)
    if request.segments == () or request.segments[0] == "_window":
        return answer_window(org, request)
    started_s = time.perf_counter()
    return _logged(org, request, _with_faults(org, request), started_s)


def _logged(org: Org, request: Request, reply: Reply, started_s: float) -> Reply:
    duration_s = time.perf_counter() - started_s + reply.delay_s
    target = request.target[:_MOST_LOGGED_CHARACTERS]
    call = Call(request.method, target, reply.status, org.clock.now_s(), reply.rows, duration_s)
    org.call_log.add(call)
    org.exchanges.add(call, request, reply)
    headers = [("X-SFDC-Request-Id", os.urandom(16).hex()), *reply.headers]
    return replace(reply, headers=headers)


def fault_of_body(org: Org, method: str, target: str) -> FaultPlan | None:
    """Return the fault that strikes while the body of a call is read; the doors ask before they read it."""
    if method not in _METHODS_WITH_BODY:
        return None
    return org.faults.for_middle(CallFacts(method, target.partition("?")[0], b""))


def handle_cut_body(org: Org, request: Request, plan: FaultPlan) -> Reply:
    """Answer a call of whose body a fault let only a part come in: nothing is done but what the plan says.

    A plan that says no more than where drops the connection there.
    """
    started_s = time.perf_counter()
    if plan.ends_sessions:
        org.expire_sessions()
    if plan.ends_sessions and not plan.replaces_answer:
        reply = _answer(org, request)
    else:
        reply = replace(_fault_reply(request, plan), drop_connection=plan.drops_body)
    return _logged(org, request, reply, started_s)


def _with_faults(org: Org, request: Request) -> Reply:
    if (closed := org.maintenance.closed(request.segments)) is not None:
        return closed
    plan = org.faults.for_call(CallFacts(request.method, request.path, request.body))
    if plan is None:
        return _with_break(org, request)
    if request.segments[:2] == ("services", "data"):
        with org.lock:
            org.long_calls.start(plan.delay_s)
    if plan.holds_locks:
        request = replace(request, holds_locks_s=plan.delay_s)
    if not plan.replaces_answer:
        reply = _answer_and_end_sessions(org, request, plan)
        return replace(reply, delay_s=max(reply.delay_s, plan.delay_s))
    rows = _answer_and_end_sessions(org, request, plan).rows if plan.when == "after" else 0
    return replace(_fault_reply(request, plan), rows=rows)


def _with_break(org: Org, request: Request) -> Reply:
    """Answer a call whose answer may break off in its middle."""
    reply = _answer(org, request)
    if request.method in _METHODS_WITH_BODY:
        return reply
    plan = org.faults.for_middle(CallFacts(request.method, request.path, request.body))
    if plan is None:
        return reply
    if plan.ends_sessions:
        org.expire_sessions()
    return replace(reply, cut_after_bytes=plan.after_bytes, chunked=plan.chunked, delay_s=plan.delay_s)


def _answer_and_end_sessions(org: Org, request: Request, plan: FaultPlan) -> Reply:
    if plan.ends_sessions and plan.when == "before":
        org.expire_sessions()
    reply = _answer(org, request)
    if plan.ends_sessions and plan.when == "after":
        org.expire_sessions()
    return reply


def _fault_reply(request: Request, plan: FaultPlan) -> Reply:
    status, code, message = plan.answer
    if plan.html:
        reply = Reply(status, _HTML_PAGE % status, [("Content-Type", "text/html;charset=UTF-8"), *_BASE_HEADERS])
    elif request.segments[:2] == ("services", "oauth2"):
        reply = oauth_error(status, code, message)
    else:
        reply = _json_reply(request, status, [{"message": message, "errorCode": code}])
    return replace(reply, delay_s=plan.delay_s, drop_connection=plan.drop_connection)


def _answer(org: Org, request: Request) -> Reply:
    """Answer under the org's lock; every refusal becomes the error body that Salesforce sends."""
    try:
        check_length(request)
        with org.lock, no_collections():
            return _dispatch(org, request)
    except REFUSALS as error:
        answer = refused(error, "/".join(request.path.split("/")[:4]))
        headers = [*_limit_info(org, answer.status), *answer.headers]
        return _json_reply(request, answer.status, answer.value, headers)


def _dispatch(org: Org, request: Request) -> Reply:
    segments = request.segments
    if (reply := answer_oauth(org, request)) is not None:
        return reply
    if segments == ("services", "data"):
        find_route([Route("GET", "", schema_views.list_resources)], request, request.method, ())
        return _json_reply(request, HTTPStatus.OK, schema_views.versions())
    if segments[:2] != ("services", "data"):
        raise not_found(f"{request.method} {request.path} is not emulated")
    answer = _answer_resource(org, request, version_of(segments[2]))
    reply = _json_reply(request, answer.status, answer.value, [*_limit_info(org, answer.status), *answer.headers])
    return replace(reply, rows=answer.rows, parts=answer.parts, delay_s=answer.delay_s)


def _answer_resource(org: Org, request: Request, version: str) -> Answer:
    _check_session(org, bearer_token(request))
    if org.usage.is_spent:
        raise OrgError(HTTPStatus.FORBIDDEN, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.")
    if org.long_calls.are_too_many:
        raise OrgError(HTTPStatus.FORBIDDEN, "REQUEST_LIMIT_EXCEEDED", _CONCURRENT)
    org.usage.count()
    if request.segments[3:4] == ("jobs",):  # what a job writes is no part of the call that looks at it
        return answer_resource(org, request, version, ROUTES)
    org.look_at_bulk()
    answer, goes_on_s = org.row_locks.run(lambda: answer_resource(org, request, version, ROUTES), request.holds_locks_s)
    return replace(answer, delay_s=goes_on_s) if goes_on_s else answer


def _check_session(org: Org, token: str) -> None:
    if not org.sessions.is_valid(token):
        raise OrgError(HTTPStatus.UNAUTHORIZED, "INVALID_SESSION_ID", "Session expired or invalid")
    if not org.sessions.opens_api(token):
        message = "This session is not valid for use with the REST API"
        raise OrgError(HTTPStatus.UNAUTHORIZED, "INVALID_SESSION_ID", message)


def _limit_info(org: Org, status: int) -> list[tuple[str, str]]:
    return [] if status == HTTPStatus.UNAUTHORIZED else [("Sforce-Limit-Info", org.usage.header())]


def _json_reply(request: Request, status: int, value: Any, headers: Headers = ()) -> Reply:
    if value is None:
        return Reply(status, b"", [*_BASE_HEADERS, *headers])
    body = to_json(value, pretty=request.header("x-prettyprint") == "1")
    return Reply(status, body, [*_JSON, *_BASE_HEADERS, *headers])
