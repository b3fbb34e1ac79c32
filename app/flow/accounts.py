"""Accounts and their keys, as operators make them."""

import re
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.channels.phone import is_region
from app.domain.channel import Channel
from app.domain.holidays import MOST as MOST_HOLIDAYS
from app.domain.holidays import read_holiday, region_of
from app.domain.metrics import account_metrics
from app.domain.questionnaire import Survey
from app.errors import Invalid, NotFound
from app.flow.asking import SURVEY_KEY
from app.flow.read_audit import OPERATOR
from app.ids import new_id
from app.store.accounts import (
    EVERY_ACCOUNT,
    Account,
    ApiKey,
    add_api_key,
    find_account,
    find_api_key,
    make_api_key_text,
    pause_sending,
    resume_sending,
)
from app.store.audit import add_audit
from app.store.senders import add_sender, take_up_token
from app.store.surveys import add_survey_version

# what a key may be allowed to do
SCOPES: dict[str, str] = {
    "calls:write": "report calls and amend them",
    "calls:read": "read calls, invitations, messages and surveys",
    "attributions:write": "decide for whom a call counts, which restates results",
    "results:read": "read results and responses",
    "results:self": "read the results and responses of the one agent named in the key",
    "verbatims:read": "read customers' comments",
    "surveys:write": "read and change surveys",
    "messages:write": "have a text that is in doubt, quarantined or failed sent again, or close it",
    "connections:read": "read connections and what came in by them",
    "connections:write": "make, change, rotate and end connections",
    "roster:read": "read the roster of agents and what is unmapped",
    "roster:write": "change the roster, and resolve calls by it again",
    "lists:read": "read the suppression and consent lists, and the listed numbers",
    "lists:write": "change the suppression and consent lists, and the listed numbers",
    "customers:read": "export all that is held about a person, and what is proved about them",
    "customers:write": "forget a person, and lift what is undeliverable",
    "audit:read": "read who changed what",
}

# the brand takes its place in texts of 160 (or 70) characters, which are paid for by the piece
_LONGEST_BRAND = 40
_HIGHEST_CAP = 100_000_000

_ACCOUNT_SID = re.compile(r"AC[0-9a-fA-F]{32}")
_SERVICE_SID = re.compile(r"MG[0-9a-fA-F]{32}")
_PAGE_ADDRESS = re.compile(r"https?://[!-~]{4,500}")
_SENDING_NUMBER = re.compile(r"\+[1-9][0-9]{6,14}|[0-9]{3,8}")


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
    problems |= _brand_problems(brand)
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


def change_account(
    session: Session,
    name: str,
    *,
    brand: str | None = None,
    hotline: str | None = None,
    privacy_url: str | None = None,
    targets: Mapping[str, float] | None = None,
    thresholds: Mapping[str, Sequence[int]] | None = None,
    limits: Mapping[str, Any] | None = None,
    holidays: Sequence[str] | None = None,
) -> None:
    """Change what is given: what customers read, and what scores are held against. Raises NotFound, Invalid.

    `privacy_url`: "" takes it away. `targets`: metric -> value; `thresholds`: metric -> answers from which a score
    is indicative, and reportable. `limits`: `countries` (a list), `daily_cap`, `daily_cap_per_range`; empty or 0
    takes one away. `holidays`: all of them, as `domain.holidays` reads them; what waits already is not moved by
    it, see `keep_holidays`.
    """
    account = find_account(session, name)
    settings = {
        **account.settings,
        "targets": {**account.settings.get("targets", {}), **(targets or {})},
        "thresholds": {
            **account.settings.get("thresholds", {}),
            **{metric: list(pair) for metric, pair in (thresholds or {}).items()},
        },
        **{limit: value or None for limit, value in (limits or {}).items()},
    }
    problems = {} if brand is None else _brand_problems(brand)
    problems |= _limit_problems(limits or {})
    if holidays is not None:
        settings["holidays"], wrong = _read_holidays(holidays)
        problems |= wrong
    if privacy_url is not None:
        settings["privacy_url"] = privacy_url or None
        if privacy_url and not _PAGE_ADDRESS.fullmatch(privacy_url):
            problems["privacy_url"] = "is an address such as https://acme.example/privacy"
    try:
        account_metrics(settings["targets"], settings["thresholds"])
    except ValueError as error:
        problems["settings"] = str(error)
    if problems:
        raise Invalid("The account can't be changed like this.", problems)
    before = _changeable(account)
    account.brand = account.brand if brand is None else brand.strip()
    account.hotline = account.hotline if hotline is None else hotline
    account.settings = settings
    if before != (after := _changeable(account)):
        add_audit(session, account.id, OPERATOR, "account.changed", before=before, after=after)


def _changeable(account: Account) -> dict[str, Any]:
    return {"brand": account.brand, "hotline": account.hotline, "settings": account.settings}


def _read_holidays(written: Sequence[str]) -> tuple[list[str], dict[str, str]]:
    try:
        read = sorted({read_holiday(one) for one in written})
    except ValueError as error:
        return [], {"holidays": str(error)}
    if len(read) > MOST_HOLIDAYS:
        return [], {"holidays": f"are at most {MOST_HOLIDAYS}"}
    unknown = sorted({region for one in read if (region := region_of(one)) and not is_region(region)})
    return read, {"holidays": f"{', '.join(unknown)} is no country's code"} if unknown else {}


def _limit_problems(limits: Mapping[str, Any]) -> dict[str, str]:
    wrong = [country for country in limits.get("countries") or [] if not is_region(country)]
    problems = {"countries": f"are codes such as GB, which {', '.join(wrong)} is not"} if wrong else {}
    for cap in ("daily_cap", "daily_cap_per_range"):
        if not 0 <= (limits.get(cap) or 0) <= _HIGHEST_CAP:
            problems[cap] = f"lies between 1 and {_HIGHEST_CAP}, or is 0 for none"
    return problems


def _brand_problems(brand: str) -> dict[str, str]:
    fits = brand.strip() and len(brand) <= _LONGEST_BRAND and brand.isprintable()
    return {} if fits else {"brand": f"is 1 to {_LONGEST_BRAND} printable characters"}


def create_sender(
    session: Session,
    *,
    account_name: str,
    account_sid: str,
    auth_token: str,
    number: str | None,
    messaging_service: str | None,
    per_second: float,
    burst: int,
    opt_out_suffix: str | None,
    channel: Channel = Channel.SMS,
) -> UUID:
    """A Twilio sender, which the account uses from now on. Raises NotFound, Invalid."""
    problems = {}
    if channel is Channel.CALLBACK and (number is None or messaging_service is not None):
        problems["number"] = "is what a telephone shows: a call needs one, and no messaging service"
    if not _ACCOUNT_SID.fullmatch(account_sid):
        problems["account_sid"] = "is AC and 32 hexadecimal digits"
    if number is None and messaging_service is None:
        problems["number"] = "is needed, or a messaging service"
    if number is not None and not _SENDING_NUMBER.fullmatch(number):
        problems["number"] = "is a number such as +447700900123, or a short code"
    if messaging_service is not None and not _SERVICE_SID.fullmatch(messaging_service):
        problems["messaging_service"] = "is MG and 32 hexadecimal digits"
    if not auth_token.strip():
        problems["auth_token"] = "is missing"
    if not 0.01 <= per_second <= 10_000 or not 1 <= burst <= 10_000:
        problems["per_second"] = "lies between 0.01 and 10000, and burst between 1 and 10000"
    if problems:
        raise Invalid("The sender can't be added like this.", problems)
    account_id = find_account(session, account_name).id
    sender_id = add_sender(
        session,
        account_id,
        channel=channel,
        provider_account=account_sid,
        auth_token=auth_token.strip(),
        number=number,
        messaging_service=messaging_service,
        per_second=per_second,
        burst=burst,
        opt_out_suffix=opt_out_suffix,
    )
    add_audit(session, account_id, OPERATOR, "sender.added", sender_id=str(sender_id))
    return sender_id


def change_token(session: Session, *, account_name: str, account_sid: str, auth_token: str) -> int:
    """How many senders use the new token from now on. Raises NotFound, Invalid."""
    if not auth_token.strip() or not auth_token.isprintable():
        raise Invalid("The token can't be taken up like this.", {"auth_token": "is missing"})
    account_id = find_account(session, account_name).id
    changed = take_up_token(session, account_id, account_sid, auth_token.strip())
    if not changed:
        raise NotFound(f"Account {account_name!r} has no sender of {account_sid}")
    for sender_id in changed:
        add_audit(session, account_id, OPERATOR, "sender.token_changed", sender_id=str(sender_id))
    return len(changed)


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
    is_new = find_api_key(session, text) is None
    key = add_api_key(session, account.id, name=name, scopes=scopes, agent_id=agent_id, presented=text)
    if is_new:
        add_audit(session, account.id, OPERATOR, "key.created", **_key_named(key), scopes=scopes)
    return text


def _key_named(key: ApiKey) -> dict[str, Any]:
    return {"prefix": key.prefix, "name": key.name, "agent_id": key.agent_id}


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
        raise NotFound(
            f"Account {account_name!r} has no key whose first 11 characters are {prefix!r};"
            " `postcall keys list` shows them"
        )
    if key.revoked_at is None:
        key.revoked_at = session.scalar(select(func.clock_now()))
        add_audit(session, account.id, OPERATOR, "key.revoked", **_key_named(key))


def hold_sending(session: Session, account_name: str | None, *, paused: bool) -> None:
    """Stop or start claiming messages, of one account or (None) of all. Raises NotFound."""
    scope = EVERY_ACCOUNT if account_name is None else str(find_account(session, account_name).id)
    (pause_sending if paused else resume_sending)(session, scope)
    action = "sending.paused" if paused else "sending.resumed"
    touched = select(Account.id) if account_name is None else select(Account.id).filter_by(name=account_name)
    for account_id in session.scalars(touched).all():
        add_audit(session, account_id, OPERATOR, action, every_account=account_name is None)
