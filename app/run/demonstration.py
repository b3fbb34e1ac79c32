"""The demonstration account: a survey that goes out after two seconds, at any hour, to simulated telephones.

A telephone may be asked again after a minute, everything included: whoever tries it out has only three.
"""

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.db import make_engine, make_sessions
from app.domain.questionnaire import Survey
from app.flow.accounts import SCOPES, create_account, create_key
from app.flow.asking import SURVEY_KEY
from app.settings import Settings
from app.store.accounts import Account, make_api_key_text
from app.store.keyring import Keyring
from app.store.senders import add_sender, sender_of_account

ACCOUNT = "demonstration"
_AGAIN_SECONDS = 60
# a key that names no agent may not carry results:self
KEY_SCOPES = [scope for scope in SCOPES if scope != "results:self"]


def prepare(
    settings: Settings,
    *,
    api_key: str | None,
    twilio_account_sid: str,
    twilio_auth_token: str,
    number: str,
) -> str:
    """Make the account, its sender and its key where they are missing; the key (`api_key` if that is given)."""
    engine = make_engine(settings.database_url, 1)
    presented = api_key or make_api_key_text()
    try:
        with make_sessions(engine, Keyring(settings.secret_keys)).begin() as session:
            _ensure_account(session, twilio_account_sid, twilio_auth_token, number)
            create_key(session, account_name=ACCOUNT, name="make run", scopes=KEY_SCOPES, presented=presented)
    finally:
        engine.dispose()
    return presented


def _ensure_account(session: Session, account_sid: str, auth_token: str, number: str) -> None:
    account_id = session.scalar(select(Account.id).where(Account.name == ACCOUNT))
    if account_id is None:
        account_id = create_account(
            session,
            name=ACCOUNT,
            brand="Postcall",
            timezone="UTC",
            hotline="+1 500 555 0100",
            survey=Survey(
                SURVEY_KEY,
                1,
                delay_seconds=2,
                send_hours="any",
                comment_quiet_seconds=5,
                cooldown_seconds=_AGAIN_SECONDS,
                nps_every_seconds=_AGAIN_SECONDS,
            ),
        )
    if sender_of_account(session, account_id) is None:
        add_sender(
            session,
            account_id,
            provider_account=account_sid,
            auth_token=auth_token,
            number=number,
            per_second=100,
            burst=100,
        )
