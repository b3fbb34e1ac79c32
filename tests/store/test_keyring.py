"""Keys: what they seal opens in its own place only, what they hash is found again, and they can be rotated."""

import base64
from uuid import UUID

import pytest
from cryptography.exceptions import InvalidTag
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session, sessionmaker

from app.db import make_sessions
from app.errors import ConfigurationError
from app.ids import new_id
from app.store.accounts import add_api_key, find_api_key
from app.store.calls import Call, name_of
from app.store.contacts import Contact, address_of, find_contact, opt_out_address
from app.store.keyring import Keyring, hash_token
from tests.desk import Desk

ACCOUNT, OTHER = new_id(), new_id()
OLD = "old:" + base64.b64encode(b"o" * 32).decode()
NEW = "new:" + base64.b64encode(b"n" * 32).decode()
PHONE = "+447700900123"


def test_what_is_sealed_opens_again() -> None:
    ring = Keyring(OLD)
    assert ring.open("call.name", ACCOUNT, ring.seal("call.name", ACCOUNT, "Zoë 王")) == "Zoë 王"


def test_the_same_text_is_never_sealed_alike() -> None:
    ring = Keyring(OLD)
    assert ring.seal("call.name", ACCOUNT, "Zoë") != ring.seal("call.name", ACCOUNT, "Zoë")


@pytest.mark.parametrize(("place", "account"), [("answer.words", ACCOUNT), ("call.name", OTHER)])
def test_it_opens_in_no_other_column_and_no_other_account(place: str, account: UUID) -> None:
    ring = Keyring(OLD)
    sealed = ring.seal("call.name", ACCOUNT, "Zoë")
    with pytest.raises(InvalidTag):
        ring.open(place, account, sealed)


def test_a_changed_byte_is_noticed() -> None:
    ring = Keyring(OLD)
    sealed = bytearray(ring.seal("call.name", ACCOUNT, "Zoë"))
    sealed[-1] ^= 1
    with pytest.raises(InvalidTag):
        ring.open("call.name", ACCOUNT, bytes(sealed))


def test_after_a_rotation_old_seals_open_and_old_hashes_are_found() -> None:
    old, both = Keyring(OLD), Keyring(f"{NEW},{OLD}")
    assert both.open("call.name", ACCOUNT, old.seal("call.name", ACCOUNT, "Zoë")) == "Zoë"
    assert both.lookups("a", "b")[1:] == old.lookups("a", "b")
    assert both.lookups("a", "b")[0] == Keyring(NEW).lookups("a", "b")[0]


def test_a_key_that_is_gone_is_named() -> None:
    sealed = Keyring(OLD).seal("call.name", ACCOUNT, "Zoë")
    with pytest.raises(ConfigurationError, match=r"'old'.*call\.name"):
        Keyring(NEW).open("call.name", ACCOUNT, sealed)


def test_parts_of_a_lookup_do_not_run_together() -> None:
    ring = Keyring(OLD)
    assert ring.lookups("ab", "c") != ring.lookups("a", "bc")


def test_a_survey_link_outlives_the_rotation_of_its_key() -> None:
    message_id = new_id()
    token = Keyring(OLD).token(message_id)
    both = Keyring(f"{NEW},{OLD}")
    assert both.token(message_id, hash_token(token)) == token
    assert both.token(message_id) == Keyring(NEW).token(message_id) != token
    with pytest.raises(ConfigurationError, match="gone"):
        Keyring(NEW).token(message_id, hash_token(token))


def test_a_token_is_twenty_two_letters_and_digits() -> None:
    tokens = {Keyring(OLD).token(new_id()) for _ in range(200)}
    assert len(tokens) == 200
    assert all(len(token) == 22 and token.isascii() and token.isalnum() for token in tokens)


@pytest.mark.parametrize(
    ("setting", "complaint"),
    [
        ("", "empty"),
        ("name", "base64"),
        ("name:???", "base64"),
        ("name:ключ", "base64"),
        ("name:" + base64.b64encode(b"short").decode(), "32 bytes"),
        (OLD.replace("old", ""), "name"),
        (f"{OLD},{NEW.replace('new', 'old')}", "two keys have one name"),
    ],
)
def test_a_setting_that_would_lose_data_is_refused(setting: str, complaint: str) -> None:
    with pytest.raises(ConfigurationError, match=complaint):
        Keyring(setting)


def test_a_complaint_about_a_key_does_not_show_it() -> None:
    with pytest.raises(ConfigurationError) as complaint:
        Keyring("name:c2VjcmV0")
    assert "c2VjcmV0" not in str(complaint.value)


# --- a rotation in a running house


@pytest.fixture
def before(committing: sessionmaker[Session], engine: Engine) -> Desk:
    return Desk(make_sessions(engine, Keyring(OLD)))


@pytest.fixture
def after(before: Desk, engine: Engine) -> Desk:
    return Desk(make_sessions(engine, Keyring(f"{NEW},{OLD}")))


def test_a_customer_is_the_same_one_after_a_rotation(before: Desk, after: Desk) -> None:
    account_id = before.account()
    first = before.hang_up(account_id, phone=PHONE, customer_name="Zoë")
    assert after.hang_up(account_id, phone=PHONE).skipped == {"reason": "survey_open"}
    with after.sessions() as session:
        (contact,) = session.scalars(select(Contact))
        assert address_of(session, contact) == PHONE
        assert name_of(session, session.get_one(Call, (account_id, UUID(first.call["id"])))) == "Zoë"
        assert find_contact(session, account_id, "phone", PHONE) is contact


def test_a_repeat_is_known_as_one_after_a_rotation(before: Desk, after: Desk) -> None:
    account_id = before.account()
    call = before.call_end()
    before.hang_up(account_id, call)
    repeated = after.hang_up(account_id, call)
    assert (repeated.created, repeated.conflict) == (False, False)


def test_a_no_given_before_a_rotation_stands_and_is_not_kept_twice(before: Desk, after: Desk) -> None:
    account_id = before.account()
    for desk, is_news in ((before, True), (after, False)):
        with desk.sessions.begin() as session:
            told = opt_out_address(session, account_id, "phone", PHONE, desk.now())
            assert (told is not None) == is_news
    assert after.hang_up(account_id, phone=PHONE).skipped == {"reason": "opted_out"}


def test_an_api_key_opens_the_door_after_a_rotation_and_is_not_kept_twice(before: Desk, after: Desk) -> None:
    account_id = before.account()
    text = "pc_" + "x" * 40
    ids = set()
    for desk in (before, after):
        with desk.sessions.begin() as session:
            ids.add(
                add_api_key(
                    session, account_id, name="n", scopes=["calls:read"], agent_id=None, presented=text
                ).id
            )
            facts = find_api_key(session, text)
            assert facts is not None
            assert facts.account_id == account_id
    assert len(ids) == 1


def test_new_customers_are_kept_under_the_new_key(before: Desk, after: Desk) -> None:
    account_id = before.account()
    after.hang_up(account_id, phone=PHONE)
    contact = after.contact(account_id, "phone", PHONE)
    assert contact is not None
    assert contact.lookup == Keyring(NEW).lookups(str(account_id), "phone", PHONE)[0]
    assert before.contact(account_id, "phone", PHONE) is None
