"""For which of its handlers a call counts: the survey's rule, over what each of them talked."""

import dataclasses
from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from app.domain.call import CallEnd
from app.domain.handlers import Handler
from app.domain.questionnaire import Survey

# what a survey may say
RULES = ("last", "first", "longest")
# the others became known when the customer had been asked already: who was known then stays
REPORTED = "reported"
# a person decided: which handler it was, or who it was
BY_HANDLER, BY_AGENT = "handler", "agent"
BY_HAND = frozenset({BY_HANDLER, BY_AGENT})
ATTRIBUTIONS = (*RULES, REPORTED, BY_HANDLER, BY_AGENT)

_USUAL = Survey(key="", version=0)
# two clocks, each cut to whole seconds
_ROUNDING = 1


class Choice(NamedTuple):
    """`place`: among the handlers, from 0. `by`: what decided, of RULES."""

    place: int
    by: str


def choose(handlers: Sequence[Handler], survey: Survey | None) -> Choice | None:
    """The last or first who talked for at least `attribute_min_talk_seconds`, in all their parts; else the longest.

    Unknown is not short. The longest is among those whose talk is known, the later one of two alike; where none is,
    it is the last handler. None without handlers; without a survey, by its usual terms.
    """
    if not handlers:
        return None
    survey = survey or _USUAL
    talked = _talked(handlers)
    enough = [
        place
        for place, one in enumerate(handlers)
        if (seconds := talked[one.agent_id]) is None or seconds >= survey.attribute_min_talk_seconds
    ]
    if enough and survey.attribute_to in ("last", "first"):
        return Choice(enough[-1] if survey.attribute_to == "last" else enough[0], survey.attribute_to)
    known = [place for place, one in enumerate(handlers) if talked[one.agent_id] is not None]
    if not known:
        return Choice(len(handlers) - 1, "last")

    def length(place: int) -> tuple[int, int, int]:
        one = handlers[place]
        return talked[one.agent_id] or 0, one.talk_seconds or 0, place

    return Choice(max(known, key=length), "longest")


def _talked(handlers: Sequence[Handler]) -> dict[str, int | None]:
    """Agent -> seconds over all their parts; None where one of those is unknown."""
    talked: dict[str, int | None] = {}
    for one in handlers:
        before = talked.get(one.agent_id, 0)
        talked[one.agent_id] = (
            None if before is None or one.talk_seconds is None else before + one.talk_seconds
        )
    return talked


def attributed(call: CallEnd, survey: Survey | None) -> CallEnd:
    """The call with the handler for whom it counts as its agent; as it is where it has no handlers.

    `transferred_from` and `transferred_to` are the agents before and after that one. The call's durations stay what
    they were.
    """
    choice = choose(call.handlers, survey)
    return call if choice is None else counted_for(call, choice)


def counted_for(call: CallEnd, choice: Choice) -> CallEnd:
    one = call.handlers[choice.place]
    came_from, went_to = neighbours(call.handlers, choice.place, call.transferred_from, call.transferred_to)
    return dataclasses.replace(
        call,
        agent_id=one.agent_id,
        agent_name=one.agent_name,
        team=one.team,
        vendor=one.vendor,
        queue=one.queue or call.queue,
        taken_at=one.started_at,
        transferred_from=came_from,
        transferred_to=went_to,
        attributed_by=choice.by,
        handler=choice.place,
    )


def neighbours(
    handlers: Sequence[Handler], place: int, came_from: str | None, went_to: str | None
) -> tuple[str | None, str | None]:
    """The agents from whom that handler had the call, and to whom they passed it on; as they were known where no
    handler tells."""
    one, others = handlers[place], {other.agent_id for other in handlers}
    before = [other.agent_id for other in handlers[:place] if other.agent_id != one.agent_id]
    after = [other.agent_id for other in handlers[place:] if other.agent_id != one.agent_id]
    # somebody who is not among them is known from elsewhere
    return (
        before[-1] if before else None if came_from in others else came_from,
        after[0] if after else None if went_to in others else went_to,
    )


def check_handlers(handlers: Sequence[Handler], started_at: datetime, ended_at: datetime) -> dict[str, str]:
    """Field -> what is wrong with it, for handlers that can't have been of a call of then. Empty if all can."""
    problems: dict[str, str] = {}
    lasted = (ended_at - started_at).total_seconds() + _ROUNDING
    for place, one in enumerate(handlers):
        for name in ("started_at", "ended_at"):
            at = getattr(one, name)
            if at is not None and not started_at <= at <= ended_at:
                problems[f"handlers.{place}.{name}"] = "lies outside the call"
        had = lasted
        if one.started_at is not None and one.ended_at is not None:
            had = (one.ended_at - one.started_at).total_seconds() + _ROUNDING
            if one.ended_at < one.started_at:
                problems.setdefault(f"handlers.{place}.ended_at", "lies before started_at")
        if one.talk_seconds is not None and one.talk_seconds > max(had, 0):
            problems.setdefault(f"handlers.{place}.talk_seconds", "is longer than they had the call")
    return problems
