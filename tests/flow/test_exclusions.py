"""An outage is left out for everyone: later calls are skipped, what waits is taken back, what has gone stays."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from app.domain.channel import Channel
from app.domain.questionnaire import Way
from app.errors import Invalid, NotFound
from app.flow.asking import read_asking
from app.flow.exclusions import Applied, add_exclusion, apply_exclusion, end_exclusion, read_exclusion
from app.flow.read_ledger import read_ledger
from app.flow.receive_call import receive_call
from app.flow.tell_call import tell_call
from app.store.audit import Audit
from app.store.contacts import Contact
from app.store.exclusions import ExclusionRow
from tests.desk import Desk, decided, only
from tests.house import House
from tests.store.claiming import change_sender, claim, claim_now
from workers.upkeep import close

PHONE = "+447700900123"


def leave_out(
    desk: Desk | House, account_id: UUID, *queues: str, start: float = -60, end: float = 60
) -> UUID:
    """From so many minutes from now to so many, made but not applied."""
    now = desk.now()
    with desk.sessions.begin() as session:
        made, _ = add_exclusion(
            session,
            account_id=account_id,
            actor="operator",
            start=now + timedelta(minutes=start),
            end=now + timedelta(minutes=end),
            queues=queues,
            reason="the billing system was down",
        )
    return made


def apply(desk: Desk | House, account_id: UUID, exclusion_id: UUID, **options: Any) -> Applied:
    return apply_exclusion(desk.sessions.begin, account_id, exclusion_id, **{"steps": 100, **options})


def ledger(desk: Desk, account_id: UUID) -> dict[str, Any]:
    desk.roll_up()
    with desk.sessions() as session:
        answer = read_ledger(session, account_id=account_id, group_by="agent", start=None, end=None)
    return {row["agent"]["id"]: (row["calls"], row["invited"], row["skipped"]) for row in answer["rows"]}


def ended(desk: Desk, minutes: float) -> datetime:
    return desk.now() + timedelta(minutes=minutes)


def test_what_is_reported_within_it_is_skipped_whoever_took_the_call(desk: Desk) -> None:
    account_id, other = desk.account(), desk.account()
    leave_out(desk, account_id, "billing", "sales-*", start=-30, end=0)
    for agent in ("a1", "a2"):
        assert decided(desk.hang_up(account_id, queue="Sales-EU", agent_id=agent)) == "excluded"
    assert decided(desk.hang_up(account_id, queue="billing", ended_at=ended(desk, -20))) == "excluded"
    assert decided(desk.hang_up(account_id, queue="hr")) == "scheduled"
    assert decided(desk.hang_up(account_id, queue="billing", ended_at=ended(desk, -31))) == "scheduled"
    assert decided(desk.hang_up(other, queue="billing")) == "scheduled"
    assert ledger(desk, account_id) == {"a1": (4, 2, {"excluded": 2}), "a2": (1, 0, {"excluded": 1})}


def test_what_waits_is_taken_back_as_if_it_had_never_been_scheduled(desk: Desk) -> None:
    account_id = desk.account(delay_seconds=3600)
    taken = [desk.hang_up(account_id, agent_id=agent) for agent in ("a1", "a2")]
    kept = desk.hang_up(account_id, queue="hr")
    assert ledger(desk, account_id) == {"a1": (2, 2, {}), "a2": (1, 1, {})}

    made = leave_out(desk, account_id, "sales")
    assert vars(apply(desk, account_id, made)) == {"taken_back": 2, "complete": True}

    assert ledger(desk, account_id) == {"a1": (2, 1, {"excluded": 1}), "a2": (1, 0, {"excluded": 1})}
    for received in taken:
        invitation = desk.invitation_of(account_id, received)
        assert (invitation.state, invitation.skip_reason, invitation.channel) == ("skipped", "excluded", None)
        (message,) = desk.messages(account_id, received)
        assert (message.state, message.detail) == ("cancelled", "excluded")
        with desk.sessions() as session:
            contact = session.get_one(Contact, (account_id, invitation.contact_id))
            assert (contact.open_invitation, contact.last_asked_at) == (None, None)
    assert desk.invitation_of(account_id, kept).state == "scheduled"
    assert apply(desk, account_id, made).taken_back == 0
    with desk.sessions() as session:
        assert read_exclusion(session, account_id=account_id, exclusion_id=made)["taken_back"] == 2
        actions = session.scalars(
            select(Audit.action).where(Audit.account_id == account_id).order_by(Audit.id)
        ).all()
        assert [one for one in actions if "exclusion" in one] == ["exclusion.added", "exclusion.took_back"]


def test_its_customer_is_asked_after_the_next_call(desk: Desk) -> None:
    account_id = desk.account(delay_seconds=3600)
    desk.hang_up(account_id, phone=PHONE, ended_at=ended(desk, -10))
    made = leave_out(desk, account_id, end=-5)
    assert apply(desk, account_id, made).taken_back == 1
    assert decided(desk.hang_up(account_id, phone=PHONE)) == "scheduled"


def test_many_are_taken_back_step_by_step(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.flow.exclusions._SURVEYS_AT_ONCE", 2)
    account_id = desk.account(delay_seconds=3600)
    for queue in ("sales", "hr", "hr", "sales", "sales"):
        desk.hang_up(account_id, queue=queue)
    made = leave_out(desk, account_id, "sales")
    assert vars(apply(desk, account_id, made, steps=2)) == {"taken_back": 2, "complete": False}
    assert vars(apply(desk, account_id, made)) == {"taken_back": 1, "complete": True}


def test_the_story_of_a_call_tells_when_and_why_it_was_taken_back(desk: Desk) -> None:
    account_id = desk.account(delay_seconds=3600)
    received = desk.hang_up(account_id)
    apply(desk, account_id, leave_out(desk, account_id))
    with desk.sessions() as session:
        story = tell_call(session, account_id, UUID(received.call["id"]))
    told = [words for _, words, _ in story.told]
    assert any(words.startswith("decided: the customer is asked") for words in told)
    assert "taken back, and nothing was sent (excluded): left out for everyone" in told[-1] + told[-2]
    assert "the billing system was down" in " ".join(told)


def test_what_has_gone_stays_and_its_answers_count(desk: Desk) -> None:
    account_id = desk.account()
    asked = desk.hang_up(account_id)
    desk.deliver(account_id, asked)
    desk.answer(account_id, asked, csat=5)
    assert apply(desk, account_id, leave_out(desk, account_id)).taken_back == 0
    assert ledger(desk, account_id) == {"a1": (1, 1, {})}
    assert only(desk.results(account_id))["csat"]["n"] == 1


def test_what_is_being_sent_is_left_alone(house: House) -> None:
    account_id = house.account()
    house.hang_up(account_id)
    (message,) = house.messages(account_id)
    with house.sessions.begin() as session:
        held = session.merge(message)
        held.state, held.claims = "claimed", 1
    made = leave_out(house, account_id)
    house.pass_time(seconds=20)
    assert apply(house, account_id, made, final=True).taken_back == 0
    with house.sessions() as session:
        # it may come back, when its worker is lost
        assert session.get_one(ExclusionRow, (account_id, made)).applied_at is None


def test_a_link_that_the_client_delivers_is_not_taken_back(desk: Desk) -> None:
    from_our_hands = desk.account(channels=(Way(Channel.LINK),))
    desk.hang_up(from_our_hands)
    assert apply(desk, from_our_hands, leave_out(desk, from_our_hands)).taken_back == 0


def test_whoever_asked_by_what_they_knew_before_is_found_by_the_sweep(house: House) -> None:
    account_id = house.account(delay_seconds=3600)
    with house.sessions() as session:
        known_before = read_asking(session, account_id)
    made = leave_out(house, account_id)
    assert apply(house, account_id, made).taken_back == 0
    with house.sessions.begin() as session:
        late = receive_call(session, asking=known_before, call=house.call_end(), body_hash=b"")
    assert late.invitation
    close(house.parts)
    (invitation,) = house.invitations(account_id)
    assert invitation.state == "scheduled"  # the others may still ask

    house.pass_time(seconds=15)
    close(house.parts)
    (invitation,) = house.invitations(account_id)
    assert (invitation.state, invitation.skip_reason) == ("skipped", "excluded")
    with house.sessions() as session:
        assert session.get_one(ExclusionRow, (account_id, made)).applied_at is not None


def test_while_texts_go_out_each_customer_is_asked_or_left_out_never_both(house: House) -> None:
    account_id = house.account()
    phones = house.hang_up_many(account_id, 60)
    made = leave_out(house, account_id)
    with ThreadPoolExecutor(1) as pool:
        sending = pool.submit(house.send)
        taken = apply(house, account_id, made).taken_back
        sending.result()
    house.send()
    sent = {message["to"] for message in house.ledger()}
    states = {}
    for phone in phones:
        contact = house.contact(account_id, phone)
        states[phone] = contact.open_invitation is not None
    assert {phone for phone, is_open in states.items() if is_open} == sent
    assert len(sent) + taken == len(phones)
    by_state = [one.state for one in house.invitations(account_id)]
    assert (by_state.count("asked"), by_state.count("skipped")) == (len(sent), taken)


def test_a_claim_that_was_first_is_not_waited_for_and_sends(house: House) -> None:
    account_id = house.account()
    sender = change_sender(house, account_id)
    house.hang_up(account_id)
    made = leave_out(house, account_id)
    with house.sessions() as claiming:
        assert len(claim(claiming, sender)) == 1
        assert apply(house, account_id, made, final=True).taken_back == 0
        claiming.commit()
    assert [one.state for one in house.invitations(account_id)] == ["scheduled"]
    with house.sessions() as session:
        assert session.get_one(ExclusionRow, (account_id, made)).applied_at is None


def test_what_is_being_taken_back_is_claimed_by_nobody(house: House) -> None:
    account_id = house.account()
    sender = change_sender(house, account_id)
    house.hang_up(account_id)
    made = leave_out(house, account_id)
    with house.sessions() as taking:
        assert apply_exclusion(lambda: nullcontext(taking), account_id, made, steps=1).taken_back == 1
        assert claim_now(house, sender) == []
        taking.commit()
    assert claim_now(house, sender) == []
    assert [one.state for one in house.invitations(account_id)] == ["skipped"]


def test_ended_early_it_leaves_out_what_was_left_out_and_nothing_more(desk: Desk) -> None:
    account_id = desk.account()
    made = leave_out(desk, account_id)
    assert decided(desk.hang_up(account_id)) == "excluded"
    with desk.sessions.begin() as session:
        ended_now = end_exclusion(session, account_id=account_id, actor="key x", exclusion_id=made)
    assert (ended_now["status"], ended_now["ended_by"]) == ("over", "key x")
    now = desk.now() + timedelta(seconds=1)
    assert decided(desk.hang_up(account_id, started_at=now, ended_at=now)) == "scheduled"
    with desk.sessions.begin() as session:
        again = end_exclusion(session, account_id=account_id, actor="key y", exclusion_id=made)
        assert again == ended_now


def test_ended_before_it_began_it_leaves_out_nothing(desk: Desk) -> None:
    account_id = desk.account()
    made = leave_out(desk, account_id, start=5, end=10)
    with desk.sessions.begin() as session:
        end_exclusion(session, account_id=account_id, actor="operator", exclusion_id=made)
    assert not any(
        one.covers(ended(desk, 6), ended(desk, 7), None) for one in desk.asking(account_id).exclusions
    )


@pytest.mark.parametrize(
    ("minutes", "queues", "reason", "field"),
    [
        (0, (), "down", "to"),
        (31 * 1440 + 1, (), "down", "to"),
        (1, ("a*b",), "down", "queues.0"),
        (1, (), " ", "reason"),
    ],
)
def test_what_leaves_nothing_out_or_too_much_is_refused(
    desk: Desk, minutes: int, queues: tuple[str, ...], reason: str, field: str
) -> None:
    account_id, now = desk.account(), desk.now()
    with desk.sessions() as session, pytest.raises(Invalid) as refused:
        add_exclusion(
            session,
            account_id=account_id,
            actor="operator",
            start=now,
            end=now + timedelta(minutes=minutes),
            queues=queues,
            reason=reason,
        )
    assert list(refused.value.fields) == [field]


def test_an_exclusion_of_another_account_is_not_found(desk: Desk) -> None:
    account_id, other = desk.account(), desk.account()
    made = leave_out(desk, account_id)
    with desk.sessions.begin() as session, pytest.raises(NotFound):
        end_exclusion(session, account_id=other, actor="operator", exclusion_id=made)
