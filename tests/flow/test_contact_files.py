"""A file may tell of somebody more than once, and of what was true long ago: what it makes of them is right."""

from collections.abc import Iterable, Iterator
from functools import partial
from uuid import UUID

import pytest
from sqlalchemy import select

from app.db import run_unit
from app.flow.contact_files import Taken, take_file, write_file
from app.flow.contact_lists import change_one
from app.flow.read_proof import read_proof
from app.store.audit import Audit
from app.store.contact_changes import ContactChange
from app.store.contact_lists import Listing
from app.store.contacts import find_contact
from tests.flow.customer import asked
from tests.house import PHONE, House

REF = "C-20931"


def take(house: House, account_id: UUID, listing: Listing, *rows: dict[str, str]) -> Taken:
    work = partial(run_unit, house.sessions)
    return take_file(work, account_id, listing, list(enumerate(rows, start=2)), actor="operator")


def change(house: House, account_id: UUID, action: str, by: str, value: str, **told: object) -> None:
    named = {"by": by, "value": value, **told}
    run_unit(house.sessions, change_one, account_id, action, named, how="command", actor="operator")


def exported(house: House, account_id: UUID, listing: Listing) -> list[str]:
    return "".join(write_file(partial(run_unit, house.sessions), account_id, listing)).split("\r\n")[1:-1]


def proved(house: House, account_id: UUID, by: str, value: str) -> list[tuple[str, str | None]]:
    with house.sessions.begin() as session:
        read = read_proof(session, account_id=account_id, actor="operator", by=by, value=value)
    return [(one["what"], one["words"]) for contact in read["contacts"] for one in contact["changes"]]


GIVEN = {"phone": PHONE, "given_at": "2026-01-05", "words": "yes"}
WITHDRAWN = {"phone": PHONE, "status": "withdrawn", "withdrawn_at": "2026-02-06", "words": "no"}


@pytest.mark.parametrize("rows", [(GIVEN, WITHDRAWN), (WITHDRAWN, GIVEN)])
def test_of_two_lines_about_one_customer_the_later_time_counts(
    house: House, rows: Iterable[dict[str, str]]
) -> None:
    account_id = house.account()
    take(house, account_id, Listing.CONSENTS, *rows)
    (line,) = exported(house, account_id, Listing.CONSENTS)
    assert line.startswith(f"'{PHONE},,,withdrawn,,2026-02-06")
    assert line.endswith(",no")
    assert proved(house, account_id, "phone", PHONE)[-1] == ("consent_withdrawn", "no")
    again = take(house, account_id, Listing.CONSENTS, *rows)
    assert again.changed == 0


def test_each_line_that_changed_something_is_proved(house: House) -> None:
    account_id = house.account()
    taken = take(house, account_id, Listing.CONSENTS, GIVEN, {"phone": "+447700900555"}, WITHDRAWN)
    assert (taken.changed, taken.unchanged) == (2, 0)
    assert proved(house, account_id, "phone", PHONE) == [("consented", "yes"), ("consent_withdrawn", "no")]


def test_a_list_without_times_gives_no_consent_back_that_was_withdrawn_since(house: House) -> None:
    """Nightly lists repeat what was true once; whoever says it of one customer means now."""
    account_id = house.account(consent="required")
    take(house, account_id, Listing.CONSENTS, {"phone": PHONE})
    change(house, account_id, "withdraw", "phone", PHONE)
    assert take(house, account_id, Listing.CONSENTS, {"phone": PHONE}).changed == 0
    assert house.contact(account_id).consent_withdrawn_at is not None
    change(house, account_id, "consent", "phone", PHONE)
    assert house.contact(account_id).consent_withdrawn_at is None


def test_a_file_that_was_stopped_in_the_middle_is_audited_and_taken_again(house: House) -> None:
    account_id, work = house.account(), partial(run_unit, house.sessions)
    rows = [(number, {"phone": f"+4477009{number:05}"}) for number in range(300, 600)]

    def until_stopped() -> Iterator[tuple[int, dict[str, str]]]:
        yield from rows[:250]
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        take_file(work, account_id, Listing.SUPPRESSIONS, until_stopped(), actor="operator")
    done = len(exported(house, account_id, Listing.SUPPRESSIONS))
    assert 0 < done < 300
    again = take_file(work, account_id, Listing.SUPPRESSIONS, rows, actor="operator")
    assert (again.changed, again.unchanged) == (300 - done, done)
    with house.sessions() as session:
        audited = session.scalars(select(Audit.detail).order_by(Audit.id)).all()
    assert [one["changed"] for one in audited] == [done, 300 - done]


def test_a_customer_who_has_called_already_is_exported_by_their_ref(house: House) -> None:
    account_id = house.account()
    house.hang_up(account_id, customer_ref=REF)
    change(house, account_id, "suppress", "ref", REF, reason="asked by letter")
    assert f",,{REF},asked by letter" in "".join(exported(house, account_id, Listing.SUPPRESSIONS))
    change(house, account_id, "unsuppress", "ref", REF)
    assert exported(house, account_id, Listing.SUPPRESSIONS) == []
    # off every list, the customer is known by the hash of their ref alone again
    with house.sessions() as session:
        customer = find_contact(session, account_id, "customer", REF)
    assert customer is not None
    assert customer.customer_ref is None


def test_words_are_kept_with_an_address_and_never_without_one(house: House) -> None:
    """Where no address is held, none will end that ends the words with it."""
    customer = asked(house, call={"customer_ref": REF})
    customer.says("please stop texting me, this is Pat")
    with house.sessions() as session:
        changes = session.scalars(select(ContactChange).order_by(ContactChange.id)).all()
    assert {one.what for one in changes} == {"opted_out"}
    phone = house.contact(customer.account_id).id
    assert {one.contact_id == phone: one.words is not None for one in changes} == {True: True, False: False}
