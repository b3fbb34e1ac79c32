"""A survey by telephone: what is said next, by what is answered already and what came back.

Every conversation ends: a prompt is said once, at most twice more after silence or a wrong key, and three times
more because the customer asked for it.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from app.domain.questionnaire import Conditions, next_question

OPENING, COMMENT = "opening", "comment"

MOST_REPEATS = 2
MOST_REPLAYS = 3
_START, _STOP, _AGAIN = "1", "9", "*"


class Line(StrEnum):
    """What is said beside the prompts."""

    OPENING = "opening"
    OPENING_IN_CALL = "opening_in_call"
    INVALID = "invalid"
    SILENCE = "silence"
    THANKS = "thanks"
    GOODBYE = "goodbye"
    CLOSED = "closed"
    OPTED_OUT = "opted_out"


@dataclass(frozen=True)
class Step:
    """The lines that are said, then the prompt that an answer is waited for: OPENING, COMMENT or a question's key.

    Without a prompt it is the last step: the telephone is hung up.
    """

    lines: tuple[Line, ...] = ()
    prompt: str | None = None


@dataclass(frozen=True)
class Place:
    """Where a conversation stands. `at_start`: nothing has been answered, and 9 still stops it."""

    prompt: str | None
    repeats: int = 0
    replays: int = 0
    at_start: bool = False


@dataclass(frozen=True)
class Script:
    """`keys`: question -> what is pressed -> value. `in_call`: asked in the call itself, without "press 1"."""

    order: tuple[str, ...]
    keys: Mapping[str, Mapping[str, int]]
    only_if: Conditions = field(default_factory=dict)
    in_call: bool = False

    def next(self, settled: Collection[str], answers: Mapping[str, int]) -> str | None:
        return next_question(self.order, settled, answers, self.only_if)


@dataclass(frozen=True)
class Heard:
    """What came back. `digits`: keys; `words`: whether something was said; `value`: what it means, if known."""

    digits: str = ""
    words: bool = False
    value: int | None = None


@dataclass(frozen=True)
class Turn:
    """`answer`: (question, value), to be kept."""

    place: Place
    step: Step
    answer: tuple[str, int] | None = None
    opts_out: bool = False


def begin(script: Script, settled: Collection[str], answers: Mapping[str, int]) -> Turn:
    """`settled`: the questions that have been answered already, here or elsewhere; `answers`: their values."""
    first = script.next(settled, answers)
    if first is None:
        return _end(Line.CLOSED)
    if script.in_call:
        return Turn(Place(first, at_start=True), Step((Line.OPENING_IN_CALL,), first))
    return Turn(Place(OPENING, at_start=True), Step((Line.OPENING,), OPENING))


def hear(
    script: Script, place: Place, heard: Heard, settled: Collection[str], answers: Mapping[str, int]
) -> Turn:
    """The turn after `heard` at `place`; `settled` and `answers` are of before it."""
    prompt = place.prompt
    if prompt is None:
        return _end()
    keys = script.keys.get(prompt, {})
    if heard.digits == _STOP and place.at_start and _STOP not in keys:
        return Turn(Place(None), Step((Line.OPTED_OUT,)), opts_out=True)
    if prompt == COMMENT or (prompt == OPENING and heard.digits == _START):
        # a comment, recorded or not: nobody is asked for words twice
        return _ask_next(script, {*settled, prompt}, answers)
    value = keys.get(heard.digits) if heard.digits else heard.value
    if value is not None and prompt != OPENING:
        return _ask_next(script, {*settled, prompt}, {**answers, prompt: value}, (prompt, value))
    return _repeat(script, place, heard, settled)


def _repeat(script: Script, place: Place, heard: Heard, settled: Collection[str]) -> Turn:
    if heard.digits == _AGAIN and place.replays < MOST_REPLAYS:
        again = replace(place, replays=place.replays + 1)
        return Turn(again, Step(_opening(script, place), place.prompt))
    if place.repeats >= MOST_REPEATS:
        return _end(*((Line.THANKS,) if settled else ()), Line.GOODBYE)
    said = Line.INVALID if heard.digits or heard.words else Line.SILENCE
    again = replace(place, repeats=place.repeats + 1)
    return Turn(again, Step((said, *_opening(script, place)), place.prompt))


def most_prompts(script: Script) -> int:
    """How many prompts a conversation can have."""
    return (len(script.order) + (not script.in_call)) * (1 + MOST_REPEATS + MOST_REPLAYS)


def _opening(script: Script, place: Place) -> tuple[Line, ...]:
    """Said again together with the prompt that it introduces: who missed it doesn't know what 9 does."""
    if not place.at_start:
        return ()
    return (Line.OPENING_IN_CALL if script.in_call else Line.OPENING,)


def _ask_next(
    script: Script,
    settled: Collection[str],
    answers: Mapping[str, int],
    answer: tuple[str, int] | None = None,
) -> Turn:
    following = script.next(settled, answers)
    if following is None:
        return Turn(Place(None), Step((Line.THANKS, Line.GOODBYE)), answer)
    return Turn(Place(following), Step((), following), answer)


def _end(*lines: Line) -> Turn:
    return Turn(Place(None), Step(lines))
