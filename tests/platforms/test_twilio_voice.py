"""Twilio's status callbacks of calls, of its own and of those that it dialled."""

import time
from email.utils import formatdate
from urllib.parse import urlencode

import pytest

from tests.platforms.senders import FORM, TWILIO_TOKEN, Line, twilio
from tests.web.conftest import ACCOUNT_SID, NUMBER, PHONE, Api

CALL = "CA" + "be98" * 8
CHILD = "CA" + "0d1f" * 8


def ended(**changes: str) -> bytes:
    said = {
        "CallSid": CALL,
        "AccountSid": ACCOUNT_SID,
        "Direction": "inbound",
        "CallbackSource": "call-progress-events",
        "SequenceNumber": "3",
        "Timestamp": formatdate(time.time() - 5),
        "CallStatus": "completed",
        "CallDuration": "49",
        "Duration": "1",
        "From": PHONE,
        "To": NUMBER,
        "Called": NUMBER,
        "Caller": PHONE,
        "ApiVersion": "2010-04-01",
    }
    return urlencode(said | changes).encode()


def line_of(api: Api, **settings: str) -> Line:
    return Line(api, "twilio_voice", dict(settings), secret=TWILIO_TOKEN)


def test_a_call_that_was_completed_is_a_call(api: Api) -> None:
    line = line_of(api)
    answer = line.post(ended(), query="agent=ada%20l&queue=billing", content_type=FORM)
    assert (answer.status_code, answer.data) == (204, b"")
    call = line.call
    assert (call.call_id, call.agent_id, call.queue) == (CALL, "ada l", "billing")
    # not Duration, which is billed minutes
    assert (call.talk_seconds, (call.ended_at - call.started_at).total_seconds()) == (49, 49)
    assert line.invitation.state == "scheduled"


def test_of_a_call_out_the_customer_is_whom_it_went_to(api: Api) -> None:
    line = line_of(api)
    line.post(ended(Direction="outbound-api", From=NUMBER, To=PHONE), content_type=FORM)
    assert (line.call.direction, line.invitation.state) == ("outbound", "scheduled")


def test_what_nobody_answered_is_kept_and_not_asked(api: Api) -> None:
    for status in ("busy", "failed", "no-answer", "canceled"):
        line = line_of(api)
        line.post(ended(CallStatus=status, CallDuration="0", SipResponseCode="486"), content_type=FORM)
        assert line.invitation.skip_reason == "not_answered"


def test_nor_is_a_machine_asked(api: Api) -> None:
    line = line_of(api)
    line.post(ended(Direction="outbound-api", AnsweredBy="machine_end_beep"), content_type=FORM)
    assert line.invitation.skip_reason == "not_answered"


def test_what_goes_on_is_ignored(api: Api) -> None:
    line = line_of(api)
    for status in ("initiated", "ringing", "in-progress", "?"):
        assert line.post(ended(CallStatus=status), content_type=FORM).status_code == 204
    assert (set(line.events), line.calls) == ({("ignored", "not_final")}, [])


@pytest.mark.parametrize("order", [(0, 1), (1, 0), (1, 0, 1, 0)])
def test_what_it_dialled_adds_the_agent(api: Api, order: tuple[int, ...]) -> None:
    dialled = ended(CallSid=CHILD, ParentCallSid=CALL, Direction="outbound-dial", CallDuration="31")
    line = line_of(api)
    for number in order:
        query = "agent=ada" if number else ""
        line.post((ended(), dialled)[number], query=query, content_type=FORM)
    assert (line.call.call_id, line.call.agent_id, line.call.talk_seconds) == (CALL, "ada", 49)
    assert line.invitation.state == "scheduled"


def test_whoever_else_signs_is_refused(api: Api) -> None:
    line = line_of(api)
    body = ended()
    url = f"http://survey.example{line.path}"
    for headers in (
        {},
        {"X-Twilio-Signature": "?"},
        twilio("another", url, body),
        twilio(TWILIO_TOKEN, url + "?agent=me", body),
        twilio(TWILIO_TOKEN, url, ended(From="+447700900999")),
    ):
        assert line.post(body, headers, content_type=FORM).status_code == 403
    # an empty form vouches for any body
    assert line.post(b"{}", twilio(TWILIO_TOKEN, url, b"")).status_code == 403
    assert line.calls == []
    assert line.post(body, content_type=FORM).status_code == 204


def test_a_field_that_swallows_another_is_not_read(api: Api) -> None:
    line = line_of(api)
    line.post(ended(CallSid=f"{CALL}CallStatuscompleted"), content_type=FORM)
    assert line.events == [("ignored", "not_understood")]


def test_an_old_token_is_believed_until_the_next_rotation(api: Api) -> None:
    line = line_of(api)
    path = f"/v1/connections/{line.made['id']}/rotate"
    assert api("POST", path).status_code == 422  # the secret is Twilio's: nobody else can make one
    rotated = api("POST", path, {"secret": "the-next-token"}).json
    assert rotated is not None
    assert "secret" not in rotated
    url = f"http://survey.example{line.path}"
    assert line.post(ended(), twilio(TWILIO_TOKEN, url, ended()), content_type=FORM).status_code == 204
    other = ended(CallSid=CHILD)
    assert line.post(other, twilio("the-next-token", url, other), content_type=FORM).status_code == 204
