"""The form in which the words of one language are written down: commas between them, nothing else to know."""

import unicodedata
from collections.abc import Iterable, Mapping

from app.domain.keywords import Keywords
from app.domain.text import flat

# as people type them on a keyboard without these letters
_TWO_LETTERS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "œ": "oe", "æ": "ae"})


def table(
    *,
    stop: str,
    start: str,
    help: str,  # noqa: A002 - the word that customers send
    unsubscribe_phrases: str,
    unsubscribe_clauses: str,
    labels: Mapping[str, Mapping[int, str]],
    numbers: str,
    units: str,
    counters: str,
    connectives: str,
    lead_ins: str,
    corrections: str,
    courtesies: str,
    declines: str,
    praise: str,
    fury: str,
    negations: str,
    carrier_stop: str = "",
    out_of: str = "",
    particles: str = "",
    decimal_comma: bool = False,
) -> Keywords:
    """The table of one language; what each field is for: `Keywords`.

    `numbers`: the words for 0, 1 and so on, "|" between two words for the same one. `labels`: question -> value ->
    words. Words are listed as they are spelled: letters without their accents come by themselves.
    """
    return Keywords(
        carrier_stop_words=frozenset(_words(carrier_stop)),
        stop_words=frozenset(_words(stop)) | frozenset(_words(carrier_stop)),
        opt_in_words=frozenset(_words(start)),
        help_words=frozenset(_words(help)),
        unsubscribe_phrases=_words(unsubscribe_phrases),
        unsubscribe_clauses=frozenset(_words(unsubscribe_clauses)),
        particles=particles,
        labels={
            question: {word: value for value, words in by_value.items() for word in _words(words)}
            for question, by_value in labels.items()
        },
        numbers={
            word: number
            for number, words in enumerate(numbers.split(","))
            for word in _words(words.replace("|", ","))
        },
        units=_words(units),
        counters=_words(counters),
        connectives=_words(connectives),
        out_of=_words(out_of),
        decimal_comma=decimal_comma,
        lead_ins=_words(lead_ins),
        corrections=_words(corrections),
        courtesies=_words(courtesies),
        declines=frozenset(_words(declines)),
        praise=_words(praise),
        fury=_words(fury),
        negations=tuple(_standing_alone(word) for word in _words(negations)),
    )


def _standing_alone(negation: str) -> str:
    """With the spaces around it, where the script has any: "no" is no part of "bueno", but "n't" is of "isn't"."""
    if not negation.isascii():
        return negation
    return f"{negation} " if negation.startswith("n'") else f" {negation} "


def _words(listed: str) -> tuple[str, ...]:
    words = (flat(word) for word in listed.split(","))
    return tuple(dict.fromkeys(form for word in words if word for form in _forms(word)))


def _forms(word: str) -> Iterable[str]:
    yield word
    yield word.replace("à", "a")
    decomposed = unicodedata.normalize("NFD", word.translate(_TWO_LETTERS))
    yield _bare(decomposed)
    yield _bare(unicodedata.normalize("NFD", word))


def _bare(decomposed: str) -> str:
    return "".join(character for character in decomposed if not unicodedata.combining(character))
