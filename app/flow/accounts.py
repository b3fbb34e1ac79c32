"""Accounts and their keys, as operators make them."""

from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.domain.questionnaire import Survey
from app.errors import Invalid, NotFound
from app.flow.asking import SURVEY_KEY
from app.ids import new_id
from app.store.accounts import (
    EVERY_ACCOUNT,
    Account,
    ApiKey,
    add_api_key,
    find_account,
    make_api_key_text,
    pause_sending,
    resume_sending,
)
from app.store.surveys import add_survey_version

# what a key may be allowed to do
SCOPES: dict[str, str] = {
    "calls:write": "report calls and amend them",
    "calls:read": "read calls, invitations and surveys",
    "results:read": "read results and responses",
    "results:self": "read the results and responses of the one agent named in the key",
    "verbatims:read": "read customers' comments",
    "surveys:write": "read and change surveys",
}

# the brand takes its place in texts of 160 (or 70) characters, which are paid for by the piece
_LONGEST_BRAND = 40


def create_account(
    session: Session,
    *,
    name: str,
    brand: str,
    timezone: str,
    region: str | None = None,
    language: str = "en",
    hotline: str | None = None,
    survey: Survey | None = None,
) -> UUID:
    """A new account with the default survey. Raises Invalid."""
    problems = {}
    try:
        ZoneInfo(timezone)
    except (KeyError, ValueError, OSError):
        problems["timezone"] = f"{timezone!r} is no IANA time zone, such as Europe/Berlin"
    if not brand.strip() or len(brand) > _LONGEST_BRAND or not brand.isprintable():
        problems["brand"] = f"is 1 to {_LONGEST_BRAND} printable characters"
    if session.scalar(select(Account.id).where(Account.name == name)) is not None:
        problems["name"] = f"there is an account {name!r} already"
    if problems:
        raise Invalid("The account can't be made like this.", problems)
    account = Account(
        id=new_id(),
        name=name,
        brand=brand.strip(),
        timezone=timezone,
        hotline=hotline,
        default_region=region,
        default_language=language,
        settings={},
    )
    session.add(account)
    session.flush()
    add_survey_version(session, account.id, survey or Survey(SURVEY_KEY, 1))
    return account.id


def create_key(
    session: Session,
    *,
    account_name: str,
    name: str,
    scopes: list[str],
    agent_id: str | None = None,
    presented: str | None = None,
) -> str:
    """A new key's text, which is shown this once: only its hash is kept. Raises NotFound, Invalid."""
    unknown = sorted(set(scopes) - SCOPES.keys())
    if unknown or not scopes:
        raise Invalid("No such scope.", {"scopes": f"choose of {', '.join(SCOPES)}"})
    if ("results:self" in scopes) != (agent_id is not None):
        raise Invalid(
            "An agent's key.", {"agent_id": "goes with the scope results:self, and it with an agent"}
        )
    account = find_account(session, account_name)
    text = presented or make_api_key_text()
    add_api_key(session, account.id, name=name, scopes=scopes, agent_id=agent_id, presented=text)
    return text


def list_keys(session: Session, account_name: str) -> list[dict[str, Any]]:
    account = find_account(session, account_name)
    keys = session.scalars(select(ApiKey).where(ApiKey.account_id == account.id).order_by(ApiKey.created_at))
    return [
        {
            "prefix": key.prefix,
            "name": key.name,
            "scopes": key.scopes,
            "agent_id": key.agent_id,
            "created_at": key.created_at,
            "revoked_at": key.revoked_at,
        }
        for key in keys
    ]


def revoke_key(session: Session, account_name: str, prefix: str) -> None:
    """Within five seconds nobody is let in by it. Revoking twice changes nothing. Raises NotFound."""
    account = find_account(session, account_name)
    key = session.scalar(select(ApiKey).where(ApiKey.account_id == account.id, ApiKey.prefix == prefix))
    if key is None:
        raise NotFound(f"Account {account_name!r} has no key that starts with {prefix!r}")
    key.revoked_at = key.revoked_at or session.scalar(select(func.clock_now()))


def hold_sending(session: Session, account_name: str | None, *, paused: bool) -> None:
    """Stop or start claiming messages, of one account or (None) of all. Raises NotFound."""
    scope = EVERY_ACCOUNT if account_name is None else str(find_account(session, account_name).id)
    (pause_sending if paused else resume_sending)(session, scope)
