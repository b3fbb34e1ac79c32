"""A rating in the customer's own characters: 5, ５, 5️⃣, 5分, "4 out of 5", five, 五, 非常满意."""

import re
import unicodedata

from app.domain.keywords import Keywords
from app.domain.questionnaire import Scale
from app.domain.text import (
    ascii_int,
    flat,
    fold,
    is_latin,
    narrow,
    opening_length,
    without_endings,
    without_openings,
)

_DIGITS = re.compile(r"[0-9]+")
_OPENINGS = " \t\n\"'([{<¡¿"
_PAUSES = " \t\n,.:;!?-=~+|/*_)]}>"
_NUMERIC = frozenset({"Nd", "Nl", "No", "Sc"})  # digits, other numbers, currency signs


def read_rating(said: str, question: str, scale: Scale, keywords: Keywords) -> int | None:
    """The value of a text that says nothing else; around words, a lead-in and courtesies may stand.

    So "I'd say 4, thanks" is 4, while "5 thanks" is 5 and a comment: it starts with its number.
    """
    if leading_number(said, scale, keywords) is not None:
        return read_number(said, scale, keywords)
    if fold(said) in keywords.declines:
        return None
    openings = (*keywords.lead_ins, *keywords.courtesies)
    text = without_endings(without_openings(flat(said), openings), keywords.courtesies)
    number = read_number(text, scale, keywords)
    if number is not None:
        return number
    labels = keywords.labels.get(question, {})
    if fold(text) in labels:
        return labels[fold(text)]
    # a label and its number together, so long as they agree: 非常满意5, "very satisfied: 5"
    length = opening_length(text, labels)
    number = read_number(text[length:].lstrip(_PAUSES), scale, keywords)
    return number if length and number == labels[text[:length]] else None


def read_number(said: str, scale: Scale, keywords: Keywords) -> int | None:
    """The value of a text that is a number within the scale, perhaps with its unit, and nothing else."""
    leading = leading_number(said, scale, keywords)
    if leading is not None:
        value, end = leading
        return value if words_after(said, end) is None else None
    word = fold(said)
    forms = [word, *(word.removesuffix(unit).rstrip() for unit in keywords.units)]
    spelled = next((keywords.numbers[form] for form in forms if form in keywords.numbers), None)
    return spelled if spelled is not None and spelled in scale else None


def leading_number(said: str, scale: Scale, keywords: Keywords) -> tuple[int, int] | None:
    """The rating in digits that `said` starts with, and the place where it ends.

    None when the number is outside the scale, part of something longer (4.5, 4-5, 1st, 50%, 5G) or counts
    something (5 minutes, 2次).
    """
    text = narrow(said)
    match = _DIGITS.match(text, len(text) - len(text.lstrip(_OPENINGS)))
    value = ascii_int(match[0]) if match else None
    if match is None or value is None or match[0] != str(value) or value not in scale:
        return None
    end = match.end()
    best = _best_named(text, end, keywords)
    if best is not None:
        if ascii_int(best[0]) != scale.high or scale.best != scale.high:
            return None
        end = best.end()
    rest = text[end:].lstrip(" ").casefold()
    if opening_length(rest, keywords.counters):
        return None
    unit = opening_length(rest, keywords.units)
    if unit:
        end += len(text[end:]) - len(text[end:].lstrip(" ")) + unit
    after = without_openings(text[end:].lstrip(" ").casefold(), keywords.connectives)
    return None if _goes_on(text[end:]) or after[:1].isdigit() else (value, end)


def words_after(said: str, end: int) -> str | None:
    """What was said after a rating, in the customer's own characters; None when it is only punctuation."""
    rest = narrow(said[end:]).lstrip(_PAUSES)
    return said[len(said) - len(rest) :].strip() if rest.strip(_PAUSES + _OPENINGS) else None


def _best_named(text: str, end: int, keywords: Keywords) -> re.Match[str] | None:
    """The number behind "/" or "out of", where one follows."""
    rest = text[end:].lstrip(" ")
    length = rest.startswith("/") or opening_length(rest.casefold(), keywords.out_of)
    if not length:
        return None
    start = len(text) - len(rest) + length
    return _DIGITS.match(text, start + (text[start : start + 1] == " "))


def _goes_on(rest: str) -> bool:
    """Whether what follows a number makes it part of something longer."""
    if is_latin(rest[:1]) or ascii_int(rest[:1]) is not None:
        return True
    following = rest.lstrip(_PAUSES)[:1]
    return bool(following) and (following in "%°" or unicodedata.category(following) in _NUMERIC)
