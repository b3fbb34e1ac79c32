"""What a customer's text means at the point where the conversation stands.

Nothing is guessed: a text that can be read two ways is unclear, is asked again or kept, and is not scored.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from app.domain.keywords import Keywords
from app.domain.questionnaire import QUESTIONS, Scale
from app.domain.ratings import leading_number, read_number, read_rating, words_after
from app.domain.text import (
    ascii_int,
    clean,
    flat,
    fold,
    is_han,
    narrow,
    places,
    without_endings,
    without_openings,
)

__all__ = ["CONTRADICTION", "Keywords", "Kind", "Position", "Understood", "understand"]

# a lone number right after the comment prompt crossed it on the way, or takes the answer before back
SECOND_THOUGHTS = timedelta(minutes=2)

CONTRADICTION = "contradiction"

_BETWEEN_VALUES = re.compile(r"[\s,;|]+")
_DECIMAL = re.compile(r"\s*[0-9]+,[0-9]+\s*")
_SILENT = " .!~"
_NEARBY = 16  # characters
_CLAUSE_ENDS = re.compile(r"[,.;:!?|\n]+")


class Kind(StrEnum):
    OPT_OUT = "opt_out"
    OPT_IN = "opt_in"
    HELP = "help"
    ANSWERS = "answers"
    CORRECTION = "correction"
    COMMENT = "comment"
    UNCLEAR = "unclear"


@dataclass(frozen=True)
class Position:
    """Where the conversation stands; `comment_asked_at` and `now` are by the same clock."""

    order: tuple[str, ...]  # question keys as asked: csat, ownership, nps, comment
    answered: Mapping[str, int]  # current scored answers
    skipped: frozenset[str]
    current: str | None  # the question that was asked last and waits; None when all are done
    last_scored: str | None  # the question answered last
    comment_asked_at: datetime | None
    now: datetime


@dataclass(frozen=True)
class Understood:
    """`answers` are (question key, value), each within its question's scale, in the order asked.

    CORRECTION replaces the one answer that it names, perhaps by the same value. UNCLEAR comes only while a
    scored question waits, and brings nothing: what was said is the caller's to keep. A COMMENT of None is a
    text without words (a picture alone). OPT_OUT may bring the rating and the comment of the same text.
    """

    kind: Kind
    answers: tuple[tuple[str, int], ...] = ()
    comment: str | None = None
    flags: tuple[str, ...] = ()


def understand(text: str, position: Position, keywords: Keywords) -> Understood:
    """Read one inbound text. Never raises, for any str; only the first 4000 characters are read."""
    said = clean(text).strip()
    whole = fold(said)
    if _is_stop(whole, keywords):
        return Understood(Kind.OPT_OUT, _leading_answer(said, position, keywords))
    if _asks_to_unsubscribe(said, keywords):
        read = _read(said, position, keywords)
        return Understood(Kind.OPT_OUT, read.answers, read.comment or said, read.flags)
    if whole in keywords.opt_in_words:
        return Understood(Kind.OPT_IN)
    if whole in keywords.help_words:
        return Understood(Kind.HELP)
    return _correction(said, position, keywords) or _read(said, position, keywords)


def _read(said: str, position: Position, keywords: Keywords) -> Understood:
    waiting = _scored(position.current)
    if waiting is None:
        flags = _contradictions("csat", position.answered.get("csat"), said, keywords)
        return Understood(Kind.COMMENT, comment=said or None, flags=flags)
    in_order = _answers_in_order(said, position, keywords)
    if in_order is not None:
        return Understood(Kind.ANSWERS, in_order)
    question, scale = waiting
    value = read_rating(said, question, scale, keywords)
    if value is not None:
        return Understood(Kind.ANSWERS, ((question, value),))
    leading = leading_number(said, scale, keywords)
    if leading is None:
        return Understood(Kind.UNCLEAR)
    value, end = leading
    comment = words_after(said, end)
    if comment is None or _says_no_more(comment, question, value, keywords):
        return Understood(Kind.ANSWERS, ((question, value),))
    flags = _contradictions(question, value, comment, keywords)
    return Understood(Kind.ANSWERS, ((question, value),), comment, flags)


def _says_no_more(comment: str, question: str, value: int, keywords: Keywords) -> bool:
    """Whether what follows a rating is its own label ("5 = very satisfied") or a particle (5吧)."""
    if keywords.labels.get(question, {}).get(fold(comment)) == value:
        return True
    return not narrow(comment).strip(keywords.particles + _SILENT)


def _scored(question: str | None) -> tuple[str, Scale] | None:
    """The question and its scale; None for one that is answered in words, and for none at all."""
    known = QUESTIONS.get(question) if question is not None else None
    return (known.key, known.scale) if known is not None and known.scale is not None else None


def _answers_in_order(
    said: str, position: Position, keywords: Keywords
) -> tuple[tuple[str, int], ...] | None:
    """ "5 5 9": two values or more, as many as questions remain, every one of them within its scale."""
    order, current = position.order, position.current
    settled = {*position.answered, *position.skipped}
    later = order[order.index(current) + 1 :] if current in order else ()
    remaining = [current, *(key for key in later if key not in settled)]
    scored = [pair for pair in map(_scored, remaining) if pair is not None]
    parts = [part for part in _BETWEEN_VALUES.split(narrow(said)) if part]
    if len(parts) < 2 or len(parts) != len(scored):
        return None
    if keywords.decimal_comma and _DECIMAL.fullmatch(narrow(said)):
        return None
    answers = [
        (question, value)
        for (question, scale), part in zip(scored, parts, strict=True)
        if (value := read_number(part, scale, keywords)) is not None
    ]
    return tuple(answers) if len(answers) == len(scored) else None


def _leading_answer(said: str, position: Position, keywords: Keywords) -> tuple[tuple[str, int], ...]:
    """The rating in front of a stop word: "2 STOP"."""
    waiting = _scored(position.current)
    if waiting is None:
        return ()
    question, scale = waiting
    leading = leading_number(said, scale, keywords)
    return ((question, leading[0]),) if leading is not None else ()


def _correction(said: str, position: Position, keywords: Keywords) -> Understood | None:
    """ "I meant 4", 改4, or a lone number right after the comment prompt: the answer before is another."""
    polite = (*keywords.lead_ins, *keywords.courtesies)
    meant = without_openings(flat(said), (*keywords.corrections, *polite))
    says_so = meant != without_openings(flat(said), polite)
    meant = without_endings(meant, keywords.courtesies)
    waiting, before = _scored(position.current), _scored(position.last_scored)
    if says_so:
        # with no answer before, it is about the question that waits
        about = before or waiting
        value = read_rating(meant, *about, keywords) if about is not None else None
    else:
        about = before
        asked_at = position.comment_asked_at
        prompted = waiting is None and asked_at is not None and position.now - asked_at <= SECOND_THOUGHTS
        value = read_number(said, about[1], keywords) if about is not None and prompted else None
    if about is None or value is None:
        return None
    return Understood(Kind.ANSWERS if before is None else Kind.CORRECTION, ((about[0], value),))


def _is_stop(whole: str, keywords: Keywords) -> bool:
    """A stop word alone, repeated ("stop stop"), asked for politely, or after a rating ("2 stop")."""
    bare = without_endings(without_openings(whole, keywords.courtesies), keywords.courtesies)
    words = [word for part in bare.split() if (word := fold(part))]
    if len(words) > 1 and ascii_int(words[0]) is not None:
        words = words[1:]
    return bare in keywords.stop_words or (bool(words) and all(word in keywords.stop_words for word in words))


def _asks_to_unsubscribe(said: str, keywords: Keywords) -> bool:
    line = flat(said)
    if any(
        phrase in line and any(True for _ in places(line, phrase)) for phrase in keywords.unsubscribe_phrases
    ):
        return True
    clauses = (clause.rstrip(keywords.particles) for clause in _clauses(narrow(said)))
    return any(clause in keywords.unsubscribe_clauses for clause in clauses)


def _clauses(text: str) -> Iterator[str]:
    """What stands between punctuation and, as Chinese is often typed, between spaces beside a character."""
    for part in _CLAUSE_ENDS.split(text):
        clause = ""
        for word in part.casefold().split():
            if clause and (is_han(clause[-1]) or is_han(word[0])):
                yield fold(clause)
                clause = ""
            clause = f"{clause} {word}"
        yield fold(clause)


def _shortly_before(line: str, at: int) -> str:
    return _CLAUSE_ENDS.split(f" {line[:at]}")[-1][-_NEARBY:]


def _contradictions(question: str, value: int | None, comment: str, keywords: Keywords) -> tuple[str, ...]:
    """Flagged for people to look at, never corrected: praise beside the worst rating, fury beside the best."""
    scored = _scored(question)
    if scored is None or value is None or scored[1].best != scored[1].high:
        return ()
    scale = scored[1]
    middle = (scale.low + scale.high) / 2
    label = keywords.labels.get(question, {}).get(fold(comment), middle)
    praised = value == scale.low and _says(comment, keywords.praise, keywords)
    raged = value == scale.high and _says(comment, keywords.fury, keywords)
    return (CONTRADICTION,) if praised or raged or (label - middle) * (value - middle) < 0 else ()


def _says(comment: str, phrases: Iterable[str], keywords: Keywords) -> bool:
    """Whether one of `phrases` is said, and not soon after a negation (不是很好, "no fue excelente")."""
    line = flat(comment)
    return any(
        not any(negation in _shortly_before(line, at) for negation in keywords.negations)
        for phrase in phrases
        for at in places(line, phrase)
    )
