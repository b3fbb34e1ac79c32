"""Comments that were spoken: the recording of each, until it is written down, and longer where it is to be kept."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    DateTime,
    ForeignKeyConstraint,
    Index,
    UniqueConstraint,
    func,
    select,
    text,
    update,
)
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.domain.recording import Awaited, RecordingState
from app.ids import new_id
from app.store.base import Base, keyring, made_at

_AUDIO = "recording.audio"


class Recording(Base):
    """`audio`: sealed. `next_move_at`: when it is looked at again; null when nothing is left to do."""

    __tablename__ = "recording"
    __table_args__ = (
        ForeignKeyConstraint(
            ["account_id", "phone_survey_id"], ["phone_survey.account_id", "phone_survey.id"]
        ),
        UniqueConstraint("account_id", "recording_sid"),
        CheckConstraint("(state = 'kept') = (audio is not null)", name="kept_has_audio"),
        Index("ix_recording_next_move", "next_move_at", postgresql_where="next_move_at is not null"),
        Index("ix_recording_phone_survey", "account_id", "phone_survey_id"),
        Index("ix_recording_kept", "created_at", postgresql_where="audio is not null"),
    )

    account_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    phone_survey_id: Mapped[UUID]
    invitation_id: Mapped[UUID]
    recording_sid: Mapped[str]
    seconds: Mapped[int | None]
    state: Mapped[str]
    awaits: Mapped[str]  # who writes it down: carrier | service | nobody
    is_written: Mapped[bool] = mapped_column(server_default=text("false"))
    keep: Mapped[bool]
    audio: Mapped[bytes | None]
    tries: Mapped[int] = mapped_column(server_default=text("0"))
    next_move_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = made_at()
    ended_at: Mapped[datetime | None]


def add_recording(
    session: Session,
    account_id: UUID,
    *,
    phone_survey_id: UUID,
    invitation_id: UUID,
    recording_sid: str,
    seconds: int | None,
    awaits: Awaited,
    keep: bool,
) -> Recording | None:
    """A recording that was made; None when it is known already."""
    recording_id = session.scalar(
        insert(Recording)
        .values(
            account_id=account_id,
            id=new_id(),
            phone_survey_id=phone_survey_id,
            invitation_id=invitation_id,
            recording_sid=recording_sid,
            seconds=seconds,
            state=RecordingState.RECORDED,
            awaits=awaits,
            keep=keep,
        )
        .on_conflict_do_nothing(constraint="uq_recording_account_id_recording_sid")
        .returning(Recording.id)
    )
    return recording_id and session.get_one(Recording, (account_id, recording_id))


def lock_recording(session: Session, account_id: UUID, recording_sid: str) -> Recording | None:
    """Lock its invitation first."""
    return session.scalar(
        select(Recording)
        .where(Recording.account_id == account_id, Recording.recording_sid == recording_sid)
        .with_for_update()
        .execution_options(populate_existing=True)
    )


def take_recording(session: Session, hold_seconds: float) -> Recording | None:
    """One that something is to be done about; others leave it alone for so long, and twice as long at each try."""
    due = (
        select(Recording.account_id, Recording.id)
        .where(Recording.next_move_at <= func.clock_now(type_=DateTime(timezone=True)))
        .order_by(Recording.next_move_at)
        .limit(1)
        .with_for_update(skip_locked=True)
        .cte("due")
    )
    hold = func.clock_now(type_=DateTime(timezone=True)) + func.power(2, func.least(Recording.tries, 8)) * (
        timedelta(seconds=hold_seconds)
    )
    return session.scalar(
        update(Recording)
        .where(Recording.account_id == due.c.account_id, Recording.id == due.c.id)
        .values(tries=Recording.tries + 1, next_move_at=hold)
        .returning(Recording),
        execution_options={"synchronize_session": False},
    )


def seal_audio(session: Session, recording: Recording, audio: bytes) -> bytes:
    return keyring(session).seal_bytes(_AUDIO, recording.account_id, audio)


def audio_of(session: Session, recording: Recording) -> bytes | None:
    if recording.audio is None:
        return None
    return keyring(session).open_bytes(_AUDIO, recording.account_id, recording.audio)


def forget_audio(session: Session, account_id: UUID, before: datetime, most: int) -> int:
    """Empty up to `most` recordings that were made before that time; what was written down of them stays."""
    old = (
        select(Recording.account_id, Recording.id)
        .where(
            Recording.account_id == account_id, Recording.created_at < before, Recording.audio.is_not(None)
        )
        .order_by(Recording.created_at)
        .limit(most)
        .with_for_update(skip_locked=True)
        .cte("old")
    )
    rows = session.execute(
        update(Recording)
        .where(Recording.account_id == old.c.account_id, Recording.id == old.c.id)
        .values(audio=None, state=RecordingState.DROPPED)
        .returning(Recording.id),
        execution_options={"synchronize_session": False},
    )
    return len(rows.all())
