"""How long an account keeps what it knows of people, and letting go of what is older."""

from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.retention import days_kept, problems_of
from app.errors import Invalid
from app.flow.read_audit import OPERATOR
from app.store.accounts import Account, find_account
from app.store.audit import add_audit
from app.store.recordings import forget_audio
from app.store.retention import (
    forget_addresses,
    forget_contents,
    forget_details,
    forget_reports,
    forget_words,
)

# far within the ten seconds that a statement may take, however much has been left lying
_BATCH = 5_000
# up to two megabytes each
_AUDIO_BATCH = 200

_Forget = Callable[[Session, UUID, Any, int], int]

_FORGET: Mapping[str, tuple[tuple[_Forget, type[date], int], ...]] = {
    "verbatims": ((forget_words, datetime, _BATCH),),
    "recordings": ((forget_audio, datetime, _AUDIO_BATCH),),
    "contacts": ((forget_details, date, _BATCH), (forget_addresses, datetime, _BATCH)),
    "reports": ((forget_contents, datetime, _BATCH), (forget_reports, datetime, _BATCH)),
}


def set_retention(session: Session, name: str, kept: Mapping[str, int | None]) -> None:
    """`kept`: kind -> days, None for ever; kinds left out stay. Raises NotFound, Invalid."""
    account = find_account(session, name)
    if problems := problems_of(kept):
        raise Invalid("That can't be kept like this.", problems)
    before = days_kept(account.settings)
    account.settings = {
        **account.settings,
        "retention": {**account.settings.get("retention", {}), **kept},
    }
    if before != (after := days_kept(account.settings)):
        add_audit(session, account.id, OPERATOR, "account.retention_changed", before=before, after=after)


def let_go_of_old(session: Session, now: datetime) -> bool:
    """A little of each account; True when there may be more to do. Harmless when run twice, or by two at once."""
    done = 0
    for account_id, settings in session.execute(select(Account.id, Account.settings)).all():
        for kind, days in days_kept(settings).items():
            if days is None:
                continue
            for forget, needs, batch in _FORGET[kind]:
                before = now - timedelta(days=days)
                count = forget(session, account_id, before if needs is datetime else before.date(), batch)
                done += count
                if count == batch or done >= _BATCH:
                    return True
    return False
