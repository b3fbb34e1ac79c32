"""The account's own lists: who is on them is sent nothing from that commit on, and each change is proved."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import update

from app.db import run_unit
from app.domain.csv_table import read_rows
from app.errors import Invalid
from app.flow import receive_call
from app.flow.contact_files import COLUMNS, Taken, take_file, write_file
from app.flow.contact_lists import Changed, change_one
from app.flow.forget_customer import forget_customer
from app.flow.read_proof import read_proof
from app.store.claims import claim_due
from app.store.contact_lists import Listing
from app.store.contacts import Contact, note_undeliverable
from app.store.messages import Message
from app.store.standing import read_standing
from app.wording.catalogue import wording_version
from tests.flow.by_hand import failed, resend, tried
from tests.flow.customer import Customer, asked
from tests.house import NUMBER, PHONE, House

OTHER = "+447700900124"


def change(house: House, account_id: UUID, action: str, **told: Any) -> Changed:
    named = {"by": "phone", "value": PHONE} if "value" not in told else {}
    changed: Changed = run_unit(
        house.sessions, change_one, account_id, action, {**named, **told}, how="command", actor="operator"
    )
    return changed


def proof(house: House, account_id: UUID, by: str = "phone", value: str = PHONE) -> list[dict[str, Any]]:
    """All changes that are proved, of all contacts of whoever that is."""
    with house.sessions.begin() as session:
        read = read_proof(session, account_id=account_id, actor="operator", by=by, value=value)
    return [one for contact in read["contacts"] for one in contact["changes"]]


def skipped(house: House, account_id: UUID, **changes: Any) -> str | None:
    received = house.hang_up(account_id, **changes)
    reason: str | None = (received.skipped or {}).get("reason")
    return reason


def texts(house: House, account_id: UUID) -> list[tuple[str, str, str | None]]:
    return [(one.purpose, one.state, one.detail) for one in house.messages(account_id)]


@pytest.mark.parametrize(("action", "reason"), [("suppress", "suppressed"), ("withdraw", "no_consent")])
def test_who_is_barred_before_the_first_call_is_never_asked(house: House, action: str, reason: str) -> None:
    account_id = house.account()
    assert change(house, account_id, action) == Changed(1, 0, 0)
    assert skipped(house, account_id) == reason
    assert skipped(house, account_id, phone="07700 900123", source="other") in (reason, "invalid_phone")
    assert skipped(house, account_id, phone=OTHER) is None
    house.send()
    assert house.ledger(PHONE) == []


@pytest.mark.parametrize(("action", "why"), [("suppress", "suppressed"), ("withdraw", "consent withdrawn")])
def test_what_is_due_is_taken_back_and_the_survey_ends(house: House, action: str, why: str) -> None:
    account_id = house.account()
    house.hang_up(account_id)
    assert change(house, account_id, action) == Changed(1, 0, 1)
    assert texts(house, account_id) == [("ask", "cancelled", why)]
    (invitation,) = house.invitations(account_id)
    assert invitation.state == "cancelled"
    assert house.contact(account_id).open_invitation is None
    house.send()
    assert house.ledger() == []
    assert change(house, account_id, action) == Changed(0, 1, 0)


def test_what_was_answered_already_counts_and_nothing_more_is_said(house: House) -> None:
    customer = asked(house)
    customer.types("5")
    shown = len(customer.phone_shows)
    assert change(house, customer.account_id, "suppress") == Changed(1, 0, 1)
    assert (customer.state, customer.scores) == ("partial", {"csat": 5})
    customer.says("4", "HELP", "START", "STOP")
    house.settle()
    house.send()
    assert len(customer.phone_shows) == shown


def test_a_message_that_was_written_meanwhile_is_refused_by_the_claim(house: House) -> None:
    """Whoever forgets to take something back, the claim asks the list itself, of each kind of message."""
    account_id = house.account()
    house.hang_up(account_id)
    (ask,) = house.messages(account_id)
    columns = {column.name: getattr(ask, column.name) for column in Message.__table__.columns}
    with house.sessions.begin() as session:
        for number, purpose in enumerate(("stopped", "question", "thanks", "reminder")):
            session.add(Message(**{**columns, "id": UUID(int=number), "purpose": purpose}))
    assert claimed(house, account_id, suppressed_at=house.now()) == []
    assert claimed(house, account_id, suppressed_at=None, consent_withdrawn_at=house.now()) == ["stopped"]


def claimed(house: House, account_id: UUID, **columns: Any) -> list[str]:
    """The purposes of what is claimed once the contact is like this."""
    with house.sessions.begin() as session:
        session.execute(update(Contact).where(Contact.account_id == account_id).values(**columns))
    with house.sessions.begin() as session:
        return [one.purpose for one in claim_due(session, free=100, lease_seconds=60)]


def test_what_missed_its_taking_back_ends_when_its_window_does(house: House) -> None:
    account_id = house.account()
    house.hang_up(account_id)
    with house.sessions.begin() as session:
        session.execute(update(Contact).values(suppressed_at=house.now()))
    house.pass_time(hours=19)
    house.settle()
    assert texts(house, account_id) == [("ask", "cancelled", "suppressed")]
    assert [one.state for one in house.invitations(account_id)] == ["cancelled"]


def test_the_writing_statement_asks_the_list_again(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """The read was before the listing, the write comes after it."""
    account_id = house.account()
    house.hang_up(account_id, phone=OTHER)

    def then_listed(*given: Any, **named: Any) -> Any:
        standing = read_standing(*given, **named)
        change(house, account_id, "suppress")
        return standing

    monkeypatch.setattr(receive_call, "read_standing", then_listed)
    assert skipped(house, account_id) == "suppressed"
    assert [one.skip_reason for one in house.invitations(account_id)][-1] == "suppressed"


def test_the_list_and_the_customers_own_word_are_two_things(house: House) -> None:
    customer = asked(house)
    account_id = customer.account_id
    customer.says("STOP")
    change(house, account_id, "suppress")
    customer.says("START")
    assert (customer.contact.opted_out_at, customer.contact.suppressed_at is None) == (None, False)
    assert skipped(house, account_id) == "suppressed"
    customer.says("STOP")
    assert change(house, account_id, "unsuppress") == Changed(1, 0, 0)
    assert skipped(house, account_id) == "opted_out"
    told = [(one["what"], one["how"], one["actor"], one["words"]) for one in proof(house, account_id)]
    assert told == [
        ("opted_out", "sms", "customer", "STOP"),
        ("suppressed", "command", "operator", None),
        ("opted_in", "sms", "customer", "START"),
        ("opted_out", "sms", "customer", "STOP"),
        ("unsuppressed", "command", "operator", None),
    ]


def test_surveys_that_need_consent_ask_those_who_gave_it(house: House) -> None:
    account_id = house.account(consent="required")
    assert skipped(house, account_id) == "no_consent"
    change(house, account_id, "consent", where="sign-up", words="You may text me.")
    assert skipped(house, account_id) is None
    assert skipped(house, account_id, phone=OTHER) == "no_consent"
    (told,) = proof(house, account_id)
    assert (told["what"], told["words"], told["detail"]) == (
        "consented",
        "You may text me.",
        {"where": "sign-up"},
    )


def test_a_consent_by_ref_stands_for_all_addresses_of_the_customer(house: House) -> None:
    account_id = house.account(consent="required")
    change(house, account_id, "consent", by="ref", value="C-1")
    assert skipped(house, account_id, customer_ref="C-1") is None
    assert skipped(house, account_id, phone=OTHER, customer_ref="C-2") == "no_consent"


def test_a_ref_is_suppressed_with_all_addresses_that_are_known_and_that_come(house: House) -> None:
    account_id = house.account()
    house.hang_up(account_id, customer_ref="C-1")
    assert change(house, account_id, "suppress", by="ref", value="C-1").surveys_ended == 1
    assert house.contact(account_id).suppressed_at is not None
    assert skipped(house, account_id) == "suppressed"
    assert skipped(house, account_id, phone=OTHER, customer_ref="C-1") == "suppressed"
    assert change(house, account_id, "unsuppress", by="ref", value="C-1").changed >= 2
    assert skipped(house, account_id, phone="+447700900125", customer_ref="C-9") is None


@pytest.mark.parametrize("ref", ["unknown", "0000", "n/a"])
def test_a_ref_that_names_nobody_lists_nobody(house: House, ref: str) -> None:
    with pytest.raises(Invalid) as refused:
        change(house, house.account(), "suppress", by="ref", value=ref)
    assert "names nobody" in refused.value.fields["ref"]


@pytest.mark.parametrize("first", ["consent", "withdraw"])
def test_of_a_consent_and_its_withdrawal_the_later_counts_in_whichever_order_they_come(
    house: House, first: str
) -> None:
    account_id, now = house.account(consent="required"), house.now()
    at = {"consent": now - timedelta(days=9), "withdraw": now - timedelta(days=2)}
    order = [first, *(one for one in at if one != first)]
    for action in (*order, *order):
        change(house, account_id, action, at=at[action])
    contact = house.contact(account_id)
    assert (contact.consented_at, contact.consent_withdrawn_at) == (None, at["withdraw"])
    assert skipped(house, account_id) == "no_consent"
    change(house, account_id, "consent", at=now - timedelta(days=1))
    assert skipped(house, account_id) is None


def test_a_consent_of_tomorrow_is_refused(house: House) -> None:
    with pytest.raises(Invalid) as refused:
        change(house, house.account(), "consent", at=house.now() + timedelta(days=1))
    assert refused.value.fields == {"given_at": "lies in the future"}


def test_an_opt_out_by_our_own_words_is_proved_word_for_word(house: House) -> None:
    customer = asked(house)
    customer.says("please stop texting me, this is Pat")
    (told,) = proof(house, customer.account_id)
    assert (told["what"], told["how"], told["words"]) == (
        "opted_out",
        "sms",
        "please stop texting me, this is Pat",
    )
    assert told["detail"] == {"language": "en", "wording_version": wording_version("en")}
    forget_customer(
        house.sessions.begin,
        account_id=customer.account_id,
        actor="operator",
        by="phone",
        value=PHONE,
        opt_out=False,
        units=5,
    )
    (told,) = proof(house, customer.account_id)
    assert (told["what"], told["how"], told["words"]) == ("opted_out", "sms", None)
    assert skipped(house, customer.account_id) == "opted_out"


def test_what_is_undeliverable_is_lifted_and_that_is_proved_too(house: House) -> None:
    account_id = house.account()
    house.hang_up(account_id)
    with house.sessions.begin() as session:
        note_undeliverable(session, account_id, house.contact(account_id).id, house.now())
    assert change(house, account_id, "lift", reason="new SIM") == Changed(1, 0, 0)
    assert change(house, account_id, "lift") == Changed(0, 1, 0)
    assert house.contact(account_id).undeliverable_at is None
    assert proof(house, account_id)[-1]["what"] == "undeliverable_lifted"
    assert change(house, account_id, "lift", value="+447700900199", by="phone") == Changed(0, 1, 0)


Lines = Sequence[tuple[int, dict[str, str] | str]]


@pytest.fixture
def take(house: House) -> Callable[..., Taken]:
    def run(account_id: UUID, listing: Listing, lines: Lines, *, dry_run: bool = False) -> Taken:
        work = partial(run_unit, house.sessions)
        return take_file(work, account_id, listing, lines, actor="operator", dry_run=dry_run)

    return run


def test_a_file_is_tried_taken_and_the_same_again_changes_nothing(
    house: House, take: Callable[..., Taken]
) -> None:
    account_id = house.account()
    house.hang_up(account_id)
    lines = [
        (2, {"phone": PHONE, "reason": "asked by letter"}),
        (3, {"phone": "12"}),
        (4, {"phone": "", "email": ""}),
        (5, "is not CSV: unexpected end of data"),
        (6, {"email": "Pat@Example.com", "ref": "C-7"}),
        (7, {"ref": "unknown"}),
        *((number, {"phone": f"+4477009{number:05}"}) for number in range(300, 800)),
    ]
    tried = take(account_id, Listing.SUPPRESSIONS, lines, dry_run=True)
    assert (tried.changed, tried.surveys_ended, tried.refused) == (503, 1, 4)
    assert house.contact(account_id).suppressed_at is None
    taken = take(account_id, Listing.SUPPRESSIONS, lines)
    assert taken == tried
    assert [line for line, _ in taken.problems] == [3, 4, 5, 7]
    assert dict(taken.problems)[3] == "phone is a number such as +447700900123"
    assert dict(taken.problems)[4].startswith("line names nobody")
    again = take(account_id, Listing.SUPPRESSIONS, lines)
    assert (again.changed, again.unchanged, again.surveys_ended) == (0, 503, 0)
    assert skipped(house, account_id, email="pat@example.com", phone=OTHER) == "suppressed"
    assert [one["detail"] for one in proof(house, account_id)] == [{"reason": "asked by letter"}]


@pytest.mark.parametrize("listing", Listing)
def test_what_is_written_is_read_back_and_no_cell_is_a_formula(
    house: House, take: Callable[..., Taken], listing: Listing
) -> None:
    account_id, other = house.account(), house.account()
    hostile = {"reason": "=HYPERLINK(1)", "where": "@SUM(1)", "words": "-2+3\n'=1"}
    lines = [
        (2, {**hostile, "phone": PHONE, "given_at": "2026-01-05"}),
        (3, {"email": "=x@example.com", "status": "withdrawn", "withdrawn_at": "2026-01-06T10:00:00+01:00"}),
        (4, {"ref": "+C-1"}),
    ]
    assert take(account_id, listing, lines).refused == 0
    file = "".join(write_file(partial(run_unit, house.sessions), account_id, listing))
    for row in file.split("\r\n"):
        assert not row.startswith(("=", "+", "-", "@"))
    assert not any(cell in file for cell in (",=", ",+", ",-", ",@"))
    rows = list(read_rows(file.encode(), COLUMNS[listing], (), 10))
    assert take(other, listing, rows).changed == 3
    copied = "".join(write_file(partial(run_unit, house.sessions), other, listing))
    since = {"since", "given_at", "withdrawn_at"} if listing is Listing.SUPPRESSIONS else set()
    kept = [column for column in COLUMNS[listing] if column not in since]

    def told(text: str) -> list[list[str]]:
        read = read_rows(text.encode(), COLUMNS[listing], (), 10)
        return sorted([row[column] for column in kept] for _, row in read)

    assert told(copied) == told(file)


def test_one_account_lists_and_proves_nothing_of_another(house: House) -> None:
    account_id, other = house.account(), house.account()
    change(house, account_id, "suppress")
    assert skipped(house, other) is None
    assert proof(house, other) == []
    assert change(house, other, "unsuppress") == Changed(0, 1, 0)
    assert house.contact(account_id).suppressed_at is not None


def test_a_reply_of_somebody_listed_elsewhere_is_theirs_alone(house: House) -> None:
    """Two accounts share the number: the list of the one is not the other's."""
    one, two = asked(house), house.account()
    change(house, two, "suppress")
    one.types("5")
    assert Customer(house, one.account_id, PHONE).scores == {"csat": 5}
    assert house.ledger(PHONE)[-1]["from"] == NUMBER


@pytest.mark.parametrize("action", ["suppress", "withdraw"])
def test_who_is_listed_is_not_texted_by_hand_either(house: House, action: str) -> None:
    message = failed(house, house.account(), 30034)
    change(house, message.account_id, action)
    refused = tried(house, message)
    assert refused is not None
    assert "the account's list of whom not to contact holds the customer" in refused
    resent = failed(house, house.account(), 30034)
    resend(house, resent)
    assert change(house, resent.account_id, action).surveys_ended == 1
    house.send()
    assert house.bodies().count(resent.body) == 2  # the first of each
    assert [one.state for one in house.invitations(resent.account_id)] == ["cancelled"]
