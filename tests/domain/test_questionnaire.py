"""Which question comes next, what a survey may not say, and that its definition is kept whole."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.channel import Channel
from app.domain.journey import contradictions
from app.domain.questionnaire import QUESTIONS, Survey, Way, is_asked, is_complete, next_question

SURVEY = Survey("default", 1)
REASON = {"reason": {"csat": (1, 2, 3)}}


@pytest.mark.parametrize(
    ("answers", "asked"), [({}, False), ({"csat": 5}, False), ({"csat": 3}, True), ({"csat": 1}, True)]
)
def test_a_reason_is_asked_of_who_was_let_down(answers: dict[str, int], asked: bool) -> None:
    assert is_asked("reason", answers, REASON) is asked


def test_what_the_answers_leave_out_is_passed_over() -> None:
    order = ("csat", "reason", "comment")
    assert next_question(order, ("csat",), {"csat": 5}, REASON) == "comment"
    assert next_question(order, ("csat",), {"csat": 2}, REASON) == "reason"
    assert next_question(order, ("csat", "reason", "comment"), {"csat": 2}, REASON) is None


def test_a_question_that_was_left_out_is_not_missed() -> None:
    assert not is_complete(("csat", "nps"), {"csat"}, ())
    assert is_complete(("csat", "nps"), {"csat"}, ("nps",))


def test_a_definition_comes_back_as_it_was_written() -> None:
    survey = replace(
        SURVEY,
        channels=(Way(Channel.EMAIL, 60), Way(Channel.CALLBACK)),
        only_if={"nps": {"csat": (4, 5)}, "reason": {"csat": (1,)}},
        order_page=("csat", "nps"),
    )
    assert Survey.from_definition("default", 1, survey.definition()) == survey


def test_a_definition_of_the_release_before_is_read_with_what_is_new_at_its_default() -> None:
    old = {"order_sms": ["nps"], "delay_seconds": 60, "from_the_future": True}
    survey = Survey.from_definition("default", 1, old)
    assert (survey.order_sms, survey.channels) == (("nps",), SURVEY.channels)


def test_each_channel_has_its_questions_its_delay_and_its_time() -> None:
    assert SURVEY.order(Channel.SMS, "CN") == ("csat", "ownership")
    assert SURVEY.order(Channel.EMAIL, "CN") == SURVEY.order(Channel.LINK) == SURVEY.order_page
    assert SURVEY.order(Channel.CALLBACK) == SURVEY.order(Channel.IVR) == SURVEY.order_ivr
    assert [SURVEY.delay(Way(channel)) for channel in Channel] == [180, 600, 1800, 0, 0]
    assert SURVEY.delay(Way(Channel.EMAIL, 5)) == 5
    assert SURVEY.answer_within(Channel.EMAIL) > SURVEY.answer_within(Channel.SMS)


def test_what_is_left_to_try_comes_after_what_was_tried() -> None:
    survey = replace(SURVEY, channels=(Way(Channel.SMS), Way(Channel.EMAIL), Way(Channel.CALLBACK)))
    assert [way.channel for way in survey.ways_after(Channel.EMAIL)] == [Channel.CALLBACK]
    assert survey.ways_after(Channel.CALLBACK) == ()
    # by ratings of the platform's own, say: all of it is still to be tried
    assert survey.ways_after(Channel.LINK) == survey.channels


def test_the_defaults_contradict_nothing() -> None:
    assert contradictions(SURVEY) == {}


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"channels": ()}, "channels"),
        ({"channels": (Way(Channel.IVR),)}, "channels"),
        ({"channels": (Way(Channel.SMS), Way(Channel.SMS))}, "channels.1"),
        ({"channels": (Way(Channel.EMAIL, 70_000),)}, "channels.0.delay_seconds"),
        ({"delay_seconds": 70_000}, "delay_seconds"),
        ({"order_ivr": ("comment",)}, "order_ivr"),
        ({"order_ivr": ("csat", "comment", "fcr")}, "order_ivr"),
        ({"order_page": ("csat", "csat")}, "order_page"),
        ({"only_if": {"nps": {"comment": (1,)}}}, "only_if.nps.comment"),
        ({"only_if": {"nps": {"csat": (0,)}}}, "only_if.nps.csat"),
        ({"only_if": {"ownership": {"nps": (0,)}}}, "only_if.ownership.nps"),
        ({"only_if": {"csat": {"nps": (0,)}}}, "order_sms"),
    ],
    ids=str,
)
def test_what_could_not_be_asked_is_named(changes: dict[str, Any], place: str) -> None:
    assert place in contradictions(replace(SURVEY, **changes))


@given(
    st.dictionaries(st.sampled_from(sorted(QUESTIONS)), st.integers(0, 10)),
    st.permutations(sorted(QUESTIONS)),
)
def test_asking_what_is_next_comes_to_an_end(answers: dict[str, int], order: list[str]) -> None:
    settled: set[str] = set()
    while (key := next_question(tuple(order), settled, answers, REASON)) is not None:
        assert key not in settled
        settled.add(key)
    assert settled >= set(order) - {"reason"}
