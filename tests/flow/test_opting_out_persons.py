"""A no by one address of a customer is a no by all of them, at once: nothing more goes out, whatever was due."""

import threading
from collections import Counter
from collections.abc import Callable
from uuid import UUID

import pytest
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from app.domain.channel import Channel
from app.domain.delivery import Action, Outcome, SendResult
from app.flow.asking import read_asking
from app.flow.forget_customer import Named, forget_some
from app.flow.opt_out import opt_out_everywhere
from app.flow.receive_call import receive_call
from app.flow.unsubscribe import unsubscribe
from app.store.base import database_now, keyring
from app.store.calls import Call
from app.store.contact_changes import Proof, changes_of
from app.store.contacts import Contact, find_contact
from app.store.events import Event
from app.store.messages import Message
from app.store.persons import MOST_ADDRESSES
from tests.desk import Desk
from tests.flow.customer import Customer, asked
from tests.flow.steps import begin, claim, claim_and_begin, record
from tests.flow.test_next_channel import EMAIL, account
from tests.house import House
from tests.store.claiming import change_sender, claim_now, together

REF = "C-20931"
MOBILE, LANDLINE = "+447700900123", "+447700900124"


def known_by_both(house: House, **survey: object) -> tuple[Customer, Customer]:
    """One customer of two telephones; the text of a call by the second one is due."""
    account_id = house.account(cooldown_seconds=0, **survey)
    for phone in (MOBILE, LANDLINE):
        house.hang_up(account_id, phone=phone, customer_ref=REF, ask=False)
    by_landline = Customer(house, account_id, LANDLINE)
    received = house.hang_up(account_id, phone=LANDLINE, customer_ref=REF)
    assert received.invitation is not None
    return Customer(house, account_id, MOBILE), by_landline


def contacts(house: House, account_id: UUID) -> dict[str, bool]:
    """Of each contact by its kind and id, whether it has said no."""
    with house.sessions() as session:
        found = session.scalars(select(Contact).where(Contact.account_id == account_id))
        return {f"{contact.kind} {contact.id.hex}": contact.opted_out_at is not None for contact in found}


def test_stop_by_one_telephone_takes_back_what_is_due_to_the_other(house: House) -> None:
    mobile, landline = known_by_both(house)
    mobile.types("STOP")
    house.send()
    assert landline.phone_shows == []
    (ask,) = landline.messages("ask")
    assert (landline.state, ask.state, ask.detail) == ("opted_out", "cancelled", "opted out")
    assert landline.contact.opted_out_through == mobile.contact.id
    assert mobile.contact.opted_out_through is None
    assert set(contacts(house, mobile.account_id).values()) == {True}


def test_what_is_claimed_already_is_not_requested_any_more(house: House) -> None:
    mobile, landline = known_by_both(house)
    (claimed,) = claim(house.parts)
    mobile.types("STOP")
    assert begin(house.parts, claimed) is None
    house.send()
    house.settle()
    assert landline.phone_shows == []
    assert landline.state == "opted_out"


@pytest.mark.parametrize(
    "call",
    [
        {"phone": "+447700900125", "customer_ref": REF},
        {"phone": "+447700900125", "email": EMAIL, "customer_ref": REF},
        {"phone": LANDLINE},
        {"phone": LANDLINE, "customer_ref": "somebody else"},
    ],
    ids=["a_new_phone", "a_new_mail", "without_ref", "with_another_ref"],
)
def test_a_later_call_of_theirs_is_skipped_whichever_way_it_comes(house: House, call: dict[str, str]) -> None:
    mobile, _ = known_by_both(house)
    mobile.types("STOP")
    assert house.hang_up(mobile.account_id, **call).skipped == {"reason": "opted_out"}


def test_somebody_else_by_another_telephone_is_asked(house: House) -> None:
    mobile, _ = known_by_both(house)
    mobile.types("STOP")
    received = house.hang_up(mobile.account_id, phone="+447700900125", customer_ref="somebody else")
    assert received.invitation is not None


def test_a_mail_that_is_unsubscribed_from_silences_every_telephone(house: House) -> None:
    account_id = account(house, Channel.EMAIL, Channel.SMS, cooldown_seconds=0)
    house.hang_up(account_id, phone=LANDLINE, customer_ref=REF, ask=False)
    house.hang_up(account_id, phone=MOBILE, email=EMAIL, customer_ref=REF)
    (mail,) = house.messages(account_id)
    with house.sessions.begin() as session:
        unsubscribe(session, keyring(session).token(mail.id, mail.token_hash))
    assert list(contacts(house, account_id).values()) == [True] * 4
    for call in ({"phone": MOBILE}, {"phone": LANDLINE}, {"phone": "+447700900125", "customer_ref": REF}):
        assert house.hang_up(account_id, **call).skipped == {"reason": "opted_out"}


def test_a_no_that_the_carrier_holds_is_the_customers(house: House) -> None:
    mobile, landline = known_by_both(house)
    record(
        house.parts,
        claim_and_begin(house.parts),
        SendResult(Outcome.REJECTED, code=21610, action=Action.OPT_OUT),
    )
    assert landline.state == "opted_out"
    assert set(contacts(house, mobile.account_id).values()) == {True}


def test_start_takes_it_back_for_the_customer_but_not_for_a_mail_that_said_no_itself(house: House) -> None:
    account_id = account(house, Channel.SMS, cooldown_seconds=0)
    for call in ({"phone": MOBILE}, {"phone": LANDLINE, "email": EMAIL}):
        house.hang_up(account_id, customer_ref=REF, ask=False, **call)
    mobile = asked(house, account_id, phone=MOBILE, call={"customer_ref": REF})
    mobile.types("STOP")
    with house.sessions.begin() as session:
        mail = find_contact(session, account_id, "email", EMAIL)
        assert mail is not None
        mail.opted_out_through = None  # as if they had unsubscribed too
    mobile.types("START")
    assert Counter(contacts(house, account_id).values()) == {False: 3, True: 1}
    assert house.hang_up(account_id, phone=LANDLINE).invitation is not None


def test_a_no_is_told_once_and_each_contact_keeps_its_proof(house: House) -> None:
    mobile, _ = known_by_both(house)
    mobile.types("Stop it", "STOP")
    with house.sessions() as session:
        told = session.scalars(select(Event.subject_id).where(Event.type == "contact.opted_out")).all()
        assert len(told) == len(set(told)) == 3
        proofs = changes_of(session, mobile.account_id, told)
    assert {change.how for changes in proofs.values() for change in changes} == {"sms"}
    assert [len(changes) for changes in proofs.values()] == [1, 1, 1]


def test_a_ref_of_very_many_addresses_is_no_persons(house: House) -> None:
    account_id = house.account(cooldown_seconds=0)
    for number in range(MOST_ADDRESSES + 1):
        house.hang_up(account_id, phone=f"+4477009001{number:02}", customer_ref="front desk", ask=False)
    Customer(house, account_id, "+447700900100").types("STOP")
    assert Counter(contacts(house, account_id).values()) == {True: 1, False: MOST_ADDRESSES + 1}


# --- at the same moment


def test_a_call_by_another_telephone_waits_for_the_no_and_finds_it(house: House) -> None:
    desk, account_id = Desk(house.sessions), house.account()
    house.hang_up(account_id, phone=MOBILE, customer_ref=REF, ask=False)
    asking, call = desk.asking(account_id), house.call_end(phone=LANDLINE, customer_ref=REF)
    with house.sessions() as stopping:
        say_stop(stopping, account_id, MOBILE)
        with desk.meanwhile(lambda s: receive_call(s, asking=asking, call=call, body_hash=b"")) as received:
            assert not received.done()
            stopping.commit()
            assert received.result().skipped == {"reason": "opted_out"}
    assert house.messages(account_id) == []


def test_a_no_that_waited_for_a_call_takes_back_what_that_one_began(house: House) -> None:
    desk, account_id = Desk(house.sessions), house.account()
    house.hang_up(account_id, phone=MOBILE, customer_ref=REF, ask=False)
    call = house.call_end(phone=LANDLINE, customer_ref=REF)
    with house.sessions() as calling:
        receive_call(calling, asking=read_asking(calling, account_id), call=call, body_hash=b"")
        with desk.meanwhile(lambda session: say_stop(session, account_id, MOBILE)) as stopping:
            assert not stopping.done()
            calling.commit()
            stopping.result()
    house.send()
    assert house.ledger(LANDLINE) == []
    assert [one.state for one in house.invitations(account_id)] == ["skipped", "opted_out"]
    assert list(contacts(house, account_id).values()) == [True] * 3


def say_stop(session: Session, account_id: UUID, phone: str) -> None:
    contact = find_contact(session, account_id, "phone", phone)
    assert contact is not None
    opt_out_everywhere(
        session,
        accounts=[account_id],
        known=[(account_id, contact.id)],
        phone=phone,
        now=database_now(session),
        proof=Proof("sms"),
    )


def phones(number: int) -> tuple[str, str]:
    return f"+4477009001{number:02}", f"+4477009002{number:02}"


def customers(house: House, count: int) -> UUID:
    """So many customers of two telephones each; a text to the second one is due to each of them."""
    account_id = house.account(cooldown_seconds=0)
    change_sender(house, account_id)
    for number in range(count):
        mobile, landline = phones(number)
        house.hang_up(account_id, phone=mobile, customer_ref=f"C-{number}", ask=False)
        house.hang_up(account_id, phone=landline, customer_ref=f"C-{number}")
    return account_id


def test_no_claim_commits_after_a_no_by_the_other_telephone_has(house: House) -> None:
    account_id = customers(house, 24)
    sender = change_sender(house, account_id)
    finished = threading.Event()
    seen: dict[UUID, str] = {}

    def claim_one_by_one() -> None:
        while not finished.is_set():
            claim_now(house, sender, free=1)

    def say_no(number: int) -> None:
        mobile, landline = phones(number)
        with house.sessions.begin() as session:
            say_stop(session, account_id, mobile)
            contact = find_contact(session, account_id, "phone", landline)
            assert contact is not None
            # a later statement, which sees every claim that came before the no got its locks
            message = session.scalars(select(Message).where(Message.contact_id == contact.id)).one()
            seen[message.id] = message.state

    def say_no_one_by_one() -> None:
        try:
            # the last that are due first, so that they meet
            for number in reversed(range(23)):
                say_no(number)
        finally:
            finished.set()

    # whoever wins the race, there are some of both
    claim_now(house, sender, free=1)
    say_no(23)
    together(claim_one_by_one, say_no_one_by_one)
    now = {message.id: message.state for message in house.messages(account_id)}
    assert now == seen
    assert set(seen.values()) == {"claimed", "cancelled"}
    # and of those that were claimed before it, none is begun after it
    begun = [one for one in house.messages(account_id) if one.send_before > house.now()]
    assert [one.state for one in begun if one.state == "claimed"] == []


def test_nos_calls_claims_and_sweeps_of_the_same_customers_never_deadlock(house: House) -> None:
    account_id = customers(house, 3)
    deadlocks = []

    @event.listens_for(house.sessions.kw["bind"], "handle_error")
    def note(context: object) -> None:
        error = getattr(context, "original_exception", None)
        if getattr(error, "sqlstate", None) == "40P01":
            deadlocks.append(str(error))

    rounds = Counter[str]()

    def again_and_again(name: str, work: Callable[[int], object]) -> Callable[[], None]:
        def run() -> None:
            for number in range(15):
                work(number)
                rounds[name] += 1

        return run

    def call(number: int) -> None:
        phone = phones(number % 3)[number // 3 % 2]
        house.hang_up(
            account_id, phone=phone, email=f"{number % 3}@example.org", customer_ref=f"C-{number % 3}"
        )

    def text(side: int) -> Callable[[int], None]:
        def run(number: int) -> None:
            phone = phones(number % 3)[side]
            house.text("STOP" if number % 2 else "5 STOP", phone=phone)
            house.text("START", phone=phone)

        return run

    try:
        together(
            again_and_again("calls", call),
            again_and_again("others", lambda number: call(number + 1)),
            again_and_again("mobile", text(0)),
            again_and_again("landline", text(1)),
            again_and_again("drains", lambda _: house.send()),
            again_and_again("sweeps", lambda _: house.settle()),
        )
    finally:
        event.remove(house.sessions.kw["bind"], "handle_error", note)
    assert deadlocks == []
    assert set(rounds.values()) == {15}


@pytest.mark.parametrize("named", [Named("ref", REF), Named("phone", MOBILE)], ids=["ref", "phone"])
def test_who_is_forgotten_with_a_no_is_asked_by_no_telephone_any_more(house: House, named: Named) -> None:
    account_id = house.account()
    house.hang_up(account_id, phone=MOBILE, customer_ref=REF)
    with house.sessions.begin() as session:
        while not forget_some(session, account_id, named, Proof("api")).complete:
            pass
    for call in ({"phone": LANDLINE, "customer_ref": REF}, {"phone": MOBILE}):
        assert house.hang_up(account_id, **call).skipped == {"reason": "opted_out"}


def test_who_is_forgotten_is_no_stranger_to_the_cooldown(house: House) -> None:
    """Or forgetting would be a way to be asked twice; nothing leads from the old calls to the next."""
    account_id = house.account()
    first = house.hang_up(account_id, phone=MOBILE, customer_ref=REF)
    with house.sessions.begin() as session:
        while not forget_some(session, account_id, Named("ref", REF)).complete:
            pass
        call = session.get_one(Call, (account_id, UUID(first.call["id"])))
        assert (call.customer_ref, call.customer_contact_id) == (None, None)
    again = house.hang_up(account_id, phone=LANDLINE, customer_ref=REF)
    assert again.skipped == {"reason": "asked_recently"}
