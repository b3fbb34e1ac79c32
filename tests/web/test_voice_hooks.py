"""The doors for calls open only to what Twilio signed; whoever holds the telephone always hears an end."""

from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4
from xml.etree import ElementTree

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import OperationalError
from twilio.request_validator import RequestValidator  # type: ignore[import-untyped]
from werkzeug.test import TestResponse

from app.domain.channel import Channel
from app.store.messages import Attempt, Message
from app.store.phone_surveys import PhoneSurvey
from app.store.senders import add_sender
from tests.web.conftest import ACCOUNT_SID, AUTH_TOKEN, NUMBER, PHONE, Api

CALL_SID = "CA" + "0123456789abcdef" * 2
CALL = {
    "CallSid": CALL_SID,
    "AccountSid": ACCOUNT_SID,
    "From": PHONE,
    "To": NUMBER,
    "CallStatus": "in-progress",
}
NOBODY = "01890a5d-ac96-774b-bcce-b302099a8058"
DOORS = ("callback", "survey", "answer", "status", "recording", "transcription")


def post(api: Api, path: str, form: dict[str, str], token: str = AUTH_TOKEN, **options: Any) -> TestResponse:
    path = f"/hooks/twilio/voice/{path}"
    signature = RequestValidator(token).compute_signature(f"http://survey.example{path}", form)
    return api.client.post(path, data=form, headers={"X-Twilio-Signature": signature}, **options)


def is_a_hang_up(response: TestResponse) -> bool:
    assert response.status_code == 200
    assert response.content_type == "text/xml; charset=utf-8"
    return "<Gather" not in response.text and "<Hangup" in response.text


@pytest.fixture
def ringing(api: Api) -> Message:
    """The ask of a call back, whose request was made."""
    with api.sessions.begin() as session:
        sender_id = add_sender(
            session,
            api.account_id,
            provider_account=ACCOUNT_SID,
            auth_token=AUTH_TOKEN,
            number=NUMBER,
            channel=Channel.CALLBACK,
        )
    api.invite()
    with api.sessions.begin() as session:
        message = session.scalars(select(Message)).one()
        message.sender_id, message.state, message.attempts = sender_id, "claimed", 1
        session.add(
            Attempt(
                account_id=message.account_id,
                id=message.id,
                message_id=message.id,
                number=1,
                claim_id=message.id,
            )
        )
    return message


@pytest.mark.parametrize("door", DOORS)
def test_a_wrong_or_missing_signature_is_a_403(api: Api, door: str) -> None:
    assert post(api, door, CALL, token="another token").status_code == 403
    assert api.client.post(f"/hooks/twilio/voice/{door}", data=CALL).status_code == 403
    path = f"/hooks/twilio/voice/{door}"
    headers = {
        "X-Twilio-Signature": RequestValidator(AUTH_TOKEN).compute_signature(
            f"http://survey.example{path}", CALL
        )
    }
    elsewhere = api.client.post(f"{path}?account={uuid4()}", data=CALL, headers=headers)
    assert elsewhere.status_code == 403, "the address is signed too"


@pytest.mark.parametrize("door", DOORS)
def test_only_forms_are_read(api: Api, door: str) -> None:
    assert api.client.post(f"/hooks/twilio/voice/{door}", json=CALL).status_code == 415
    assert api.client.get(f"/hooks/twilio/voice/{door}").status_code == 405


@pytest.mark.parametrize(
    "path",
    [
        "callback",
        "callback?account=x&message=y",
        f"callback?account={NOBODY}&message={NOBODY}",
        "answer",
        f"answer?account={NOBODY}&phone={NOBODY}&turn=0",
        "answer?account=x&phone=y&turn=z",
        f"survey?account={NOBODY}",
    ],
)
def test_a_call_of_nobody_is_hung_up(api: Api, path: str) -> None:
    assert is_a_hang_up(post(api, path, CALL))


@pytest.mark.parametrize(
    "change",
    [
        {"CallSid": "CA"},
        {"CallSid": CALL_SID + "From"},
        {"Digits": "5<x>"},
        {"RecordingSid": "../../Messages"},
        {"RecordingDuration": "x"},
    ],
)
def test_fields_in_another_form_are_hung_up(api: Api, change: dict[str, str]) -> None:
    assert is_a_hang_up(post(api, "survey", CALL | change))


def test_a_person_hears_the_opening_and_a_second_call_a_hang_up(api: Api, ringing: Message) -> None:
    path = f"callback?account={ringing.account_id}&message={ringing.id}"
    first = post(api, path, CALL | {"Direction": "outbound-api", "AnsweredBy": "human"})
    assert "<Gather" in first.text
    assert post(api, path, CALL | {"Direction": "outbound-api", "AnsweredBy": "human"}).text == first.text
    assert is_a_hang_up(post(api, path, CALL | {"CallSid": "CA" + "f" * 32}))
    with api.sessions() as session:
        assert session.scalars(select(PhoneSurvey.call_sid)).all() == [CALL_SID]
        message = session.get_one(Message, (ringing.account_id, ringing.id))
        assert (message.state, message.provider_id) == ("delivered", CALL_SID)


def test_a_machine_hears_nothing_and_is_not_delivered_to(api: Api, ringing: Message) -> None:
    path = f"callback?account={ringing.account_id}&message={ringing.id}"
    assert is_a_hang_up(post(api, path, CALL | {"AnsweredBy": "machine_start"}))
    with api.sessions() as session:
        assert session.get_one(Message, (ringing.account_id, ringing.id)).delivered_at is None


def test_another_carrier_account_cannot_answer_for_it(api: Api, ringing: Message) -> None:
    with api.sessions.begin() as session:
        other = "AC" + "f" * 32
        add_sender(
            session,
            api.account("second"),
            provider_account=other,
            auth_token="its token",
            number="+15005550001",
        )
    form = CALL | {"AccountSid": other}
    path = f"callback?account={ringing.account_id}&message={ringing.id}"
    assert is_a_hang_up(post(api, path, form, token="its token"))
    ended = form | {"CallStatus": "busy"}
    path = f"status?account={ringing.account_id}&attempt={ringing.id}"
    assert post(api, path, ended, token="its token").status_code == 204
    with api.sessions() as session:
        assert session.get_one(Message, (ringing.account_id, ringing.id)).state == "claimed"


def test_an_answer_belongs_to_the_call_that_it_was_asked_in(api: Api, ringing: Message) -> None:
    path = f"callback?account={ringing.account_id}&message={ringing.id}"
    post(api, path, CALL)
    with api.sessions() as session:
        phone = session.scalars(select(PhoneSurvey)).one()
    path = f"answer?account={phone.account_id}&phone={phone.id}&turn=0"
    assert is_a_hang_up(post(api, path, CALL | {"CallSid": "CA" + "f" * 32, "Digits": "1"}))
    assert "<Gather" in post(api, path, CALL | {"Digits": "1"}).text


@pytest.mark.parametrize("status", ["busy", "no-answer", "failed", "canceled", "completed", "a-new-word"])
def test_a_report_is_taken_with_no_words(api: Api, ringing: Message, status: str) -> None:
    path = f"status?account={ringing.account_id}&attempt={ringing.id}"
    response = post(api, path, CALL | {"CallStatus": status})
    assert (response.status_code, response.data) == (204, b"")
    assert post(api, path, CALL | {"CallStatus": status}).status_code == 204


@pytest.mark.parametrize("path", ["status", "status?account=x&attempt=y", "recording", "transcription"])
def test_a_report_of_what_we_do_not_know_is_taken(api: Api, path: str) -> None:
    recorded = {
        "RecordingSid": "RE" + "a" * 32,
        "RecordingStatus": "completed",
        "TranscriptionStatus": "completed",
    }
    assert post(api, path, CALL | recorded).status_code == 204


@pytest.mark.parametrize("door", ["callback", "survey", "answer"])
@pytest.mark.parametrize("broken", ["run_unit", "unit_of_work"])
def test_trouble_in_our_house_is_waited_for_and_then_ends_the_call_politely(
    api: Api, door: str, broken: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise OperationalError("select", {}, Exception("the database is away"))

    monkeypatch.setattr(f"app.web.hooks.voice.{broken}", fail)
    path = f"{door}?account={uuid4()}&message={uuid4()}&phone={uuid4()}&turn=0"
    first = post(api, path, CALL)
    assert (first.status_code, first.text.count("<Pause"), first.text.count("<Redirect")) == (200, 1, 1)
    assert is_a_hang_up(post(api, f"{path}&again=2", CALL))
    chinese = post(api, f"{path}&again=2&language=zh", CALL)
    assert is_a_hang_up(chinese)
    assert "再见" in chinese.text


def test_a_key_that_met_trouble_is_kept(api: Api, ringing: Message, monkeypatch: pytest.MonkeyPatch) -> None:
    opening = post(api, f"callback?account={ringing.account_id}&message={ringing.id}", CALL)
    action = urlsplit(ElementTree.fromstring(opening.text)[0].attrib["action"])  # noqa: S314 - ours
    door = action.path.rpartition("/")[2]
    with monkeypatch.context() as patch:
        patch.setattr("app.web.hooks.voice.run_unit", lambda *_, **__: 1 / 0)
        trouble = post(api, f"{door}?{action.query}", CALL | {"Digits": "1"})
    again = urlsplit(ElementTree.fromstring(trouble.text)[1].text or "")  # noqa: S314 - ours
    assert "How satisfied" in post(api, f"{door}?{again.query}", CALL).text


def test_reports_are_brought_again_where_the_database_is_away(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise OperationalError("select", {}, Exception("the database is away"))

    monkeypatch.setattr("app.web.hooks.voice.unit_of_work", fail)
    assert post(api, "status", CALL).status_code == 503


def test_a_caller_is_asked_in_the_call(api: Api) -> None:
    response = post(api, "survey?source=pbx&call_id=7&agent=a1", CALL | {"DialCallStatus": "completed"})
    assert "<Gather" in response.text
    with api.sessions() as session:
        assert session.execute(text("select source, call_id, agent_id from call")).one() == ("pbx", "7", "a1")
    reported = api(
        "POST", "/v1/calls", api.call_end(source="pbx", call_id="7", agent={"id": "a2", "team": "blue"})
    )
    assert reported.status_code == 202
    assert reported.json is not None
    assert reported.json["invitation"]["channel"] == "ivr"
    assert api("GET", f"/v1/calls/{reported.json['call']['id']}").json["agent"]["id"] == "a2"  # type: ignore[index]


@pytest.mark.parametrize("told", [{"DialCallStatus": "no-answer"}, {"QueueResult": "leave"}])
def test_who_talked_with_nobody_is_not_asked(api: Api, told: dict[str, str]) -> None:
    assert is_a_hang_up(post(api, "survey", CALL | told))
    with api.sessions() as session:
        assert session.scalar(text("select count(*) from call")) == 0


def test_a_number_whose_plus_nobody_encoded_is_the_customers_number(api: Api) -> None:
    form = {**CALL, "From": NUMBER}
    heard = post(api, f"survey?source=pbx&call_id=c-1&customer={PHONE}", form)
    assert "<Gather" in heard.text


def test_names_in_an_address_may_hold_anything(api: Api) -> None:
    names = f"call_id=%00&source=%00%1b&queue={'q' * 5000}&agent=%ff&language=%00&customer=%00"
    response = post(api, f"survey?{names}", CALL)
    assert response.status_code == 200
    assert "<Redirect" not in response.text
