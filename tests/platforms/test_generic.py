"""Anything that signs as Standard Webhooks: check 1 of the security list, and what is read where."""

import json
import time
from dataclasses import replace
from typing import Any
from uuid import uuid4

from app.limits import Limits
from app.settings import Settings
from app.web.rate_limits import FailureLimit
from tests.platforms.senders import FORM, Line, standard_webhook
from tests.web.conftest import MAX_BODY_BYTES, PHONE, Api


def report(**changes: Any) -> bytes:
    now = int(time.time())
    said = {
        "call_id": "c-1",
        "direction": "inbound",
        "customer": {"phone": PHONE},
        "agent": {"id": "7", "team": "blue"},
        "started_at": now - 100,
        "ended_at": now,
        "talk_seconds": 80,
    }
    return json.dumps(said | changes).encode()


def test_a_call_that_ended_is_a_call_whose_customer_is_asked(api: Api) -> None:
    line = Line(api, "generic")
    answer = line.post(report())
    assert (answer.status_code, answer.json) == (
        200,
        {"outcome": "accepted", "reason": "invited", "call_id": "c-1"},
    )
    assert (line.call.agent_id, line.call.team, line.call.talk_seconds) == ("7", "blue", 80)
    assert line.call.source == line.made["id"]
    assert line.invitation.state == "scheduled"
    assert line.events == [("accepted", "invited")]
    assert api.rung


def test_fields_are_found_where_the_connection_says_they_are(api: Api) -> None:
    places = {
        "call_id": "data.id",
        "phone": "data.from",
        "agent_id": "data.legs.1.user",
        "queue": "?queue",
        "team": "data.meta.team",
        "attributes.order": "data.order",
        "tags": "data.labels",
    }
    line = Line(api, "generic", {"fields": places, "only": {"event": ["ended"]}, "default_country": "GB"})
    data = {
        "id": 4711,
        "from": "07400 123456",
        "legs": [{"user": 1}, {"user": 2}],
        "meta": json.dumps({"team": "red"}),
        "order": "A-1",
        "labels": ["new", "new", 3],
    }
    assert line.post(json.dumps({"event": "rings", "data": data}).encode()).json == {
        "outcome": "ignored",
        "reason": "not_wanted",
        "detail": "what the connection's `only` leaves out: event is none of ended",
    }
    line.post(json.dumps({"event": "ended", "data": data}).encode(), query="queue=billing")
    call = line.call
    assert (call.call_id, call.agent_id, call.queue, call.team) == ("4711", "2", "billing", "red")
    assert (call.attributes, call.tags) == ({"order": "A-1"}, ["new", "3"])
    assert line.invitation.state == "scheduled"


def test_a_form_is_read_like_json(api: Api) -> None:
    line = Line(api, "generic", {"fields": {"phone": "caller", "agent_id": "agent", "queue": "q"}})
    line.post(b"call_id=f-1&caller=%2B447700900123&agent=9&talk_seconds=00:01:20&q=sales", content_type=FORM)
    assert (line.call.agent_id, line.call.queue, line.call.talk_seconds) == ("9", "sales", 80)


def test_what_is_not_known_at_the_hang_up_is_added_later_and_contradicts_nothing(api: Api) -> None:
    line = Line(api, "generic")
    ended = {"ended_at": int(time.time()), "talk_seconds": 20}
    line.post(report(**ended | {"talk_seconds": 80}, agent=None))
    line.post(report(**ended, queue="billing", wrap_seconds=31))
    call = line.call
    assert (call.talk_seconds, call.queue, call.wrap_seconds, call.agent_id) == (80, "billing", 31, "7")
    assert line.events[0] == ("accepted", "completed")
    line.post(report(**ended, queue="else"))
    assert line.call.queue == "billing"
    assert line.events[0] == ("accepted", "repeat")


def test_01_what_is_signed_is_the_id_the_time_and_the_bytes_as_they_came(api: Api) -> None:
    line = Line(api, "generic")
    secret, body = str(line.secret), report()
    right = standard_webhook(secret, body)
    spaced = body.replace(b'": ', b'":')
    later = str(int(right["webhook-timestamp"]) + 1)
    assert line.post(spaced, right).status_code == 403
    assert line.post(body, {**right, "webhook-id": "msg_2"}).status_code == 403
    assert line.post(body, {**right, "webhook-timestamp": later}).status_code == 403
    for name in right:
        assert line.post(body, {key: value for key, value in right.items() if key != name}).status_code == 403
    assert line.calls == []
    assert line.post(body, right).status_code == 200


def test_01_five_minutes_both_ways(api: Api) -> None:
    line = Line(api, "generic")
    body = report()
    for off, status in ((-302, 403), (302, 403), (-295, 200), (295, 200)):
        assert line.post(body, standard_webhook(str(line.secret), body, off=off)).status_code == status
    assert line.events[-2:] == [("refused", "clock")] * 2


def test_02_a_replay_gets_the_first_result(api: Api) -> None:
    line = Line(api, "generic")
    body = report()
    signed = standard_webhook(str(line.secret), body)
    first, *rest = (line.post(body, signed) for _ in range(3))
    assert [(again.status_code, again.data) for again in rest] == [(200, first.data)] * 2
    assert len(line.calls) == 1
    shown: Any = api("GET", f"/v1/connections/{line.made['id']}").json
    assert [event["repeats"] for event in shown["events"]] == [2]


def test_03_two_secrets_are_believed_during_a_rotation(api: Api) -> None:
    line = Line(api, "generic")
    old = str(line.secret)
    rotated: Any = api("POST", f"/v1/connections/{line.made['id']}/rotate").json
    new = rotated["secret"]
    assert (rotated["secrets"], new != old) == (2, True)
    for number, secret in enumerate((old, new)):
        body = report(call_id=f"c-{number}")
        assert line.post(body, standard_webhook(secret, body)).status_code == 200
    api("POST", f"/v1/connections/{line.made['id']}/rotate", {})
    body = report(call_id="c-9")
    assert line.post(body, standard_webhook(old, body)).status_code == 403
    assert line.post(body, standard_webhook(new, body)).status_code == 200


def test_a_stranger_can_not_tell_a_connection_from_none(api: Api) -> None:
    line = Line(api, "generic")
    body, wrong = report(), standard_webhook("whsec_" + "A" * 43 + "=", report())
    known = line.post(body, wrong)
    others = [
        f"/hooks/calls/generic/{uuid4()}",
        f"/hooks/calls/generic/{'x' * 200}",
        f"/hooks/calls/freeswitch/{line.made['id']}",
        f"/hooks/calls/nobody/{line.made['id']}",
    ]
    told = {"type", "title", "status", "detail"}
    for path in others:
        answer: Any = api.client.post(path, data=body, headers=wrong)
        assert {key: answer.json[key] for key in told} == {key: known.json[key] for key in told}  # type: ignore[index]
    assert known.status_code == 403
    assert line.events == [("refused", "wrong_signature")]


def test_whoever_guesses_is_slowed_down_and_leaves_no_more_rows(api: Api, settings: Settings) -> None:
    line = Line(api, "generic")
    services = api.app.extensions["postcall"]
    limited = replace(services, failure_limit=FailureLimit(Limits(settings.redis_url), 3))
    api.app.extensions["postcall"] = limited
    assert [line.post(report(), {}).status_code for _ in range(6)] == [403] * 3 + [429] * 3
    # what is right is never counted
    assert line.post(report()).status_code == 200
    api.app.extensions["postcall"] = services
    assert line.events == [("accepted", "invited"), *[("refused", "not_signed")] * 3]


def test_an_ended_connection_lets_nothing_in(api: Api) -> None:
    line = Line(api, "generic")
    assert api("DELETE", f"/v1/connections/{line.made['id']}").status_code == 204
    assert line.post(report()).status_code == 403
    api("PATCH", f"/v1/connections/{line.made['id']}", {"active": True})
    assert line.post(report()).status_code == 200


def test_what_was_ignored_is_looked_at_again_once_the_connection_is_mended(api: Api) -> None:
    line = Line(api, "generic")
    body = json.dumps({"id": "m-1", "customer": {"phone": PHONE}, "talk_seconds": 60}).encode()
    signed = standard_webhook(str(line.secret), body)
    assert line.post(body, signed).json == {
        "outcome": "ignored",
        "reason": "no_call_id",
        "detail": "it names no call",
    }
    api("PATCH", f"/v1/connections/{line.made['id']}", {"fields": {"call_id": "id"}})
    assert line.post(body, signed).json == {
        "outcome": "accepted",
        "reason": "invited",
        "call_id": "m-1",
    }
    assert line.events == [("accepted", "invited")]


def test_what_can_not_be_read_has_a_reason(api: Api) -> None:
    unreadable = [
        (b"{", "not_json"),
        (b"[1]", "not_an_object"),
        (b"\xff\xfe", "not_json"),
        (b"{}", "no_call_id"),
        (b'{"call_id": {"a": 1}}', "no_call_id"),
        (b'{"call_id": "c", "ended_at": "yesterday"}', "unreadable_time"),
        (b'{"call_id": "c", "ended_at": "2031-01-01T00:00:00Z"}', "impossible_times"),
    ]
    line = Line(api, "generic")
    for body, reason in unreadable:
        assert line.post(body).status_code == 200
        assert line.events[0] == ("ignored", reason)
    assert line.post(b"", content_type=FORM).status_code == 200
    assert line.events[0] == ("ignored", "not_a_form")
    assert line.calls == []


def test_too_large_is_too_large(api: Api) -> None:
    assert Line(api, "generic").post(b"x" * (MAX_BODY_BYTES + 1)).status_code == 413
