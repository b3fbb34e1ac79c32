"""The texts that go to customers, by language. Every function takes any language and settles on one we speak."""

from collections.abc import Mapping

from app.domain.keywords import Keywords
from app.domain.questionnaire import LOW_CSAT, ONE_TO_FIVE, QUESTIONS
from app.domain.text import is_han
from app.wording.chinese import CHINESE
from app.wording.chinese_traditional import TRADITIONAL
from app.wording.english import ENGLISH
from app.wording.french import FRENCH
from app.wording.german import GERMAN
from app.wording.keywords import KEYWORDS
from app.wording.languages import LANGUAGES, choose_language
from app.wording.segments import GSM_7
from app.wording.spanish import SPANISH
from app.wording.texts import Catalogue, MailTexts, PageTexts, SpokenTexts, TextKey

__all__ = [
    "LANGUAGES",
    "catalogue",
    "choose_language",
    "first_text",
    "keywords",
    "mail_texts",
    "page_texts",
    "question_text",
    "render",
    "repeat_text",
    "spoken_texts",
    "wording_version",
]

_CATALOGUES: Mapping[str, Catalogue] = {
    catalogue.language: catalogue for catalogue in (ENGLISH, CHINESE, TRADITIONAL, SPANISH, FRENCH, GERMAN)
}

# one of these makes a message UCS-2 and doubles its price
_TYPOGRAPHIC = str.maketrans({"‘": "'", "’": "'", "“": '"', "”": '"', "–": "-", "—": "-", "…": "..."})

# at and under this value of five a customer is shown how to correct a slip: on many keypads 1 is the best
_MAYBE_A_SLIP = 2


def catalogue(language: str) -> Catalogue:
    """All that is said in a language, as its translators keep it."""
    return _CATALOGUES[choose_language(language)]


def wording_version(language: str) -> str:
    return catalogue(language).version


def page_texts(language: str) -> PageTexts:
    return catalogue(language).page


def mail_texts(language: str) -> MailTexts:
    return catalogue(language).mail


def spoken_texts(language: str) -> SpokenTexts:
    return catalogue(language).spoken


def keywords(language: str) -> Keywords:
    """The words to understand replies by, in a survey in `language`."""
    return KEYWORDS[choose_language(language)]


def first_text(
    question: str,
    language: str,
    *,
    brand: str,
    opt_out_suffix: str | None = None,
    link: str | None = None,
    transferred: bool = False,
) -> str:
    """The first text of a survey, whichever question it starts with."""
    return render(
        TextKey(f"ask_{question}"),
        language,
        brand=brand,
        opt_out_suffix=opt_out_suffix,
        first=True,
        link=link,
        transferred=transferred,
    )


def question_text(
    question: str, language: str, *, brand: str, csat: int | None = None, transferred: bool = False
) -> str:
    """A later question. `csat`: the answer so far; a low one makes the comment prompt ask what went wrong."""
    low = question == "comment" and csat is not None and csat <= LOW_CSAT
    key = TextKey.ASK_COMMENT_LOW if low else TextKey(f"ask_{question}")
    return render(key, language, brand=brand, transferred=transferred)


def repeat_text(question: str, language: str, *, brand: str) -> str:
    """The one helpful repeat of a scored question; ValueError for one that is answered in words."""
    return render(TextKey(f"repeat_{question}"), language, brand=brand)


def render(
    text: TextKey,
    language: str,
    *,
    brand: str,
    hotline: str | None = None,
    opt_out_suffix: str | None = None,
    first: bool = False,
    transferred: bool = False,
    link: str | None = None,
    question: str | None = None,
    value: int | None = None,
) -> str:
    """A text as it is sent.

    `first` names the brand and says how to opt out, by `opt_out_suffix` (the sender's; None is the language's
    own, "" none), and has `link` appended. CORRECTED needs the `question` and the `value` noted. `brand` and
    `hotline` may hold any characters. ValueError when CORRECTED lacks what it notes.
    """
    own = catalogue(language)
    suffix = _opt_out(opt_out_suffix, own)
    noted, low = "", False
    if text is TextKey.CORRECTED:
        if question is None or value is None:
            raise ValueError("A correction notes a question and its value.")
        noted = _noted(own, question, value)
        low = QUESTIONS[question].scale is ONE_TO_FIVE and value <= _MAYBE_A_SLIP
    template = _variant(own, text, first=first, transferred=transferred, low=low, plain=hotline is None)
    body = template.format(
        brand=_plain(brand, own),
        hotline=_plain(hotline or "", own),
        opt_out=suffix,
        noted=noted,
    ).rstrip()
    return f"{body} {link}" if first and link else body


def _variant(catalogue: Catalogue, text: TextKey, **wanted: bool) -> str:
    """The template with the most of the variants wanted, those named first coming first."""
    names = [str(text)]
    for variant, is_wanted in wanted.items():
        if is_wanted:
            names = [f"{name}.{variant}" for name in names if f"{name}.{variant}" in catalogue.texts] or names
    return catalogue.texts[names[0]]


def _opt_out(suffix: str | None, catalogue: Catalogue) -> str:
    """The sender's words; but 回T退订 is promised in Chinese only, for nobody else may send a single letter."""
    foreign = suffix is not None and catalogue.encoding == GSM_7 and any(map(is_han, suffix))
    return catalogue.opt_out_suffix if suffix is None or foreign else suffix


def _noted(catalogue: Catalogue, question: str, value: int) -> str:
    label = catalogue.labels[question].get(value)
    if not label:
        return str(value)
    return f"{value}{catalogue.label_gap}{label.lower() if catalogue.lower_labels else label}"


def _plain(value: str, catalogue: Catalogue) -> str:
    """An account's own words on one line and, where it matters, in characters that don't double the price."""
    line = " ".join(value.split())
    return line.translate(_TYPOGRAPHIC) if catalogue.encoding == GSM_7 else line
