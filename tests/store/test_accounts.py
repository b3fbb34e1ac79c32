"""Accounts, their keys and surveys, and the switch that holds their sending."""

import base64
import hashlib
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session, sessionmaker

from app.domain.channel import Channel
from app.domain.questionnaire import Survey
from app.errors import Conflict, Invalid, NotFound
from app.flow.accounts import SCOPES, create_account, create_key, hold_sending, list_keys, revoke_key
from app.flow.asking import read_asking
from app.flow.surveys import read_survey, write_survey
from app.ids import new_id
from app.store.accounts import ApiKey, SendingPause, find_account, find_api_key, get_account
from app.store.senders import add_sender
from app.store.surveys import survey_version
from tests.desk import Desk

ACME: dict[str, Any] = {"name": "acme", "brand": "Acme", "timezone": "Europe/Berlin"}


@pytest.fixture
def acme(session: Session) -> UUID:
    return create_account(session, **ACME)


def key(session: Session, **changes: Any) -> str:
    wanted: dict[str, Any] = {"account_name": "acme", "name": "a key", "scopes": ["calls:read"]}
    return create_key(session, **{**wanted, **changes})


# --- accounts


def test_a_new_account_has_the_default_survey_and_can_be_found(session: Session, acme: UUID) -> None:
    assert get_account(session, acme).timezone == "Europe/Berlin"
    assert find_account(session, "acme").id == acme
    asking = read_asking(session, acme)
    assert asking.survey == Survey("default", 1)
    assert (asking.senders, asking.language, asking.zone.key) == ({}, "en", "Europe/Berlin")


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"timezone": "Mars/Olympus"}, "timezone"),
        ({"timezone": ""}, "timezone"),
        ({"timezone": "../../etc/passwd"}, "timezone"),
        ({"brand": "  "}, "brand"),
        ({"brand": "x" * 41}, "brand"),
        ({"brand": "two\nlines"}, "brand"),
        ({"brand": "Acme Again"}, "name"),
    ],
)
def test_an_account_that_could_not_work_is_refused(
    session: Session, acme: UUID, changes: dict[str, str], field: str
) -> None:
    name = "acme" if field == "name" else "another"
    with pytest.raises(Invalid) as refused:
        create_account(session, **{**ACME, "name": name, **changes})
    assert list(refused.value.fields) == [field]


def test_what_is_not_there_is_not_found(session: Session) -> None:
    with pytest.raises(NotFound):
        get_account(session, new_id())
    with pytest.raises(NotFound, match="'nobody'"):
        find_account(session, "nobody")
    with pytest.raises(NotFound):
        read_asking(session, new_id())


def test_the_newest_sender_in_force_is_the_one_that_asks(session: Session, acme: UUID) -> None:
    for number in ("+15005550001", "+15005550002", "+15005550003"):
        add_sender(session, acme, provider_account="AC1", auth_token=f"token of {number}", number=number)
    session.execute(text("update sender set is_active = false where number = '+15005550003'"))
    session.execute(text("update sender set created_at = now() - interval '1 day' where number like '%1'"))
    sender = read_asking(session, acme).senders[Channel.SMS]
    assert (sender.number, sender.auth_token) == ("+15005550002", "token of +15005550002")


# --- keys


def test_a_key_opens_what_it_was_made_for_and_is_kept_as_a_hash(session: Session, acme: UUID) -> None:
    shown = key(session, scopes=["results:self", "verbatims:read"], agent_id="a1")
    assert shown.startswith("pc_")
    assert len(base64.urlsafe_b64decode(shown[3:] + "=")) == 32
    facts = find_api_key(session, shown)
    assert facts is not None
    assert (facts.account_id, facts.agent_id) == (acme, "a1")
    assert facts.scopes == {"results:self", "verbatims:read"}
    kept = session.scalar(text("select k::text from api_key k"))
    secret = shown[11:]
    assert secret not in kept
    assert shown.encode().hex() not in kept
    assert hashlib.sha256(shown.encode()).hexdigest()[:32] not in kept  # keyed


@pytest.mark.parametrize("presented", ["", "pc_", "pc_" + "x" * 43])
def test_a_key_that_was_never_made_opens_nothing(session: Session, acme: UUID, presented: str) -> None:
    key(session)
    assert find_api_key(session, presented) is None


def test_a_revoked_key_opens_nothing_and_stays_listed(session: Session, acme: UUID) -> None:
    shown, other = key(session), key(session, name="other")
    revoke_key(session, "acme", shown[:11])
    first = list_keys(session, "acme")
    revoke_key(session, "acme", shown[:11])
    session.flush()
    assert find_api_key(session, shown) is None
    assert find_api_key(session, other) is not None
    assert list_keys(session, "acme") == first
    revoked = {one["name"]: one["revoked_at"] is not None for one in first}
    assert revoked == {"a key": True, "other": False}
    assert shown not in str(first)


def test_a_key_is_revoked_by_its_own_account_only(session: Session, acme: UUID) -> None:
    create_account(session, **{**ACME, "name": "other"})
    shown = key(session)
    with pytest.raises(NotFound):
        revoke_key(session, "other", shown[:11])
    with pytest.raises(NotFound):
        revoke_key(session, "acme", "pc_nothing")
    assert find_api_key(session, shown) is not None


@pytest.mark.parametrize(
    "changes",
    [
        {"scopes": []},
        {"scopes": ["calls:read", "everything"]},
        {"scopes": ["results:self"]},
        {"scopes": ["results:read"], "agent_id": "a1"},
    ],
)
def test_a_key_for_nothing_or_for_nobody_is_refused(
    session: Session, acme: UUID, changes: dict[str, Any]
) -> None:
    with pytest.raises(Invalid):
        key(session, **changes)
    assert session.scalars(select(ApiKey)).all() == []


def test_every_scope_can_be_given(session: Session, acme: UUID) -> None:
    facts = find_api_key(session, key(session, scopes=list(SCOPES), agent_id="a1"))
    assert facts is not None
    assert facts.scopes == set(SCOPES)


def test_the_same_key_is_kept_once(session: Session, acme: UUID) -> None:
    given = "pc_" + "k" * 43
    assert key(session, presented=given) == key(session, presented=given) == given
    assert len(session.scalars(select(ApiKey)).all()) == 1


# --- surveys


def test_a_change_is_a_new_version_and_the_same_again_is_none(session: Session, acme: UUID) -> None:
    before = read_survey(session, account_id=acme, key="default")
    assert write_survey(session, account_id=acme, key="default", definition=before["definition"]) == before
    changed = write_survey(
        session, account_id=acme, key="default", definition={**before["definition"], "delay_seconds": 60}
    )
    assert changed["version"] == 2
    assert read_survey(session, account_id=acme, key="default") == changed
    # whoever was asked by the first is still asked by it
    assert survey_version(session, acme, "default", 1).delay_seconds == 180
    assert read_asking(session, acme).survey == survey_version(session, acme, "default", 2)


def test_a_survey_is_made_by_writing_it(session: Session, acme: UUID) -> None:
    with pytest.raises(NotFound):
        read_survey(session, account_id=acme, key="second")
    assert write_survey(session, account_id=acme, key="second", definition={})["version"] == 1


def test_of_two_changes_at_once_the_later_is_a_conflict(committing: sessionmaker[Session]) -> None:
    desk = Desk(committing)
    account_id = desk.account()

    def change(session: Session, seconds: int = 2) -> dict[str, Any]:
        return write_survey(
            session, account_id=account_id, key="default", definition={"delay_seconds": seconds}
        )

    with desk.sessions() as first:
        written = change(first, 1)
        with desk.meanwhile(change) as second:
            assert not second.done()
            first.commit()
            with pytest.raises(Conflict, match="somebody else"):
                second.result()
    with desk.sessions() as session:
        assert read_survey(session, account_id=account_id, key="default") == written


# --- the switch


def test_sending_is_held_and_released_by_account_or_for_all(session: Session, acme: UUID) -> None:
    def held() -> set[str]:
        session.flush()
        return set(session.scalars(select(SendingPause.scope)))

    hold_sending(session, "acme", paused=True)
    hold_sending(session, "acme", paused=True)
    hold_sending(session, None, paused=True)
    assert held() == {str(acme), "all"}
    hold_sending(session, None, paused=False)
    assert held() == {str(acme)}
    hold_sending(session, "acme", paused=False)
    hold_sending(session, "acme", paused=False)
    assert held() == set()
    with pytest.raises(NotFound):
        hold_sending(session, "nobody", paused=True)
