"""What a customer would see or hear of a survey, word for word, before anybody is asked."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from app.channels.mail_page import html_of, text_of
from app.domain.channel import Channel
from app.domain.questionnaire import LOW_CSAT, QUESTIONS, Survey
from app.errors import NotFound
from app.flow.compose_mail import Occasion, mail_page
from app.flow.first_message import first_message
from app.store.accounts import Account, get_account
from app.store.base import database_now
from app.store.senders import senders_of_account
from app.store.surveys import current_survey
from app.wording.catalogue import (
    choose_language,
    page_texts,
    question_text,
    render,
    repeat_text,
    spoken_texts,
)
from app.wording.segments import sms_segments
from app.wording.texts import TextKey

# as long as a token is, and opens nothing
_TOKEN = "0" * 22
_SAID_BESIDE = (TextKey.CORRECTED, TextKey.HELP, TextKey.LATE, TextKey.STOPPED, TextKey.RESTARTED)

Part = dict[str, Any]


def preview_survey(
    session: Session,
    *,
    account_id: UUID,
    key: str,
    channel: Channel,
    language: str | None,
    region: str | None,
    transferred: bool,
    public_url: str,
) -> dict[str, Any]:
    """{survey, language, channel, questions, parts}, and for a mail its subject, text and html, and its reminder's.

    `language`: any tag; it is shown which one of ours answers to it. `region`: of a number that is texted. Raises
    NotFound.
    """
    survey = current_survey(session, account_id, key)
    if survey is None:
        raise NotFound(f"No survey {key!r}")
    account = get_account(session, account_id)
    spoken_in = choose_language(language, account.default_language)
    questions = survey.order(channel, region)
    mail: dict[str, str] = {}
    if channel is Channel.SMS:
        sender = senders_of_account(session, account_id).get(channel)
        first = first_message(
            channel,
            questions,
            spoken_in,
            survey=survey,
            sender=sender,
            brand=account.brand,
            transferred=transferred,
        )
        body = f"{first.body} {public_url}/s/{_TOKEN}" if first.has_link else first.body
        parts = list(_texts(survey, body, questions, spoken_in, account, transferred=transferred))
    elif channel in (Channel.EMAIL, Channel.LINK):
        parts = list(_questions(survey, questions, spoken_in, account, transferred=transferred))
        if channel is Channel.EMAIL:
            now = database_now(session)
            occasion = Occasion(
                language=spoken_in,
                called_at=now.astimezone(ZoneInfo(account.timezone)),
                question=questions[0],
                transferred=transferred,
                is_reminder=False,
            )
            mail = _mail(account, occasion, public_url)
            if survey.reminder_after_seconds:
                reminder = _mail(account, replace(occasion, is_reminder=True), public_url)
                mail |= {f"reminder_{name}": words for name, words in reminder.items()}
    else:
        is_ours = channel is Channel.CALLBACK
        parts = list(_said(survey, questions, spoken_in, account, transferred=transferred, we_ring=is_ours))
    return {
        "survey": {"key": survey.key, "version": survey.version},
        "language": spoken_in,
        "channel": channel.value,
        "questions": list(questions),
        "parts": parts,
        **mail,
    }


def _texts(
    survey: Survey,
    first: str,
    questions: Sequence[str],
    language: str,
    account: Account,
    *,
    transferred: bool,
) -> Iterator[Part]:
    brand = account.brand
    yield _text("ask", first, questions[0])
    for question in questions[1:]:
        text = question_text(question, language, brand=brand, transferred=transferred)
        yield _text("question", text, question, _condition(survey, question))
        if question == "comment":
            low = question_text(question, language, brand=brand, csat=LOW_CSAT)
            yield _text("question", low, question, "after a low csat")
    for question in questions:
        if QUESTIONS[question].scale is not None:
            yield _text("repeat", repeat_text(question, language, brand=brand), question)
    yield _text("thanks", render(TextKey.THANKS, language, brand=brand))
    for purpose in _SAID_BESIDE:
        noted = {"question": questions[0], "value": 1} if purpose is TextKey.CORRECTED else {}
        text = render(purpose, language, brand=brand, hotline=account.hotline, **noted)  # type: ignore[arg-type]
        yield _text(purpose.value, text)


def _text(purpose: str, text: str, question: str | None = None, when: str | None = None) -> Part:
    encoding, segments = sms_segments(text)
    return {
        **_part(purpose, text, question, when),
        "encoding": encoding,
        "segments": segments,
        "characters": len(text),
    }


def _part(purpose: str, text: str, question: str | None = None, when: str | None = None) -> Part:
    return {"purpose": purpose, "question": question, "when": when, "text": text}


def _questions(
    survey: Survey, questions: Sequence[str], language: str, account: Account, *, transferred: bool
) -> Iterator[Part]:
    texts = page_texts(language)
    for question in questions:
        prompt = texts.prompt(question, account.brand, transferred=transferred)
        yield {
            **_part("question", prompt, question, _condition(survey, question)),
            "options": [{"value": value, "label": label} for value, label in texts.options(question)],
        }
        if question == "comment":
            yield _part(
                "question", texts.prompt(question, account.brand, low=True), question, "after a low csat"
            )


def _condition(survey: Survey, question: str) -> str | None:
    met = [
        f"{on} is {' or '.join(map(str, answers))}"
        for on, answers in survey.only_if.get(question, {}).items()
    ]
    return " and ".join(met) or None


def _said(
    survey: Survey,
    questions: Sequence[str],
    language: str,
    account: Account,
    *,
    transferred: bool,
    we_ring: bool,
) -> Iterator[Part]:
    texts, brand = spoken_texts(language), account.brand
    yield _part("opening", texts.opening(brand) if we_ring else texts.opening_in_call(brand))
    for question in questions:
        keys = dict(texts.keys.get(question, {}))
        prompt = texts.prompt(question, brand, transferred=transferred)
        yield {**_part("question", prompt, question, _condition(survey, question)), "keys": keys}
        if question == "comment":
            low = texts.prompt(question, brand, low=True)
            yield {**_part("question", low, question, "after a low csat"), "keys": keys}
    for purpose in ("invalid", "silence", "thanks", "goodbye"):
        yield _part(purpose, getattr(texts, purpose))
    yield _part("opted_out", texts.opted_out(brand))


def _mail(account: Account, occasion: Occasion, public_url: str) -> dict[str, str]:
    page = mail_page(account, occasion, public_url, _TOKEN)
    return {"subject": page.subject, "mail_text": text_of(page), "mail_html": html_of(page)}
