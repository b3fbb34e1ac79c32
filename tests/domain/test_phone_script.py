"""A survey by telephone: what is said next, whatever comes back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.phone_script import (
    COMMENT,
    OPENING,
    Heard,
    Line,
    Place,
    Script,
    Step,
    Turn,
    begin,
    hear,
    most_prompts,
)

FIVE = {"1": 1, "2": 2, "3": 3, "4": 4, "5": 5}
KEYS = {
    "csat": FIVE,
    "ownership": {"1": 5, "2": 4, "3": 3, "4": 2, "5": 1},
    "fcr": {"1": 1, "2": 2, "3": 3},
    "nps": {str(value): value for value in range(11)},
}
ORDER = ("csat", "ownership", "fcr", COMMENT)
CALLBACK = Script(ORDER, KEYS)
IN_CALL = Script(ORDER, KEYS, in_call=True)
SILENCE, RECORDED = Heard(), Heard(digits="#")


def hold(script: Script, *came: str | Heard, answered: dict[str, int] | None = None) -> list[Turn]:
    """A conversation: every turn, the first one included. A comment counts as settled when it was asked for."""
    answers = dict(answered or {})
    settled = set(answers)
    turns = [begin(script, settled, answers)]
    for each in came:
        place = turns[-1].place
        heard = each if isinstance(each, Heard) else Heard(digits=each)
        turn = hear(script, place, heard, settled, answers)
        if turn.answer:
            answers[turn.answer[0]] = turn.answer[1]
            settled.add(turn.answer[0])
        turns.append(turn)
    return turns


def test_a_call_back_opens_asks_and_thanks() -> None:
    turns = hold(CALLBACK, "1", "5", "2", "3", RECORDED)
    assert [turn.step for turn in turns] == [
        Step((Line.OPENING,), OPENING),
        Step((), "csat"),
        Step((), "ownership"),
        Step((), "fcr"),
        Step((), COMMENT),
        Step((Line.THANKS, Line.GOODBYE)),
    ]
    assert [turn.answer for turn in turns if turn.answer] == [("csat", 5), ("ownership", 4), ("fcr", 3)]


def test_in_the_call_the_first_question_follows_at_once() -> None:
    first, second = hold(IN_CALL, "4")
    assert first.step == Step((Line.OPENING_IN_CALL,), "csat")
    assert second.answer == ("csat", 4)
    assert second.step == Step((), "ownership")


@pytest.mark.parametrize(
    ("script", "came"),
    [(CALLBACK, ["9"]), (IN_CALL, ["9"]), (IN_CALL, [SILENCE, "9"]), (CALLBACK, ["*", "9"])],
)
def test_nine_at_the_start_stops_these_calls(script: Script, came: list[str | Heard]) -> None:
    last = hold(script, *came)[-1]
    assert last.opts_out
    assert last.step == Step((Line.OPTED_OUT,))


@pytest.mark.parametrize(("script", "came"), [(CALLBACK, ["1", "9"]), (IN_CALL, ["5", "9"])])
def test_nine_later_is_a_wrong_key(script: Script, came: list[str | Heard]) -> None:
    last = hold(script, *came)[-1]
    assert not last.opts_out
    assert last.step.lines == (Line.INVALID,)


def test_nine_is_an_answer_where_the_first_question_has_it() -> None:
    turns = hold(Script(("nps", "csat"), KEYS, in_call=True), "9")
    assert turns[-1].answer == ("nps", 9)
    assert not turns[-1].opts_out


@pytest.mark.parametrize(
    ("heard", "line"),
    [
        (SILENCE, Line.SILENCE),
        (Heard(digits="7"), Line.INVALID),
        (Heard(digits="0"), Line.INVALID),
        (Heard(digits="55"), Line.INVALID),
        (Heard(digits="#"), Line.INVALID),
        (Heard(words=True), Line.INVALID),
    ],
)
def test_silence_and_wrong_keys_repeat_twice_and_then_end(heard: Heard, line: Line) -> None:
    turns = hold(IN_CALL, "5", heard, heard, heard)
    assert [turn.step for turn in turns[2:]] == [
        Step((line,), "ownership"),
        Step((line,), "ownership"),
        Step((Line.THANKS, Line.GOODBYE)),
    ]


def test_who_answers_nothing_is_not_thanked() -> None:
    assert hold(CALLBACK, SILENCE, SILENCE, SILENCE)[-1].step == Step((Line.GOODBYE,))


def test_silence_and_wrong_keys_count_together() -> None:
    assert hold(IN_CALL, SILENCE, "8", SILENCE)[-1].step.prompt is None


def test_each_question_has_its_own_repeats() -> None:
    last = hold(IN_CALL, SILENCE, SILENCE, "5", SILENCE, SILENCE)[-1]
    assert last.step == Step((Line.SILENCE,), "ownership")


def test_star_repeats_and_is_no_mistake() -> None:
    turns = hold(IN_CALL, "5", "*", "*", "*", SILENCE, SILENCE, "1")
    assert [turn.step for turn in turns[2:5]] == [Step((), "ownership")] * 3
    assert turns[-1].answer == ("ownership", 5)


def test_star_does_not_repeat_for_ever() -> None:
    turns = hold(IN_CALL, *["*"] * 6)
    assert turns[4].step.lines[0] is Line.INVALID
    assert turns[-1].step.prompt is None


def test_a_repeat_at_the_start_says_again_what_nine_does() -> None:
    assert hold(IN_CALL, SILENCE)[-1].step == Step((Line.SILENCE, Line.OPENING_IN_CALL), "csat")
    assert hold(CALLBACK, "7")[-1].step == Step((Line.INVALID, Line.OPENING), OPENING)


def test_what_was_said_counts_as_pressed() -> None:
    turns = hold(IN_CALL, Heard(words=True, value=2))
    assert turns[-1].answer == ("csat", 2)


def test_a_question_that_is_answered_already_is_not_asked() -> None:
    turns = hold(CALLBACK, "1", answered={"csat": 3, "fcr": 1})
    assert turns[-1].step == Step((), "ownership")


def test_who_has_answered_everything_hears_that_it_is_over() -> None:
    assert begin(CALLBACK, ORDER, {"csat": 5}).step == Step((Line.CLOSED,))


def test_a_question_depends_on_the_answer_before_it() -> None:
    script = Script(("csat", "fcr"), KEYS, {"fcr": {"csat": (1, 2)}}, in_call=True)
    assert hold(script, "5")[-1].step == Step((Line.THANKS, Line.GOODBYE))
    assert hold(script, "2")[-1].step == Step((), "fcr")


def test_after_the_end_nothing_is_said() -> None:
    assert hear(CALLBACK, Place(None), Heard(digits="5"), (), {}).step == Step()


_CAME = st.one_of(
    st.builds(Heard, digits=st.text(alphabet="0123456789*#", max_size=3)),
    st.builds(Heard, words=st.booleans(), value=st.one_of(st.none(), st.integers(1, 5))),
)


@given(st.sampled_from([CALLBACK, IN_CALL]), st.lists(_CAME, min_size=30, max_size=60))
def test_every_conversation_ends_in_bounds(script: Script, came: list[Heard]) -> None:
    turns = hold(script, *came)
    prompts = [turn.step.prompt for turn in turns if turn.step.prompt is not None]
    assert len(prompts) <= most_prompts(script) <= 30
    assert turns[-1].place.prompt is None


@given(st.sampled_from([CALLBACK, IN_CALL]), st.lists(_CAME, max_size=40))
def test_every_question_is_answered_once_in_its_order_on_its_scale(script: Script, came: list[Heard]) -> None:
    answers = [turn.answer for turn in hold(script, *came) if turn.answer]
    asked = [question for question, _ in answers]
    assert asked == [question for question in ORDER if question in asked]
    assert len(set(asked)) == len(asked)
    assert all(1 <= value <= 5 for _, value in answers)
