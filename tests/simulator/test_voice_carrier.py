"""Twilio's REST API for calls, and what becomes of a call that was accepted."""

from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
import urllib3

from tests.simulator.receiver import Request
from tests.simulator.voice import CALLS, EVENTS, STATUS, VOICE, Telephone
from tests.simulator.world import NUMBER, PHONE, World, eventually, refusal

OTHER = "+12025550143"


def test_twilios_client_creates_fetches_and_lists_calls(telephone: Telephone, world: World) -> None:
    url = telephone.receiver.url + VOICE
    made = world.twilio.calls.create(to=PHONE, from_=NUMBER, url=url, timeout=20)
    assert (made.status, made.direction) == ("queued", "outbound-api")
    assert world.twilio.calls(made.sid).fetch().to == PHONE
    assert [call.sid for call in world.twilio.calls.list(to=PHONE)] == [made.sid]


@pytest.mark.parametrize(
    ("form", "code"),
    [
        ({"To": None}, 21201),
        ({"To": "12"}, 21211),
        ({"From": None}, 21213),
        ({"From": "+15005550001"}, 21210),
        ({"Url": None}, 21205),
        ({"Url": "voice"}, 21205),
        ({"StatusCallback": "voice"}, 21609),
        ({"Timeout": "0"}, 20001),
        ({"Timeout": "soon"}, 20001),
        ({"TimeLimit": "-1"}, 20001),
        ({"Method": "PUT"}, 20001),
        ({"MachineDetection": "yes"}, 20001),
    ],
)
def test_a_call_that_cannot_be_is_refused_in_twilios_words(
    telephone: Telephone, form: dict[str, Any], code: int
) -> None:
    response = telephone.create(**form)
    assert (response.status, response.json()["code"]) == (400, code)
    assert response.json().keys() == {"code", "message", "more_info", "status"}
    assert telephone.calls() == []


def test_an_event_that_there_is_not_is_refused(telephone: Telephone) -> None:
    assert telephone.create(events=("hung-up",)).json()["code"] == 21626


def test_credentials_are_asked_for(world: World) -> None:
    for path in (f"{CALLS}.json", f"{CALLS}/CA1.json"):
        assert world.request("GET", path).status == 401
    error = refusal(lambda: world.twilio.calls("CA" + "0c" * 16).fetch())
    assert (error.status, error.code) == (404, 20404)


def test_progress_is_told_in_order_with_twilios_fields(telephone: Telephone) -> None:
    telephone.document("<Say>Hello.</Say>")
    sid = telephone.told()
    telephone.do(sid, "answer")
    assert telephone.progress() == ["initiated", "ringing", "in-progress", "completed"]
    told = [request.fields for request in telephone.asked(STATUS)]
    assert {fields["CallSid"] for fields in told} == {sid}
    assert {fields["CallbackSource"] for fields in told} == {"call-progress-events"}
    assert [fields["SequenceNumber"] for fields in told] == ["0", "1", "2", "3"]
    assert [fields.get("CallDuration") for fields in told] == [None, None, None, "1"]


def test_only_the_end_is_told_unless_more_is_asked_for(telephone: Telephone) -> None:
    telephone.document("<Say>Hello.</Say>")
    telephone.do(telephone.ring(StatusCallback=telephone.receiver.url + STATUS), "answer")
    assert telephone.progress() == ["completed"]


def test_nobody_answers_until_the_time_is_out(telephone: Telephone) -> None:
    telephone.told(Timeout="2")
    eventually(lambda: telephone.progress() == ["initiated", "ringing", "no-answer"])
    assert telephone.calls()[0]["status"] == "no-answer"
    assert telephone.fetch(f"{CALLS}.json?Status=no-answer").json()["calls"][0]["duration"] == "0"


@pytest.mark.parametrize(("status", "told"), [({}, "busy"), ({"status": "no-answer"}, "no-answer")])
def test_a_call_is_declined(telephone: Telephone, status: dict[str, str], told: str) -> None:
    sid = telephone.told()
    assert telephone.do(sid, "reject", **status)["status"] == told
    assert telephone.progress()[-1] == told
    response = telephone.world.request("POST", f"/phones/{PHONE}/calls/{sid}/answer")
    assert response.status == 409


@pytest.mark.parametrize(
    ("end", "told"),
    [
        ("busy", ["initiated", "ringing", "busy"]),
        ("failed", ["initiated", "failed"]),
        ("no-answer", ["initiated", "ringing", "no-answer"]),
    ],
)
def test_a_telephone_may_be_told_how_calls_to_it_end(telephone: Telephone, end: str, told: list[str]) -> None:
    telephone.world.fault(call_ends={PHONE: end})
    telephone.told()
    eventually(lambda: telephone.progress() == told)


def test_the_service_ends_a_call(telephone: Telephone) -> None:
    telephone.document("<Gather/>")
    ringing, talking = telephone.told(), telephone.told()
    telephone.do(talking, "answer")
    assert telephone.update(talking, Status="canceled").json()["code"] == 21220
    assert telephone.update(talking, Status="completed").json()["status"] == "completed"
    assert telephone.update(ringing, Status="completed").json()["status"] == "canceled"
    eventually(lambda: {"completed", "canceled"} <= set(telephone.progress()))
    assert telephone.update(talking, Status="completed").json()["code"] == 21220


def test_the_service_gives_a_call_another_document(telephone: Telephone) -> None:
    call = telephone.talk("<Gather/>")
    telephone.update(call["sid"], Twiml="<Response><Say>Somebody else.</Say></Response>")
    eventually(lambda: telephone.calls()[0]["heard"] == ["Somebody else."])


def test_a_time_limit_ends_a_call(telephone: Telephone) -> None:
    telephone.talk("<Gather/>", TimeLimit="1")
    eventually(lambda: telephone.calls()[0]["status"] == "completed")


def test_lists_are_filtered_and_paged(telephone: Telephone) -> None:
    telephone.document("<Say>Hello.</Say>")
    first, second, third = telephone.ring(), telephone.ring(), telephone.ring(To=OTHER)
    telephone.do(second, "answer")

    def listed(**query: str) -> list[str]:
        response = telephone.fetch(f"{CALLS}.json?" + urlencode(query))
        return [call["sid"] for call in response.json()["calls"]]

    assert listed() == [third, second, first]
    assert listed(To=PHONE) == [second, first]
    assert listed(To=PHONE, From="+15005550009") == []
    assert listed(Status="completed") == [second]
    soon = (datetime.now(UTC) + timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
    assert second in listed(**{"StartTime<": soon})
    assert listed(**{"StartTime>": soon}) == []
    assert telephone.fetch(f"{CALLS}.json?StartTime=soon").status == 400
    page = telephone.fetch(f"{CALLS}.json?PageSize=2").json()
    assert [call["sid"] for call in page["calls"]] == [third, second]
    following = telephone.fetch(page["next_page_uri"]).json()
    assert [call["sid"] for call in following["calls"]] == [first]


def test_a_call_is_listed_late_when_the_list_lags(telephone: Telephone) -> None:
    telephone.world.fault(listing_lag=3600)
    sid = telephone.ring()
    assert telephone.fetch(f"{CALLS}.json").json()["calls"] == []
    assert telephone.fetch(f"{CALLS}/{sid}.json").json()["sid"] == sid


@pytest.mark.parametrize(
    ("fault", "status", "rung"),
    [
        ("rate_limited", 429, 0),
        ("error_before", 500, 0),
        ("error_after", 500, 1),
        ("broken_reply", 201, 1),
        ("drop_before", None, 0),
        ("drop_reply", None, 1),
    ],
)
def test_what_befalls_a_create_befalls_a_call(
    telephone: Telephone, fault: str, status: int | None, rung: int
) -> None:
    telephone.world.fault(**{fault: {"count": 1}})
    if status is None:
        with pytest.raises(urllib3.exceptions.ProtocolError):
            telephone.create()
    else:
        assert telephone.create().status == status
    assert len(telephone.world.get("/calls.json")) == rung
    assert telephone.create().status == 201


def test_a_number_is_refused_with_its_code(telephone: Telephone) -> None:
    telephone.world.fault(codes={PHONE: 21216})
    assert (telephone.create().status, telephone.create().json()["code"]) == (403, 21216)


@pytest.mark.parametrize(
    ("fate", "told"),
    [
        ("none", []),
        ("duplicate", [word for word in ("initiated", "ringing", "busy") for _ in range(2)]),
        ("shuffle", ["busy", "ringing", "initiated"]),
    ],
)
def test_callbacks_are_lost_doubled_and_shuffled(telephone: Telephone, fate: str, told: list[str]) -> None:
    telephone.world.fault(callbacks={fate: 1})
    sid = telephone.told()
    telephone.do(sid, "reject")
    assert telephone.progress() == told


def test_callbacks_may_come_before_the_create_is_answered(telephone: Telephone) -> None:
    telephone.world.fault(callbacks={"first": 1})
    telephone.told()
    assert telephone.progress() == ["initiated", "ringing"]


def test_the_oracle_shows_each_call_that_the_service_ordered(telephone: Telephone) -> None:
    sid = telephone.told()
    (call,) = telephone.world.get("/calls.json")
    assert (call["sid"], call["to"], call["url"]) == (sid, PHONE, telephone.receiver.url + VOICE)
    assert call["status_callback"] == telephone.receiver.url + STATUS


def test_a_hang_up_is_told_once(telephone: Telephone) -> None:
    telephone.document("<Gather/>")
    sid = telephone.told()
    telephone.do(sid, "answer")
    assert telephone.do(sid, "hangup")["status"] == "completed"
    assert telephone.world.request("POST", f"/phones/{PHONE}/calls/{sid}/hangup").status == 409
    assert telephone.progress() == [*EVENTS[:2], "in-progress", "completed"]


@pytest.mark.parametrize(
    ("deed", "order"),
    [
        ("answer", {"answered_by": "nobody"}),
        ("answer", {"timed": "yes"}),
        ("answer", {"colour": 1}),
        ("reject", {"status": "completed"}),
        ("press", {}),
        ("press", {"digits": "a"}),
        ("press", {"digits": 5}),
        ("speak", {"text": " "}),
        ("speak", {"text": "x", "end": "later"}),
        ("leave", {"status": "early"}),
    ],
)
def test_an_order_that_cannot_be_is_refused(
    telephone: Telephone, deed: str, order: dict[str, object]
) -> None:
    sid = telephone.ring()
    response = telephone.world.request("POST", f"/phones/{PHONE}/calls/{sid}/{deed}", order)
    assert response.status == 400


def test_a_call_belongs_to_its_telephone(telephone: Telephone) -> None:
    sid = telephone.ring()
    assert telephone.world.request("POST", f"/phones/{OTHER}/calls/{sid}/answer").status == 404
    assert (
        telephone.world.request("POST", f"/phones/{PHONE}/calls/{sid}/press", {"digits": "1"}).status == 409
    )
    eventually(lambda: [ring["sid"] for ring in telephone.world.get("/ringing.json")] == [sid])


def test_the_service_may_end_a_call_while_it_is_asked_what_to_say(telephone: Telephone) -> None:
    telephone.document("<Say>Never heard.</Say>")
    sid, next_sid = telephone.told(), telephone.told()

    def end(request: Request) -> None:
        if request.path == VOICE:
            telephone.update(request.fields["CallSid"], Status="completed")

    telephone.receiver.before_answer = end
    for each in (sid, next_sid):
        assert telephone.do(each, "answer")["heard"] == []
    telephone.do(telephone.told(), "reject")
    eventually(lambda: "busy" in telephone.progress())
    assert sorted(telephone.progress()).count("completed") == 2
