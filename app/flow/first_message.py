"""The message by which a survey begins, on any channel: at the first ask, on the next channel, and in a preview."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.domain.channel import Channel
from app.domain.questionnaire import Survey
from app.store.senders import SenderFacts
from app.wording.catalogue import first_text, page_texts

# a link that its client delivers is claimed by nobody: it has a message, and no sender of ours
_LINKED = frozenset({Channel.EMAIL, Channel.LINK})


@dataclass(frozen=True)
class FirstMessage:
    """`body`: without its link. Of a mail it is the first question; what is around it is composed when it goes out.
    A call says what it says when it is answered, and has none."""

    question_key: str
    body: str
    has_link: bool


def first_message(
    channel: Channel,
    questions: Sequence[str],
    language: str,
    *,
    survey: Survey,
    sender: SenderFacts | None,
    brand: str,
    transferred: bool,
) -> FirstMessage:
    """`questions`: at least one."""
    question = questions[0]
    if channel is Channel.SMS:
        suffix = sender.opt_out_suffix if sender else None
        body = first_text(question, language, brand=brand, opt_out_suffix=suffix, transferred=transferred)
        return FirstMessage(question, body, survey.link)
    if channel in _LINKED:
        prompt = page_texts(language).prompt(question, brand, transferred=transferred)
        return FirstMessage(question, prompt, has_link=True)
    return FirstMessage(question, "", has_link=False)
