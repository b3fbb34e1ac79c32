"""The survey page as its templates show it: each question with its words, its choices and what it depends on."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from app.domain.questionnaire import LOW_CSAT, ONE_TO_FIVE, QUESTIONS, is_asked
from app.flow.survey_page import MOST_WORDS, SurveyPage
from app.wording.catalogue import page_texts
from app.wording.moments import written_moment
from app.wording.texts import PageTexts

# a comment's wording by the score, written as the page's script reads it
_WHEN_LOW = "csat=" + ",".join(str(value) for value in range(ONE_TO_FIVE.low, LOW_CSAT + 1))


@dataclass(frozen=True)
class ShownQuestion:
    """`options`: (value, label), the best first; none for a comment. `numbered`: the value stands beside its label.

    `ends`: what the first and the last value mean, where those between have no words; they stand in a row then.
    `when`: "csat=1,2,3 fcr=2" if it is asked only then. `hint`: for whom it is, where we don't know whether it is
    for this customer. `low_prompt`: the prompt while `low_when` holds, and `is_low` says whether it does.
    """

    key: str
    prompt: str
    options: tuple[tuple[int, str], ...] = ()
    numbered: bool = False
    ends: tuple[str, str] | None = None
    when: str = ""
    hint: str = ""
    low_prompt: str = ""
    low_when: str = ""
    is_low: bool = False


def shown(page: SurveyPage, values: Mapping[str, int], comment: str | None) -> dict[str, Any]:
    """What every template of an open survey needs. `values` and `comment` are what the form is filled with."""
    texts = page_texts(page.language)
    return {
        "page": page,
        "texts": texts,
        "title": texts.title(page.brand, written_moment(page.called_at, page.language)),
        "until": written_moment(page.change_until, page.language),
        "help": _help(texts, page.hotline or ""),
        "questions": [_question(page, texts, key, values) for key in page.questions],
        "values": values,
        # what a link's score has chosen: the customer has not given it yet
        "unsaved": {key for key, value in values.items() if page.values.get(key) != value},
        "comment": comment,
        "most_words": MOST_WORDS,
    }


def _question(page: SurveyPage, texts: PageTexts, key: str, values: Mapping[str, int]) -> ShownQuestion:
    scale = QUESTIONS[key].scale
    prompt = texts.prompt(key, page.brand, transferred=page.transferred)
    needs = page.only_if.get(key, {})
    when = " ".join(f"{on}={','.join(map(str, answers))}" for on, answers in needs.items())
    hint = "" if is_asked(key, values, page.only_if) else texts.if_low
    if scale is None:
        low_prompt = texts.prompt(key, page.brand, transferred=page.transferred, low=True)
        varies = "csat" in page.questions and low_prompt != prompt
        return ShownQuestion(
            key,
            prompt,
            when=when,
            hint=hint,
            low_prompt=low_prompt if varies else "",
            low_when=_WHEN_LOW if varies else "",
            is_low=varies and values.get("csat", ONE_TO_FIVE.high) <= LOW_CSAT,
        )
    options = tuple(texts.options(key))
    in_words = all(label for _, label in options)
    first, last = options[0], options[-1]
    return ShownQuestion(
        key,
        prompt,
        options,
        # of a choice, and of yes and no, the numbers mean nothing to people
        numbered=scale.best == scale.high,
        ends=None if in_words else (f"{first[0]} = {first[1]}", f"{last[0]} = {last[1]}"),
        when=when,
        hint=hint,
    )


def _help(texts: PageTexts, hotline: str) -> Markup:
    """Where to turn to, to be tapped where it is a telephone number."""
    before, _, after = texts.help_text.partition("{hotline}")
    dialled = "".join(character for character in hotline if character in "+0123456789")
    number = Markup('<a href="tel:{}">{}</a>').format(dialled, hotline) if len(dialled) > 2 else hotline
    return Markup("{}{}{}").format(before, number, after)
