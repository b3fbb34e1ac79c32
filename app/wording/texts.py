"""What a catalogue holds: the texts of one language for SMS, and those of the web form."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from app.domain.questionnaire import QUESTIONS


class TextKey(StrEnum):
    ASK_CSAT = "ask_csat"
    ASK_OWNERSHIP = "ask_ownership"
    ASK_NPS = "ask_nps"
    ASK_FCR = "ask_fcr"
    ASK_COMMENT = "ask_comment"
    ASK_COMMENT_LOW = "ask_comment_low"
    REPEAT_CSAT = "repeat_csat"
    REPEAT_OWNERSHIP = "repeat_ownership"
    REPEAT_NPS = "repeat_nps"
    REPEAT_FCR = "repeat_fcr"
    STOPPED = "stopped"
    RESTARTED = "restarted"
    HELP = "help"
    LATE = "late"
    CORRECTED = "corrected"
    THANKS = "thanks"


@dataclass(frozen=True)
class Catalogue:
    """Templates in `str.format` form; a change to any of them is a new `version`.

    A text may have variants, named `key.variant`: `first` (the first text of a survey: who writes, and how to
    opt out), `transferred` (the agent who answered is not the only one the customer spoke to), `low` (a score
    that one may have given by mistake), `plain` (no hotline is known). Placeholders: {brand}, {hotline},
    {opt_out}, {noted} (a value and its label).
    """

    language: str
    version: str
    texts: Mapping[str, str]
    opt_out_suffix: str
    labels: Mapping[str, Mapping[int, str]]  # question key -> value -> label; a value may have none
    label_gap: str  # between a value and its label
    page: "PageTexts"


@dataclass(frozen=True)
class PageTexts:
    """The words of the web form. Fields named `..._text` are templates: call the method of that name."""

    language: str  # for the page's lang attribute
    labels: Mapping[str, Mapping[int, str]]
    title_text: str
    prompts: Mapping[str, str]  # the keys of the questions, with the variants of a catalogue
    note: str
    choose: str
    send: str
    thanks: str
    change_until_text: str
    closed: str
    help_text: str

    def title(self, brand: str, when: str) -> str:
        """`when`: the date and time of the call, written for the reader."""
        return self.title_text.format(brand=brand, when=when)

    def prompt(self, question: str, brand: str, *, transferred: bool = False, low: bool = False) -> str:
        """The question in full. `low`: the comment after a low CSAT."""
        names = [f"{question}.low"] if low else []
        names += [f"{question}.transferred"] if transferred else []
        template = next(self.prompts[name] for name in [*names, question] if name in self.prompts)
        return template.format(brand=brand)

    def options(self, question: str) -> list[tuple[int, str]]:
        """(value, label), the best first; an empty label where the number says it. Empty for a comment."""
        scale = QUESTIONS[question].scale
        if scale is None:
            return []
        labels = self.labels.get(question, {})
        values = sorted(range(scale.low, scale.high + 1), reverse=scale.best == scale.high)
        return [(value, labels.get(value, "")) for value in values]

    def change_until(self, until: str) -> str:
        """`until`: the time, written for the reader."""
        return self.change_until_text.format(until=until)

    def help(self, hotline: str | None) -> str:
        """Where to turn to; empty when no hotline is known."""
        return self.help_text.format(hotline=hotline) if hotline else ""
