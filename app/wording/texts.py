"""What a catalogue holds: all that customers of one language read and hear, on every channel."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from app.domain.keywords import Keywords
from app.domain.questionnaire import QUESTIONS
from app.domain.ratings import read_rating
from app.domain.text import flat, fold, without_endings, without_openings


class TextKey(StrEnum):
    ASK_CSAT = "ask_csat"
    ASK_OWNERSHIP = "ask_ownership"
    ASK_NPS = "ask_nps"
    ASK_FCR = "ask_fcr"
    ASK_CES = "ask_ces"
    ASK_REASON = "ask_reason"
    ASK_COMMENT = "ask_comment"
    ASK_COMMENT_LOW = "ask_comment_low"
    REPEAT_CSAT = "repeat_csat"
    REPEAT_OWNERSHIP = "repeat_ownership"
    REPEAT_NPS = "repeat_nps"
    REPEAT_FCR = "repeat_fcr"
    REPEAT_CES = "repeat_ces"
    REPEAT_REASON = "repeat_reason"
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
    encoding: str  # every text that goes out by SMS is one segment of it (GSM_7 or UCS_2)
    texts: Mapping[str, str]
    opt_out_suffix: str
    labels: Mapping[str, Mapping[int, str]]  # question key -> value -> label; a value may have none
    label_gap: str  # between a value and its label
    page: "PageTexts"
    mail: "MailTexts"
    spoken: "SpokenTexts"
    lower_labels: bool = True  # within a sentence


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
    optional: str  # beside a question that may be left out
    if_low: str  # beside a question for those who were let down, where all are shown it
    change: str  # opens the answers of a survey that was answered
    saved: str  # each answer is kept as it is given
    not_saved: str  # it could not be kept: the button sends it
    partial_saved: str  # who comes back finds what stands so far
    already_text: str
    problem: str  # the heading over what has to be mended
    wrong: str  # an answer that the question does not have
    too_long_text: str
    too_many: str  # tried too often: later
    privacy: str  # the word of the link
    progress_text: str

    def title(self, brand: str, when: str) -> str:
        """`when`: the date and time of the call, written for the reader."""
        return self.title_text.format(brand=brand, when=when)

    def prompt(self, question: str, brand: str, *, transferred: bool = False, low: bool = False) -> str:
        """The question in full. `low`: the comment after a low CSAT."""
        return _variant(self.prompts, question, transferred=transferred, low=low).format(brand=brand)

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

    def already(self, until: str) -> str:
        """For who opens an answered link again: thanks, and until when it may be changed."""
        return self.already_text.format(until=until)

    def too_long(self, most: int) -> str:
        """A comment of more than `most` characters."""
        return self.too_long_text.format(most=most)

    def progress(self, number: int, total: int) -> str:
        """Which question this is of how many, for those who can't see the page at a glance."""
        return self.progress_text.format(number=number, total=total)

    def help(self, hotline: str | None) -> str:
        """Where to turn to; empty when no hotline is known."""
        return self.help_text.format(hotline=hotline) if hotline else ""


@dataclass(frozen=True)
class MailTexts:
    """The words of a mail and of its unsubscribe page; the questions and their labels are the page's.

    Fields named `..._text` are templates: call the method of that name. `when` is the date and time of the call
    and `when_day` its date, written for the reader.
    """

    language: str  # for the lang attribute and Content-Language
    subject_text: str
    greeting_text: str
    preheader_text: str
    note: str
    help_text: str
    privacy: str
    unsubscribe: str
    open_page: str
    reminder_subject_text: str
    reminder_text: str
    unsubscribe_title: str
    unsubscribe_question_text: str
    unsubscribe_button: str
    unsubscribed_text: str

    def subject(self, when_day: str) -> str:
        return self.subject_text.format(when_day=when_day)

    def greeting(self, brand: str, when: str) -> str:
        return self.greeting_text.format(brand=brand, when=when)

    def preheader(self, brand: str) -> str:
        """What an inbox shows beside the subject."""
        return self.preheader_text.format(brand=brand)

    def help(self, hotline: str | None) -> str:
        """Where to turn to; empty when no hotline is known."""
        return self.help_text.format(hotline=hotline) if hotline else ""

    def reminder_subject(self, when_day: str) -> str:
        return self.reminder_subject_text.format(when_day=when_day)

    def reminder(self, brand: str, when: str) -> str:
        """The greeting of the one reminder."""
        return self.reminder_text.format(brand=brand, when=when)

    def unsubscribe_question(self, brand: str) -> str:
        return self.unsubscribe_question_text.format(brand=brand)

    def unsubscribed(self, brand: str) -> str:
        return self.unsubscribed_text.format(brand=brand)


@dataclass(frozen=True)
class SpokenTexts:
    """What is said on the telephone. Fields named `..._text` are templates: call the method of that name.

    `keys`: question -> what is pressed -> value; where two digits may be pressed (nps) the caller ends with hash.
    `scales`: question -> the id of the scale kept with the answer. `speech`: question -> what may be said ->
    value, in a few words; `heard` reads a whole sentence. Star repeats every prompt.
    """

    language_code: str  # of <Say>
    speech_code: str  # of <Gather input="speech">, which names Chinese otherwise
    voice: str
    prompts: Mapping[str, str]  # the keys of the questions, with the variants of a catalogue
    keys: Mapping[str, Mapping[str, int]]
    scales: Mapping[str, str]
    speech: Mapping[str, Mapping[str, int]]
    keywords: Keywords
    opening_text: str
    opening_in_call_text: str
    invalid: str  # a key that means nothing here
    silence: str  # nothing was pressed
    thanks: str  # after the last answer
    goodbye: str  # before hanging up: after thanks, and alone when nothing was answered
    closed: str  # answered elsewhere meanwhile, or too late
    opted_out_text: str

    def opening(self, brand: str) -> str:
        """We rang: 1 starts, 9 stops these calls."""
        return self.opening_text.format(brand=brand)

    def opening_in_call(self, brand: str) -> str:
        """The agent has left and the customer stayed: 9 opts out."""
        return self.opening_in_call_text.format(brand=brand)

    def prompt(self, question: str, brand: str, *, transferred: bool = False, low: bool = False) -> str:
        """The question with its keys, or how to leave a comment. `low`: the comment after a low CSAT."""
        return _variant(self.prompts, question, transferred=transferred, low=low).format(brand=brand)

    def heard(self, question: str, said: str) -> int | None:
        """The value of a spoken answer; None when it is none, or may be two.

        Where 1 is the best key a number is only taken bare: 五分 may be full marks or the fifth key.
        """
        scale, polite = QUESTIONS[question].scale, self.keywords.courtesies
        if scale is None or fold(said) in self.keywords.declines:
            return None
        bare = fold(without_endings(without_openings(flat(said), polite), polite))
        value = self.speech[question].get(bare)
        if value is not None or self.scales[question] != scale.id:
            return value
        return read_rating(said, question, scale, self.keywords)

    def opted_out(self, brand: str) -> str:
        return self.opted_out_text.format(brand=brand)


def _variant(prompts: Mapping[str, str], question: str, *, transferred: bool, low: bool) -> str:
    names = [f"{question}.low"] if low else []
    names += [f"{question}.transferred"] if transferred else []
    return next(prompts[name] for name in [*names, question] if name in prompts)
