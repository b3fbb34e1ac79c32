"""What the carrier makes of the service's documents, and what the service hears of the person."""

import pytest
from twilio.request_validator import RequestValidator  # type: ignore[import-untyped]

from tests.simulator.receiver import Answer
from tests.simulator.voice import VOICE, Telephone
from tests.simulator.world import ACCOUNT_SID, AUTH_TOKEN, NUMBER, PHONE, eventually

ASK = '<Gather numDigits="1" action="/hooks/answer"><Say>From 1 to 5?</Say></Gather><Say>Nothing heard.</Say>'
APOLOGY = "[We are sorry, an application error has occurred. Goodbye.]"


def test_a_whole_survey_by_keys(telephone: Telephone) -> None:
    telephone.document("<Say>Thank you.</Say><Hangup/>", "/hooks/answer")
    call = telephone.talk(f"<Say>Hello.</Say><Pause length='2'/>{ASK}")
    assert call["status"] == "in-progress"
    assert call["heard"] == ["Hello.", "From 1 to 5?"]
    assert call["waiting"] == {"kind": "gather", "num_digits": 1, "finish_on_key": "#", "input": "dtmf"}
    call = telephone.do(call["sid"], "press", digits="5")
    assert (call["status"], call["waiting"]) == ("completed", None)
    assert call["heard"] == ["Hello.", "From 1 to 5?", "Thank you."]
    assert telephone.asked("/hooks/answer")[0].fields["Digits"] == "5"


def test_every_request_has_twilios_fields_and_signature(telephone: Telephone) -> None:
    call = telephone.talk(ASK.replace("/hooks/answer", "/hooks/answer?step=2&amp;word=a%20b"))
    telephone.do(call["sid"], "press", digits="4")
    first, second = telephone.asked()[0], telephone.asked("/hooks/answer")[0]
    fields = first.fields
    assert (fields["CallSid"], fields["AccountSid"]) == (call["sid"], ACCOUNT_SID)
    assert (fields["From"], fields["To"], fields["Direction"]) == (NUMBER, PHONE, "outbound-api")
    assert (fields["CallStatus"], fields["ApiVersion"]) == ("in-progress", "2010-04-01")
    assert second.path == "/hooks/answer?step=2&word=a%20b"
    for request in (first, second):
        signature = request.headers["X-Twilio-Signature"]
        url = telephone.receiver.url + request.path
        assert RequestValidator(AUTH_TOKEN).validate(url, request.fields, signature)


def test_a_document_may_ask_to_be_told_by_get(telephone: Telephone) -> None:
    telephone.document("<Say>Done.</Say>", "/hooks/answer")
    call = telephone.talk(ASK.replace("<Gather ", '<Gather method="GET" '))
    telephone.do(call["sid"], "press", digits="4")
    (request,) = telephone.asked("/hooks/answer")
    assert request.body == b""
    assert "Digits=4" in request.path
    signature = request.headers["X-Twilio-Signature"]
    assert RequestValidator(AUTH_TOKEN).validate(telephone.receiver.url + request.path, {}, signature)


def test_silence_falls_through_to_the_next_verb(telephone: Telephone) -> None:
    call = telephone.talk(ASK)
    call = telephone.do(call["sid"], "press", digits="")
    assert call["heard"] == ["From 1 to 5?", "Nothing heard."]
    assert call["status"] == "completed"
    assert telephone.asked("/hooks/answer") == []


def test_silence_reaches_the_action_where_the_document_wants_it(telephone: Telephone) -> None:
    telephone.document("<Say>Bye.</Say>", "/hooks/answer")
    call = telephone.talk(ASK.replace("<Gather ", '<Gather actionOnEmptyResult="true" '))
    call = telephone.do(call["sid"], "press", digits="")
    assert call["heard"] == ["From 1 to 5?", "Bye."]
    assert telephone.asked("/hooks/answer")[0].fields["Digits"] == ""


@pytest.mark.parametrize(
    ("pressed", "told"),
    [("10#", "10"), ("1", "1"), ("#7#5", "7"), ("*0", "*0"), ("123456789", "123")],
)
def test_several_keys_end_with_their_number_a_key_or_silence(
    telephone: Telephone, pressed: str, told: str
) -> None:
    call = telephone.talk('<Gather numDigits="3" action="/hooks/answer"/>')
    telephone.do(call["sid"], "press", digits=pressed)
    assert telephone.asked("/hooks/answer")[0].fields["Digits"] == told


def test_the_finish_key_alone_does_nothing(telephone: Telephone) -> None:
    call = telephone.talk(ASK)
    assert telephone.do(call["sid"], "press", digits="#")["waiting"]
    assert telephone.asked("/hooks/answer") == []


def test_a_gather_without_an_action_asks_its_own_document_again(telephone: Telephone) -> None:
    call = telephone.talk('<Gather numDigits="1"><Say>Again?</Say></Gather>')
    call = telephone.do(call["sid"], "press", digits="3")
    assert call["heard"] == ["Again?", "Again?"]
    assert telephone.asked()[1].fields["Digits"] == "3"


def test_words_reach_a_gather_that_listens_and_no_other(telephone: Telephone) -> None:
    call = telephone.talk(ASK)
    assert telephone.do(call["sid"], "speak", text="five")["waiting"]["kind"] == "gather"
    call = telephone.talk('<Gather input="dtmf speech" hints="one, two" action="/hooks/answer"/>')
    telephone.do(call["sid"], "speak", text="五分")
    (request,) = telephone.asked("/hooks/answer")
    assert (request.fields["SpeechResult"], request.fields["Confidence"]) == ("五分", "0.9")
    assert "Digits" not in request.fields


def test_a_redirect_is_followed_relative_to_its_document(telephone: Telephone) -> None:
    telephone.document("<Play>https://example.com/thanks.mp3</Play>", "/hooks/there")
    call = telephone.talk("<Redirect>there</Redirect><Say>never</Say>")
    assert call["heard"] == ["[https://example.com/thanks.mp3]"]
    assert call["status"] == "completed"


@pytest.mark.parametrize(
    ("answered_by", "form", "told"),
    [
        ("machine_start", {"MachineDetection": "Enable"}, "machine_start"),
        ("human", {"MachineDetection": "Enable"}, "human"),
        ("machine_start", {}, None),
    ],
)
def test_who_answered_is_told_where_machine_detection_was_asked_for(
    telephone: Telephone, answered_by: str, form: dict[str, str], told: str | None
) -> None:
    telephone.document("<Say>Hello.</Say>")
    telephone.do(telephone.ring(**form), "answer", answered_by=answered_by)
    assert telephone.asked()[0].fields.get("AnsweredBy") == told


def test_detection_beside_the_call_is_told_apart(telephone: Telephone) -> None:
    amd = telephone.receiver.url + "/hooks/amd"
    telephone.talk(ASK, MachineDetection="Enable", AsyncAmd="true", AsyncAmdStatusCallback=amd)
    assert "AnsweredBy" not in telephone.asked()[0].fields
    assert telephone.asked("/hooks/amd")[0].fields["AnsweredBy"] == "human"


def test_an_agent_leaves_a_dial_and_a_queue(telephone: Telephone) -> None:
    telephone.document(ASK, "/hooks/after")
    call = telephone.talk('<Dial action="/hooks/after"><Number>+15005550001</Number></Dial>')
    assert call["waiting"] == {"kind": "agent"}
    assert telephone.do(call["sid"], "leave")["heard"] == ["From 1 to 5?"]
    fields = telephone.asked("/hooks/after")[0].fields
    assert fields["DialCallStatus"] == "completed"
    assert fields["DialCallSid"].startswith("CA")
    call = telephone.talk('<Enqueue action="/hooks/after">billing</Enqueue>')
    telephone.do(call["sid"], "leave")
    assert telephone.asked("/hooks/after")[1].fields["QueueResult"] == "bridged"


@pytest.mark.parametrize(
    ("answer", "complaint"),
    [
        (Answer(500), "11200: 500 from"),
        (Answer(200, b"<Response/>", "application/json"), "12300"),
        (Answer(200, b"<Response><Redirect>voice</Redirect></Response>"), "go round"),
        (Answer(200, b"<Response><Redirect>tel:1</Redirect></Response>"), "11100"),
        (Answer(200, b"<Response>"), "12100"),
    ],
)
def test_a_document_that_cannot_be_ends_the_call_with_an_apology(
    telephone: Telephone, answer: Answer, complaint: str
) -> None:
    telephone.receiver.answers[VOICE] = answer
    call = telephone.do(telephone.ring(), "answer")
    assert (call["status"], call["heard"]) == ("completed", [APOLOGY])
    assert complaint in call["trouble"][0]


def test_the_fallback_takes_over_and_hears_why(telephone: Telephone) -> None:
    telephone.receiver.answers[VOICE] = Answer(500)
    telephone.document("<Say>Sorry.</Say>", "/hooks/fallback")
    call = telephone.do(telephone.ring(FallbackUrl=telephone.receiver.url + "/hooks/fallback"), "answer")
    assert (call["heard"], call["trouble"]) == (["Sorry."], [])
    fields = telephone.asked("/hooks/fallback")[0].fields
    assert (fields["ErrorCode"], fields["ErrorUrl"]) == ("11200", telephone.receiver.url + VOICE)


def test_a_document_may_come_with_the_create(telephone: Telephone) -> None:
    document = "<Response><Say>你好，<break time='1s'/><sub alias='once'>1x</sub></Say></Response>"
    call = telephone.do(telephone.ring(Url=None, Twiml=document), "answer")
    assert call["heard"] == ["你好，once"]
    call = telephone.do(telephone.ring(Url=None, Twiml="<Response><Gather/></Response>"), "answer")
    assert APOLOGY in telephone.do(call["sid"], "press", digits="1")["heard"]


def test_a_person_at_a_page_has_as_long_as_the_document_says(telephone: Telephone) -> None:
    telephone.document('<Gather timeout="1" numDigits="2" action="/hooks/answer"/><Say>Too late.</Say>')
    telephone.document("<Say>Thanks.</Say>", "/hooks/answer")
    sid = telephone.ring()
    telephone.do(sid, "answer", timed=True)
    eventually(lambda: telephone.calls()[-1]["heard"] == ["Too late."])
    telephone.document('<Gather timeout="20" numDigits="2" action="/hooks/answer"/>')
    sid = telephone.ring()
    telephone.do(sid, "answer", timed=True)
    telephone.do(sid, "press", digits="5")
    eventually(lambda: telephone.calls()[-1]["heard"] == ["Thanks."])
    assert telephone.asked("/hooks/answer")[0].fields["Digits"] == "5"


def test_a_time_out_of_a_question_that_was_answered_is_void(telephone: Telephone) -> None:
    telephone.document('<Gather timeout="20" numDigits="1" action="/hooks/answer"/>')
    telephone.document('<Gather timeout="1000"/>', "/hooks/answer")
    sid, later = telephone.ring(), telephone.ring()
    telephone.do(sid, "answer", timed=True)
    telephone.do(sid, "press", digits="5")
    telephone.do(later, "answer", timed=True)
    eventually(lambda: telephone.calls()[1]["status"] == "completed")
    assert telephone.calls()[0]["status"] == "in-progress"
