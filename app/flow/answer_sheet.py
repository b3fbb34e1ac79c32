"""What a customer has answered so far, and the writing of more: the same for a text, a page, and later doors.

The caller holds the invitation's lock.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.channel import Channel
from app.domain.invitation import ANSWERABLE, OPEN, InvitationState
from app.domain.questionnaire import QUESTIONS, Survey, is_asked, is_complete, next_question
from app.flow.message_outcomes import move_invitation, note_arrived
from app.store.answers import Answer, answers_of, revise, words_of
from app.store.contacts import Contact, end_open_survey, note_nps_asked
from app.store.events import add_event
from app.store.facts import mark_call_stale
from app.store.invitations import Invitation
from app.store.messages import take_back_asks
from app.store.surveys import survey_version
from app.wording.catalogue import wording_version

# kept and never scored: what could not be understood, and what came after the end
UNCLEAR, LATE = "unclear", "late"

# what one customer may tell us in one survey, in characters; a machine that never ends is cut off
_MOST_WORDS = 10_000


@dataclass(frozen=True)
class Evidence:
    """How an answer came to us. `wording`: of another system's question; None: of ours."""

    channel: str  # sms | page | ivr, or one of elsewhere.CHANNELS
    now: datetime
    event_id: UUID | None = None
    wording: str | None = None


@dataclass
class Sheet:
    """`current`: question key -> its current answer, comments among them.

    `asked_here`: what the door asks through which the customer came; None: what the invitation was sent to ask.
    """

    invitation: Invitation
    survey: Survey
    opted_out: bool = False
    current: dict[str, Answer] = field(default_factory=dict)
    asked_here: tuple[str, ...] | None = None

    @property
    def order(self) -> tuple[str, ...]:
        return tuple(self.invitation.questions) if self.asked_here is None else self.asked_here

    @property
    def scored(self) -> dict[str, int]:
        return {
            key: answer.value
            for key, answer in self.current.items()
            if answer.value is not None and key in QUESTIONS
        }

    @property
    def counts(self) -> bool:
        """Whether anything has a score: a choice alone says why, and not how it was."""
        return any(QUESTIONS[key].metric is not None for key in self.scored)

    @property
    def waiting(self) -> str | None:
        """The question that is asked next, or was asked and waits."""
        return next_question(self.order, self.current.keys(), self.scored, self.survey.only_if)

    @property
    def is_complete(self) -> bool:
        """Whether all is answered that the invitation was sent to ask, whatever else a door asks."""
        asked = tuple(self.invitation.questions)
        left_out = [key for key in asked if not is_asked(key, self.scored, self.survey.only_if)]
        return self.counts and is_complete(asked, self.scored, left_out)

    @property
    def last_scored(self) -> str | None:
        scored = [answer for answer in self.current.values() if answer.value is not None]
        # another door may have asked what this one does not
        order = (*(key for key in QUESTIONS if key not in self.order), *self.order)
        newest = max(
            scored,
            key=lambda answer: (answer.answered_at, order.index(answer.question_key)),
            default=None,
        )
        return None if newest is None else newest.question_key

    def takes_answers(self, now: datetime) -> bool:
        """Open, or ended so lately that a second thought still counts; nothing counts after an opt-out."""
        if self.opted_out:
            return False
        state = InvitationState(self.invitation.state)
        if state is InvitationState.SCHEDULED:
            return True
        # by the time and not by the sweep that ends what is over: it may come late, and one in doubt stays so
        until = self.invitation.close_at if state in ANSWERABLE else None
        if state is InvitationState.FINISHED:
            until = self.invitation.edit_until
        return until is not None and now < until


def read_sheet(session: Session, invitation: Invitation, door: Channel | None = None) -> Sheet:
    """`door`: the channel by which the customer answers, where it has an order of its own; None: by text."""
    survey = survey_version(
        session, invitation.account_id, invitation.survey_key or "", invitation.survey_version or 0
    )
    answers = answers_of(session, invitation.account_id, invitation.id)
    current = {answer.question_key: answer for answer in answers if answer.is_current}
    asked_here = None if door is None else _asked_by(door, survey, invitation, current)
    return Sheet(invitation, survey, has_opted_out(session, invitation), current, asked_here)


def _asked_by(
    door: Channel, survey: Survey, invitation: Invitation, current: Mapping[str, Answer]
) -> tuple[str, ...]:
    """A question that was left out of the survey, for it was asked lately, is not asked at another door either."""
    left_out = invitation.decision.get("left_out", {})
    return tuple(key for key in survey.order(door) if key in current or key not in left_out)


def has_opted_out(session: Session, invitation: Invitation) -> bool:
    """Asked of the database each time: an opt-out of this very transaction counts."""
    return bool(
        session.scalar(
            select(Contact.opted_out_at.is_not(None)).where(
                Contact.account_id == invitation.account_id, Contact.id == invitation.contact_id
            )
        )
    )


def put_value(
    session: Session,
    sheet: Sheet,
    question_key: str,
    value: int,
    *,
    words: str | None,
    flags: tuple[str, ...],
    evidence: Evidence,
    scale: str | None = None,
) -> None:
    """Write a score; the same score again changes nothing, another one is a new revision.

    `scale`: how its key was read, where it was not read as on the question's own scale.
    """
    previous = sheet.current.get(question_key)
    if previous is not None and previous.value == value:
        return
    question = QUESTIONS[question_key]
    sheet.current[question_key] = revise(
        session,
        previous,
        account_id=sheet.invitation.account_id,
        invitation_id=sheet.invitation.id,
        question_key=question_key,
        metric=question.metric,
        value=value,
        words=words,
        scale=scale or (question.scale.id if question.scale else None),
        wording_version=evidence.wording or wording_version(sheet.invitation.language),
        channel=evidence.channel,
        flags=list(flags),
        provider_event_id=evidence.event_id,
        answered_at=evidence.now,
    )
    contact_id = sheet.invitation.contact_id
    if question_key == "nps" and contact_id is not None:
        # also where it was answered unasked, together with the first question or on the page
        note_nps_asked(session, sheet.invitation.account_id, contact_id, evidence.now)


def put_words(
    session: Session,
    sheet: Sheet,
    question_key: str,
    words: str | None,
    *,
    append: bool,
    flags: tuple[str, ...] = (),
    evidence: Evidence,
) -> None:
    """Write a comment; `append` adds a line to what was said before, otherwise it takes its place.

    `words`: None takes back what was said; the revision before keeps it. What goes beyond the space that one
    survey has for words is cut.
    """
    previous = sheet.current.get(question_key)
    before = words_of(session, previous) if previous else None
    if append and before and words:
        words = f"{before}\n{words}"[:_MOST_WORDS]
    if words == before:
        return
    sheet.current[question_key] = revise(
        session,
        previous,
        account_id=sheet.invitation.account_id,
        invitation_id=sheet.invitation.id,
        question_key=question_key,
        metric=None,
        value=None,
        words=words,
        scale=None,
        wording_version=evidence.wording or wording_version(sheet.invitation.language),
        channel=evidence.channel,
        flags=sorted({*flags, *(previous.flags if previous else ())}),
        provider_event_id=evidence.event_id,
        answered_at=evidence.now,
    )


def settle(session: Session, sheet: Sheet, now: datetime, *, sent: bool = False) -> None:
    """Move the invitation to where its answers put it, and let facts and listeners know.

    `sent`: the customer says that this is all; what may be left out does not keep the survey open then.
    """
    invitation = sheet.invitation
    note_arrived(session, invitation, now)
    if sheet.counts:
        invitation.responded_at = invitation.responded_at or now
    # even without an answer it was asked, whatever has become of the record of our request
    answered = bool(sheet.scored) or "comment" in sheet.current
    move_invitation(session, invitation, InvitationState.STARTED if answered else InvitationState.ASKED)
    if answered:
        session.flush()
        take_back_asks(session, invitation.account_id, invitation.id, "answered")
    if invitation.close_at is None and invitation.state in OPEN:
        within = sheet.survey.answer_within(Channel(invitation.channel or Channel.SMS))
        invitation.close_at = now + timedelta(seconds=within)
    if invitation.completed_at is None and sheet.is_complete:
        invitation.completed_at = now
    is_over = sheet.waiting is None or (sent and invitation.completed_at is not None)
    if is_over and move_invitation(session, invitation, InvitationState.FINISHED):
        invitation.ended_at = now
        invitation.close_at = None
        invitation.edit_until = now + timedelta(seconds=sheet.survey.edit_within_seconds)
        session.flush()
        end_open_survey(session, invitation.account_id, invitation.id)
    # every answer is a change of the response, also one that moves no state: readers page by it
    invitation.updated_at = now
    mark_call_stale(session, invitation.account_id, invitation.call_id)
    add_event(session, invitation.account_id, "response.changed", invitation.id)
