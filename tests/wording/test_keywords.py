"""The tables of words hold together, and with the texts that customers reply to."""

import pytest

from app.domain.questionnaire import QUESTIONS
from app.domain.text import flat
from app.wording.catalogue import LANGUAGES, keywords, page_texts
from app.wording.keywords import KEYWORDS, OF_EACH

_CARRIER = {"stop", "stopall", "unsubscribe", "cancel", "end", "quit", "revoke", "optout"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_zero_and_every_other_number_never_mean_to_stop(language):
    words = keywords(language)
    assert not any(word.isnumeric() for word in words.stop_words | words.unsubscribe_clauses)


@pytest.mark.parametrize("language", LANGUAGES)
def test_single_letters_mean_to_stop_in_chinese_surveys_only(language):
    letters = {word for word in keywords(language).stop_words if len(word) == 1}
    assert letters == ({"t", "n", "r"} if language.startswith("zh") else set())


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_stop_word_of_the_carrier_is_one_of_ours(language):
    words = keywords(language)
    assert words.carrier_stop_words == _CARRIER
    assert words.carrier_stop_words <= words.stop_words
    assert "yes" not in words.opt_in_words


@pytest.mark.parametrize("language", LANGUAGES)
def test_words_are_kept_as_replies_are_folded(language):
    words = keywords(language)
    single = [*words.stop_words, *words.opt_in_words, *words.help_words, *words.unsubscribe_clauses]
    phrases = [*words.unsubscribe_phrases, *words.units, *words.counters, *words.connectives, *words.lead_ins]
    phrases += [*words.corrections, *words.courtesies, *words.praise, *words.fury]
    phrases += [*words.out_of, *words.declines]
    labels = [label for table in words.labels.values() for label in table]
    for word in [*single, *phrases, *labels]:
        assert word == flat(word) != "", word


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_label_that_customers_are_shown_is_understood_as_its_value(language):
    page, words = page_texts(language), keywords(language)
    for question in (key for key in QUESTIONS if QUESTIONS[key].scale):
        for value, label in page.options(question):
            if label:
                assert words.labels[question][label.casefold()] == value


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_labelled_value_is_on_its_scale(language):
    for question, table in keywords(language).labels.items():
        scale = QUESTIONS[question].scale
        assert scale is not None
        assert all(value in scale for value in table.values())


def test_a_label_means_the_same_in_every_language_that_has_it():
    for question in QUESTIONS:
        values: dict[str, set[int]] = {}
        for words in OF_EACH.values():
            for label, value in words.labels.get(question, {}).items():
                values.setdefault(label, set()).add(value)
        assert {label: found for label, found in values.items() if len(found) > 1} == {}


def test_nobody_asks_to_stop_with_a_word_that_answers_a_question():
    for words in KEYWORDS.values():
        asking = words.stop_words | words.opt_in_words | words.help_words | words.unsubscribe_clauses
        answering = {label for table in words.labels.values() for label in table} | {*words.numbers}
        assert asking.isdisjoint(answering)
        assert words.opt_in_words.isdisjoint(words.stop_words)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_number_from_zero_to_ten_has_its_word(language):
    assert set(keywords(language).numbers.values()) == set(range(11))


def test_words_are_found_without_their_accents_and_with_umlauts_spelled_out():
    assert KEYWORDS["fr"].labels["csat"]["tres satisfait"] == 5
    assert KEYWORDS["es"].labels["fcr"]["si"] == 1
    assert {"fünf", "funf", "fuenf"} <= KEYWORDS["de"].numbers.keys()
