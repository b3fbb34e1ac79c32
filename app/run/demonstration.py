"""The demonstration account: a survey that goes out after two seconds, at any hour, to simulated customers.

A telephone may be asked again after a minute, everything included: whoever tries it out has only three.
"""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.db import make_engine, make_sessions
from app.domain.channel import Channel
from app.domain.questionnaire import Survey, Way
from app.flow.accounts import SCOPES, create_account, create_key
from app.flow.asking import SURVEY_KEY
from app.run.ports import LOOPBACK
from app.settings import Settings
from app.store.accounts import Account, make_api_key_text
from app.store.keyring import Keyring
from app.store.senders import add_sender, senders_of_account

ACCOUNT = "demonstration"
_AGAIN_SECONDS = 60
_FROM = "survey@postcall.example"
_PER_SECOND = 100
# a key that names no agent may not carry results:self
KEY_SCOPES = [scope for scope in SCOPES if scope != "results:self"]


def prepare(
    settings: Settings,
    *,
    api_key: str | None,
    twilio_account_sid: str,
    twilio_auth_token: str,
    number: str,
    smtp_port: int,
    mail_secret: str,
) -> str:
    """Make the account, its senders and its key where they are missing; the key (`api_key` if that is given)."""
    engine = make_engine(settings.database_url, 1)
    presented = api_key or make_api_key_text()
    try:
        with make_sessions(engine, Keyring(settings.secret_keys)).begin() as session:
            account_id = _ensure_account(session)
            _ensure_carrier(session, account_id, twilio_account_sid, twilio_auth_token, number)
            _ensure_mail(session, account_id, smtp_port, mail_secret)
            create_key(session, account_name=ACCOUNT, name="make run", scopes=KEY_SCOPES, presented=presented)
    finally:
        engine.dispose()
    return presented


def _ensure_account(session: Session) -> UUID:
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
                channels=(Way(Channel.SMS), Way(Channel.EMAIL, 2), Way(Channel.CALLBACK, 2)),
                delay_seconds=2,
                send_hours="any",
                comment_quiet_seconds=5,
                cooldown_seconds=_AGAIN_SECONDS,
                nps_every_seconds=_AGAIN_SECONDS,
            ),
        )
    return account_id


def _ensure_carrier(
    session: Session, account_id: UUID, account_sid: str, auth_token: str, number: str
) -> None:
    there = senders_of_account(session, account_id)
    for channel in {Channel.SMS, Channel.CALLBACK} - there.keys():
        add_sender(
            session,
            account_id,
            channel=channel,
            provider_account=account_sid,
            auth_token=auth_token,
            number=number,
            per_second=_PER_SECOND,
            burst=_PER_SECOND,
        )


def _ensure_mail(session: Session, account_id: UUID, smtp_port: int, mail_secret: str) -> None:
    if Channel.EMAIL in senders_of_account(session, account_id):
        return
    add_sender(
        session,
        account_id,
        channel=Channel.EMAIL,
        provider="smtp",
        provider_account=_FROM,
        # no password, and what signs the reports of its provider
        auth_token=f"\n{mail_secret}",
        number=None,
        settings={
            "host": LOOPBACK,
            "port": smtp_port,
            "security": "none",
            "from_address": _FROM,
            "return_path_domain": "bounces.postcall.example",
        },
        per_second=_PER_SECOND,
        burst=_PER_SECOND,
    )
