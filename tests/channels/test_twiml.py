"""What a telephone is told: every language's prompts, in TwiML that Twilio understands."""

from xml.etree import ElementTree
from xml.etree.ElementTree import Element

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.channels.twiml import Doors, Manner, door, hang_up, render
from app.domain.phone_script import COMMENT, OPENING, Line, Step
from app.domain.questionnaire import QUESTIONS
from app.wording.catalogue import spoken_texts
from simulator.twiml import read_twiml

DOORS = Doors("https://s.example/answer?account=1&turn=2", "https://s.example/recording?account=1", None)
WRITTEN = Doors(DOORS.answer, DOORS.recording, "https://s.example/transcription?account=1")
PLAIN = Manner("Acme")
LANGUAGES = ("en", "zh", "zh-TW", "es", "fr", "de")


def tree(step: Step, language: str = "en", manner: Manner = PLAIN, doors: Doors = DOORS) -> Element:
    document = render(step, spoken_texts(language), manner, doors)
    read_twiml(document.decode())  # a verb or an attribute that Twilio doesn't know is an error there
    return ElementTree.fromstring(document)  # noqa: S314 - ours


def said(element: Element) -> list[str | None]:
    return [say.text for say in element.iter("Say")]


def test_a_question_waits_for_one_key_and_hears_of_silence() -> None:
    (gather,) = tree(Step((), "csat"))
    assert gather.attrib == {
        "input": "dtmf",
        "numDigits": "1",
        "finishOnKey": "#",
        "timeout": "5",
        "actionOnEmptyResult": "true",
        "action": DOORS.answer,
        "method": "POST",
    }
    assert said(gather) == [spoken_texts("en").prompt("csat", "Acme")]


def test_ten_needs_two_keys() -> None:
    assert tree(Step((), "nps"))[0].attrib["numDigits"] == "2"


def test_what_is_said_before_a_prompt_may_be_interrupted_too() -> None:
    (gather,) = tree(Step((Line.SILENCE, Line.OPENING_IN_CALL), "csat"))
    texts = spoken_texts("en")
    assert said(gather) == [texts.silence, texts.opening_in_call("Acme"), texts.prompt("csat", "Acme")]


def test_the_last_step_hangs_up() -> None:
    document = tree(Step((Line.THANKS, Line.GOODBYE)))
    assert [verb.tag for verb in document] == ["Say", "Say", "Hangup"]
    assert [verb.tag for verb in tree(Step())] == ["Hangup"]


def test_a_comment_is_recorded_and_its_absence_told() -> None:
    say, record, redirect = tree(Step((), COMMENT))
    assert say.text == spoken_texts("en").prompt(COMMENT, "Acme")
    assert (record.tag, redirect.tag, redirect.text) == ("Record", "Redirect", DOORS.answer)
    assert record.attrib["action"] == DOORS.answer
    assert record.attrib["recordingStatusCallback"] == DOORS.recording
    assert (record.attrib["maxLength"], record.attrib["finishOnKey"]) == ("120", "#")
    assert "transcribe" not in record.attrib
    written = tree(Step((), COMMENT), doors=WRITTEN)[1].attrib
    assert (written["transcribe"], written["transcribeCallback"]) == ("true", WRITTEN.transcription)


def test_speech_is_listened_for_where_the_survey_asks_for_it() -> None:
    gather = tree(Step((), "csat"), "zh", Manner("Acme", speech=True))[0]
    assert gather.attrib["input"] == "dtmf speech"
    assert gather.attrib["language"] == spoken_texts("zh").speech_code
    assert (
        tree(Step((Line.OPENING,), OPENING), "zh", Manner("Acme", speech=True))[0].attrib["input"] == "dtmf"
    )


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("prompt", [OPENING, *QUESTIONS])
def test_every_prompt_is_there_in_every_language(language: str, prompt: str) -> None:
    for manner in (Manner("Acme"), Manner("Acme", transferred=True), Manner("Acme", low=True)):
        document = tree(Step((Line.OPENING,) if prompt == OPENING else (), prompt), language, manner)
        assert all(said(document))
        assert {say.attrib["language"] for say in document.iter("Say")} == {
            spoken_texts(language).language_code
        }


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("line", list(Line))
def test_every_line_is_there_in_every_language(language: str, line: Line) -> None:
    assert all(said(tree(Step((line,)), language)))


@given(st.text(alphabet=st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), min_size=1))
def test_a_brand_stays_words_whatever_is_in_it(brand: str) -> None:
    document = tree(Step((Line.OPENING,), OPENING), manner=Manner(brand))
    assert [element.tag for element in document.iter()] == ["Response", "Gather", "Say"]


def test_an_address_is_whole_and_its_names_are_quoted() -> None:
    assert door("https://s.example", "answer", turn=1, language="zh&x") == (
        "https://s.example/hooks/twilio/voice/answer?turn=1&language=zh%26x"
    )


def test_where_nothing_can_be_said_the_call_ends_politely() -> None:
    assert b"<Hangup" in hang_up()
    assert spoken_texts("zh").goodbye in hang_up(spoken_texts("zh")).decode()
