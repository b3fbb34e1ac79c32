"""Rules about a call, each a function named after the reason not to ask."""

from collections.abc import Iterable
from typing import Any

from app.domain.candidate import Candidate, Finding
from app.domain.conditions import common, first_match, first_misfit

# in the same call, whose report is still to come
_BROUGHT = "and whom to ask was the platform's to know"


def ask_false(candidate: Candidate) -> Finding:
    return Finding(
        candidate.call.ask, "a survey is wanted" if candidate.call.ask else "reported with ask: false"
    )


def survey_off(candidate: Candidate) -> Finding:
    if candidate.survey is None:
        return Finding(False, "there is no survey")
    state = "on" if candidate.survey.active else "off"
    return Finding(
        candidate.survey.active,
        f"survey {candidate.survey.key}, version {candidate.survey.version}, is {state}",
    )


def excluded(candidate: Candidate) -> Finding:
    why = candidate.exclusion
    return Finding(why is None, "no exclusion is of that time and queue" if why is None else why)


def wrong_direction(candidate: Candidate) -> Finding:
    wanted = candidate.terms.directions
    direction = candidate.call.direction
    return Finding(direction in wanted, f"{direction}, asked after {_or(wanted)} calls")


def wrong_queue(candidate: Candidate) -> Finding:
    queue, terms = candidate.call.queue, candidate.terms
    known = f"queue {queue}" if queue else "no queue reported"
    if unwanted := first_match(terms.not_queues, queue):
        return Finding(False, f"{known}, and nobody is asked after calls of {unwanted}")
    if not terms.queues:
        return Finding(
            True, f"{known}, asked after any" if not terms.not_queues else f"{known}, not left out"
        )
    if candidate.in_call and not queue:
        return Finding(True, f"{known} yet, {_BROUGHT}")
    return Finding(first_match(terms.queues, queue) is not None, f"{known}, asked after {_or(terms.queues)}")


def wrong_tags(candidate: Candidate) -> Finding:
    tags, terms = candidate.call.tags, candidate.terms
    if unwanted := common(terms.not_tags, tags):
        return Finding(False, f"tagged {unwanted}, and nobody is asked after such calls")
    if not terms.tags:
        return Finding(True, "asked whatever the tags" if not terms.not_tags else "no tag keeps it out")
    if candidate.in_call and not tags:
        return Finding(True, f"no tags reported yet, {_BROUGHT}")
    wanted = common(terms.tags, tags)
    return Finding(wanted is not None, f"tagged {wanted}" if wanted else f"not tagged {_or(terms.tags)}")


def wrong_attributes(candidate: Candidate) -> Finding:
    wanted = candidate.terms.attributes
    if not wanted:
        return Finding(True, "asked whatever the attributes")
    if candidate.in_call and not candidate.call.attributes:
        return Finding(True, f"no attributes reported yet, {_BROUGHT}")
    name = first_misfit(wanted, candidate.call.attributes)
    if name is None:
        return Finding(True, f"{' and '.join(wanted)} as wanted")
    # what it is in its place may be about a person
    return Finding(False, f"{name} is not {_or(map(_shown, wanted[name]))}")


def transferred(candidate: Candidate) -> Finding:
    call, terms = candidate.call, candidate.terms
    if call.transferred_from is not None and not terms.ask_transferred_in:
        return Finding(False, "transferred in from another agent: after such calls nobody is asked")
    if call.transferred_to is not None and not terms.ask_transferred_out:
        return Finding(False, "transferred out: after such calls nobody is asked")
    return Finding(True, "asked after calls that were transferred or not")


def not_answered(candidate: Candidate) -> Finding:
    answered = candidate.call.answered
    return Finding(answered, "somebody talked" if answered else "nobody talked")


def too_old(candidate: Candidate) -> Finding:
    age = (candidate.now - candidate.call.ended_at).total_seconds()
    limit = candidate.terms.too_old_seconds
    return Finding(age <= limit, f"reported {age:.0f} s after its end, asked up to {limit} s")


def too_short(candidate: Candidate) -> Finding:
    talked, least = candidate.call.talk_seconds, candidate.terms.min_talk_seconds
    if talked is None:
        return Finding(True, "talk time not reported, which is not short")
    return Finding(talked >= least, f"talked for {talked} s, asked from {least} s")


def _or(words: Iterable[str]) -> str:
    return " or ".join(words) or "no"


def _shown(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
