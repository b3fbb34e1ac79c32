"""Contact centres, whose events come by EventBridge, a workspace's callback or curl, and in parts."""

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl, urlencode

import pytest

from tests.platforms.senders import FORM, TWILIO_TOKEN, Line, payload
from tests.web.conftest import Api

CONTACT = "11111111-1111-4111-8111-111111111111"
CALL = "CA0123456789abcdef0123456789abcdef"


def changed(name: str, change: Callable[[dict[str, Any]], None]) -> bytes:
    document = json.loads(payload(name))
    change(document)
    return json.dumps(document).encode()


def form(name: str, **changes: str) -> bytes:
    return urlencode(dict(parse_qsl(payload(name).decode(), keep_blank_values=True)) | changes).encode()


def test_amazon_connect_has_no_number_of_its_own(api: Api) -> None:
    line = Line(api, "amazon_connect")
    line.post(payload("amazon_connect.json"))
    call = line.call
    assert (call.call_id, call.agent_id, call.queue) == (CONTACT, "a-1042", "q-billing")
    assert (call.talk_seconds, call.wait_seconds) == (60, 3)
    assert line.invitation.skip_reason == "no_contact"


def test_amazon_connect_with_the_number_that_the_rule_adds(api: Api) -> None:
    line = Line(api, "amazon_connect")
    line.post(changed("amazon_connect.json", lambda event: event.update(phone="+447700900123")))
    assert line.invitation.state == "scheduled"


def capitals(event: dict[str, Any]) -> None:
    event["detail"] = {name[:1].upper() + name[1:]: value for name, value in event["detail"].items()}
    event["detail"]["Channel"] = "VOICE"


def test_amazon_connect_in_capital_letters(api: Api) -> None:
    line = Line(api, "amazon_connect")
    line.post(changed("amazon_connect.json", capitals))
    assert (line.call.call_id, line.call.agent_id) == (CONTACT, "a-1042")


def test_amazon_connect_a_transfer_and_the_work_after_it_are_of_one_call(api: Api) -> None:
    def second(event: dict[str, Any]) -> None:
        event["detail"].update(contactId="2222", initiationMethod="TRANSFER", phone="+447700900123")
        event["detail"]["agentInfo"]["agentArn"] = "arn:x/agent/a-2"
        event["detail"]["disconnectTimestamp"] = event["detail"]["disconnectTimestamp"].replace(
            "000Z", "900Z"
        )

    def after(event: dict[str, Any]) -> None:
        second(event)
        event["detail"]["eventType"] = "COMPLETED"
        event["detail"]["agentInfo"].update(
            afterContactWorkStartTimestamp="2026-03-02T10:00:00Z",
            afterContactWorkEndTimestamp="2026-03-02T10:00:31Z",
        )

    line = Line(api, "amazon_connect")
    line.post(changed("amazon_connect.json", lambda event: event.update(phone="+447700900123")))
    line.post(changed("amazon_connect.json", second))
    line.post(changed("amazon_connect.json", after))
    call = line.call
    assert (call.agent_id, call.transferred_from, call.wrap_seconds) == ("a-2", "a-1042", 31)


def test_amazon_connect_what_is_no_end_of_a_call(api: Api) -> None:
    changes: list[tuple[Callable[[dict[str, Any]], None], str]] = [
        (lambda event: event["detail"].update(eventType="INITIATED"), "not_final"),
        (lambda event: event["detail"].update(channel="CHAT"), "not_voice"),
        (lambda event: event.update(detail={}), "not_a_call"),
        (lambda event: event.update(detail=[1]), "not_a_call"),
    ]
    line = Line(api, "amazon_connect")
    for change, reason in changes:
        assert line.post(changed("amazon_connect.json", change)).status_code == 200
        assert line.events[0] == ("ignored", reason)


def test_genesys(api: Api) -> None:
    line = Line(api, "genesys")
    line.post(payload("genesys_user_end.json"))
    call = line.call
    assert (call.agent_id, call.queue, call.talk_seconds, call.ended_by) == ("u-7", "q-sales", 84, "agent")
    assert line.invitation.state == "scheduled"


def transferred(event: dict[str, Any]) -> None:
    body = event["detail"]["eventBody"]
    body.update(disconnectType="TRANSFER", userId="u-1", eventTime=body["eventTime"] - 90_000, queueId=None)


def of_the_customer(event: dict[str, Any]) -> None:
    event["detail"]["topicName"] = event["detail"]["topicName"].replace("user", "customer")
    event["detail"]["eventBody"].pop("userId")


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 0, 2), (0, 2, 1)])
def test_genesys_a_transfer_yields_several_ends_of_one_call(api: Api, order: tuple[int, ...]) -> None:
    events = [
        changed("genesys_user_end.json", transferred),
        payload("genesys_user_end.json"),
        changed("genesys_user_end.json", of_the_customer),
    ]
    line = Line(api, "genesys")
    for number in order:
        assert line.post(events[number]).status_code == 200
    call = line.call
    assert (call.agent_id, call.transferred_from, call.talk_seconds) == ("u-7", "u-1", 84)
    assert line.invitation.state == "scheduled"


def test_genesys_nobody_is_asked_while_the_next_agent_may_still_talk(api: Api) -> None:
    line = Line(api, "genesys")
    line.post(changed("genesys_user_end.json", transferred))
    assert (line.calls, line.events) == ([], [("accepted", "waiting")])


def test_taskrouter(api: Api) -> None:
    line = Line(api, "twilio_taskrouter", secret=TWILIO_TOKEN)
    answer = line.post(payload("twilio_taskrouter.form"), content_type=FORM)
    assert (answer.status_code, answer.data, answer.content_type) == (204, b"", "application/json")
    call = line.call
    assert (call.call_id, call.agent_name, call.team, call.queue) == (CALL, "Ada L", "blue", "Everyone")
    assert (call.ended_at - call.started_at).total_seconds() == 95
    assert line.invitation.state == "scheduled"


def test_taskrouter_what_was_abandoned_is_not_asked(api: Api) -> None:
    line = Line(api, "twilio_taskrouter", secret=TWILIO_TOKEN)
    line.post(form("twilio_taskrouter.form", EventType="task.canceled", WorkerSid=""), content_type=FORM)
    assert line.invitation.skip_reason == "not_answered"


def test_taskrouter_what_is_no_end_of_a_call(api: Api) -> None:
    changes = [
        ({"EventType": "task.created"}, "not_final"),
        ({"EventType": "worker.activity.update"}, "not_a_call"),
        ({"TaskChannelUniqueName": "chat"}, "not_voice"),
        ({"TaskAttributes": "{", "TaskChannelUniqueName": "default"}, "not_voice"),
    ]
    line = Line(api, "twilio_taskrouter", secret=TWILIO_TOKEN)
    for change, reason in changes:
        assert line.post(form("twilio_taskrouter.form", **change), content_type=FORM).status_code == 204
        assert line.events[0] == ("ignored", reason)


@pytest.mark.parametrize("kind", ["form", "json"])
def test_asterisk(api: Api, kind: str) -> None:
    fields = dict(parse_qsl(payload("asterisk.form").decode(), keep_blank_values=True))
    body = json.dumps(fields).encode() if kind == "json" else urlencode(fields).encode()
    line = Line(api, "asterisk")
    line.post(body, content_type=FORM)
    call = line.call
    assert (call.call_id, call.agent_id, call.agent_name) == ("1551264710.33", "PJSIP/1001", "Ada")
    assert (call.queue, call.talk_seconds, call.wait_seconds, call.ended_by) == ("support", 75, 12, "agent")
    assert line.invitation.state == "scheduled"


def asterisk(line: Line, **changes: str) -> None:
    assert line.post(form("asterisk.form", **changes), content_type=FORM).status_code == 200


def test_asterisk_who_gave_up_waiting_is_not_asked(api: Api) -> None:
    line = Line(api, "asterisk")
    asterisk(line, Event="ABANDON", Interface="", MemberName="")
    assert line.invitation.skip_reason == "not_answered"


def test_asterisk_who_leaves_a_queue_may_be_in_the_next(api: Api) -> None:
    line = Line(api, "asterisk")
    asterisk(line, Event="QueueCallerAbandon", Interface="", MemberName="")
    assert line.events == [("accepted", "waiting")]
    asterisk(line, Queue="second")
    assert (line.call.queue, line.invitation.state) == ("second", "scheduled")


def test_asterisk_who_leaves_a_queue_and_hangs_up_is_not_asked(api: Api) -> None:
    line = Line(api, "asterisk")
    asterisk(line, Event="QueueCallerAbandon", Interface="", MemberName="")
    asterisk(line, Event="CallerHangup", Interface="", MemberName="")
    assert line.invitation.skip_reason == "not_answered"


@pytest.mark.parametrize(
    "kind", [{"Reason": "transfer"}, {"Event": "BLINDTRANSFER", "Reason": ""}, {"Event": "ATTENDEDTRANSFER"}]
)
def test_asterisk_who_was_transferred_to_somebody_is_asked_when_they_hang_up(
    api: Api, kind: dict[str, str]
) -> None:
    line = Line(api, "asterisk")
    asterisk(line, **{"Reason": "transfer", "TransferredTo": "700"} | kind)
    assert line.events == [("accepted", "waiting")]
    asterisk(line, Event="CallerHangup", Interface="", MemberName="", TalkTime="")
    call = line.call
    assert (call.agent_name, call.talk_seconds, call.transferred_to) == ("Ada", 75, "700")
    assert line.invitation.state == "scheduled"


def test_asterisk_may_know_nothing_of_a_caller_who_is_gone(api: Api) -> None:
    line = Line(api, "asterisk")
    gone = {"Uniqueid": "", "Linkedid": "", "CallerIDNum": "<unknown>", "Reason": "caller"}
    asterisk(line, **gone, DestLinkedid="1551264710.33", DestConnectedLineNum="+447700900123")
    assert (line.call.call_id, line.call.ended_by) == ("1551264710.33", "customer")
    assert line.invitation.state == "scheduled"


def test_asterisk_says_unknown_for_what_is(api: Api) -> None:
    line = Line(api, "asterisk")
    asterisk(line, CallerIDNum="<unknown>", MemberName="<unknown>")
    assert line.call.agent_name is None
    assert line.invitation.skip_reason == "no_contact"
