"""One telephone behind many calls is flagged, and so are its calls. Nothing of it decides whom we ask."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.log import get_logger
from app.store.accounts import Account
from app.store.base import database_now
from app.store.many_calls import flag_busy_phones, flag_calls_of_busy_phones

log = get_logger(__name__)

_MOST = 5_000


def flag_calls(session: Session) -> None:
    """Of all accounts, once. Harmless when run twice, or by two at once; what is left over is the next one's."""
    now = database_now(session)
    for account_id in session.scalars(select(Account.id)).all():
        found = flag_busy_phones(session, account_id, now)
        if found:
            log.info("telephones behind many calls", account_id=str(account_id), found=found)
        flag_calls_of_busy_phones(session, account_id, now, _MOST)
