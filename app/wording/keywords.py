"""The words by which replies are understood, language by language.

Who asks for something (to stop, to start, for help) is heard in every language, and so is a label in full: people
answer in the one they think in. How numbers are written and spoken of is read by the survey's own language alone,
for there the others get in the way: "1 mal" is bad in Spanish and once in German. Chinese gets in nobody's way and
is always read; in Chinese surveys people type English.

Single letters (回T退订) mean to stop in Chinese surveys only: elsewhere they are too short. 0 is never among them:
it is an answer to NPS. YES is no opt-in: it answers a question.
"""

from collections.abc import Iterable, Mapping

from app.domain.keywords import Keywords
from app.wording.replies.chinese import CHINESE_WORDS
from app.wording.replies.chinese_traditional import TRADITIONAL_WORDS
from app.wording.replies.english import ENGLISH_WORDS
from app.wording.replies.french import FRENCH_WORDS
from app.wording.replies.german import GERMAN_WORDS
from app.wording.replies.spanish import SPANISH_WORDS

OF_EACH: Mapping[str, Keywords] = {
    "en": ENGLISH_WORDS,
    "zh": CHINESE_WORDS,
    "zh-Hant": TRADITIONAL_WORDS,
    "es": SPANISH_WORDS,
    "fr": FRENCH_WORDS,
    "de": GERMAN_WORDS,
}


def _understood_in(language: str) -> Keywords:
    own = OF_EACH[language]
    everyone = _from(language, OF_EACH)
    near = _from(language, ("zh", "zh-Hant", "en") if language.startswith("zh") else ("zh", "zh-Hant"))
    questions = dict.fromkeys(question for words in everyone for question in words.labels)
    return Keywords(
        carrier_stop_words=_set(words.carrier_stop_words for words in everyone),
        stop_words=own.stop_words
        | {word for words in everyone for word in words.stop_words if len(word) > 1},
        opt_in_words=_set(words.opt_in_words for words in everyone),
        help_words=_set(words.help_words for words in everyone),
        unsubscribe_phrases=_list(words.unsubscribe_phrases for words in everyone),
        unsubscribe_clauses=_set(words.unsubscribe_clauses for words in everyone),
        particles="".join(words.particles for words in everyone),
        labels={
            question: _values(words.labels.get(question, {}) for words in everyone) for question in questions
        },
        numbers=_values(words.numbers for words in near),
        units=_list(words.units for words in near),
        counters=_list(words.counters for words in near),
        connectives=_list(words.connectives for words in near),
        out_of=_list(words.out_of for words in near),
        decimal_comma=own.decimal_comma,
        lead_ins=_list(words.lead_ins for words in near),
        corrections=_list(words.corrections for words in near),
        courtesies=_list(words.courtesies for words in everyone),
        declines=_set(words.declines for words in everyone),
        praise=_list(words.praise for words in everyone),
        fury=_list(words.fury for words in everyone),
        negations=_list(words.negations for words in everyone),
    )


def _from(language: str, others: Iterable[str]) -> list[Keywords]:
    """The tables of these languages, its own first."""
    return [OF_EACH[code] for code in dict.fromkeys((language, *others))]


def _set(tables: Iterable[frozenset[str]]) -> frozenset[str]:
    return frozenset(word for table in tables for word in table)


def _list(tables: Iterable[tuple[str, ...]]) -> tuple[str, ...]:
    """Longest first: "thank you very much" ends with "much", and is taken off as one."""
    words = dict.fromkeys(word for table in tables for word in table)
    return tuple(sorted(words, key=len, reverse=True))


def _values(tables: Iterable[Mapping[str, int]]) -> dict[str, int]:
    """Where two languages differ, the first has the word."""
    values: dict[str, int] = {}
    for table in tables:
        values = {**table, **values}
    return values


KEYWORDS: Mapping[str, Keywords] = {language: _understood_in(language) for language in OF_EACH}
