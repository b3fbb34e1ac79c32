"""What is said on the telephone, and what the keys and the spoken answers mean."""

import re

import pytest

from app.domain.elsewhere import ONE_IS_BEST
from app.domain.questionnaire import QUESTIONS
from app.wording.catalogue import LANGUAGES, page_texts, spoken_texts

EVERY_LANGUAGE = pytest.mark.parametrize("language", LANGUAGES)
SCORED = [key for key, question in QUESTIONS.items() if question.scale]


@EVERY_LANGUAGE
@pytest.mark.parametrize("question", SCORED)
def test_every_value_has_one_key_and_its_scale_is_told(question, language):
    spoken, scale = spoken_texts(language), QUESTIONS[question].scale
    assert sorted(spoken.keys[question].values()) == list(range(scale.low, scale.high + 1))
    assert spoken.scales[question] in (scale.id, ONE_IS_BEST)
    assert (spoken.scales[question] == ONE_IS_BEST) == (spoken.keys[question][str(scale.low)] != scale.low)


@pytest.mark.parametrize(
    ("language", "key", "value"),
    [("en", "5", 5), ("es", "1", 1), ("fr", "4", 4), ("de", "1", 1), ("zh", "1", 5), ("zh-Hant", "2", 4)],
)
def test_one_is_the_best_in_chinese_only(language, key, value):
    spoken = spoken_texts(language)
    assert spoken.keys["csat"][key] == spoken.keys["ownership"][key] == value


@EVERY_LANGUAGE
def test_the_prompt_names_the_key_that_is_taken_for_its_label(language):
    spoken, labels = spoken_texts(language), page_texts(language).labels
    best, worst = (labels["csat"][value].casefold() for value in (5, 1))
    prompt = spoken.prompt("csat", "Acme").casefold()
    digits = re.findall(r"[1-5]", prompt)
    # every language but Chinese names the key before the label, and both name the best first
    assert [spoken.keys["csat"][digit] for digit in digits] == [5, 4, 3, 2, 1]
    assert prompt.index(best) < prompt.index(worst)


@EVERY_LANGUAGE
def test_every_question_can_be_asked_and_no_placeholder_is_left(language):
    spoken = spoken_texts(language)
    said = [
        spoken.prompt(question, "Acme", transferred=transferred, low=low)
        for question in QUESTIONS
        for transferred in (False, True)
        for low in (False, True)
    ]
    said += [spoken.opening("Acme"), spoken.opening_in_call("Acme"), spoken.opted_out("Acme")]
    said += [spoken.invalid, spoken.silence, spoken.thanks, spoken.goodbye, spoken.closed]
    for text in said:
        assert text.strip()
        assert not re.search(r"[{}<>&*#]|  ", text), text
    assert spoken.prompt("csat", "A", transferred=True) != spoken.prompt("csat", "A")
    assert spoken.prompt("comment", "A", low=True) != spoken.prompt("comment", "A")
    assert all("Acme" in text for text in (spoken.opening("Acme"), spoken.opted_out("Acme")))


@EVERY_LANGUAGE
def test_nine_stops_these_calls(language):
    spoken = spoken_texts(language)
    assert re.search(r"1.*9", spoken.opening("Acme"))
    assert "9" in spoken.opening_in_call("Acme")


@EVERY_LANGUAGE
def test_a_label_said_aloud_is_its_value_whatever_the_keys_are(language):
    spoken = spoken_texts(language)
    for question, labels in page_texts(language).labels.items():
        for value, label in labels.items():
            assert spoken.heard(question, f" {label.upper()}. ") == value


@pytest.mark.parametrize(
    ("language", "question", "said", "value"),
    [
        *(
            ("en", "csat", "Five.", 5),
            ("en", "nps", "ten", 10),
            ("en", "nps", "10", 10),
            ("en", "fcr", "No", 2),
        ),
        *(("zh", "csat", "一", 5), ("zh", "csat", "1", 5), ("zh", "csat", "五", 1), ("zh", "nps", "零", 0)),
        *(
            ("es", "csat", "Cinco.", 5),
            ("fr", "csat", "un", 1),
            ("de", "nps", "Null", 0),
            ("de", "csat", "5", 5),
        ),
        *(("en", "csat", "six", None), ("en", "csat", "it was fine", None), ("zh", "csat", "五分", None)),
        *(("en", "comment", "five", None), ("en", "csat", "", None), ("en", "fcr", "no thanks", None)),
        *(
            ("en", "csat", "I'd say four.", 4),
            ("en", "csat", "Five stars", 5),
            ("en", "fcr", "Yes, please.", 1),
        ),
        *(("en", "csat", "four or five", None), ("en", "csat", "very satisfied, thank you", 5)),
        *(("zh", "csat", "非常满意,谢谢", 5), ("zh", "csat", "我给五分", None), ("zh", "nps", "10分", 10)),
        *(("zh-Hant", "csat", "非常滿意。", 5), ("de", "csat", "Ich bin sehr zufrieden", 5)),
    ],
)
def test_a_spoken_answer_is_taken_where_it_can_mean_one_thing_only(language, question, said, value):
    assert spoken_texts(language).heard(question, said) == value


def test_the_voices():
    assert {language: spoken_texts(language).language_code for language in LANGUAGES} == {
        "en": "en-GB",
        "zh": "cmn-CN",
        "zh-Hant": "cmn-TW",
        "es": "es-ES",
        "fr": "fr-FR",
        "de": "de-DE",
    }
    for language in LANGUAGES:
        spoken = spoken_texts(language)
        assert spoken.voice.startswith(("Polly.", f"Google.{spoken.language_code}-"))
