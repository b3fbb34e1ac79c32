"""One telephone behind more calls than a person makes is flagged, with its calls; it is asked like any other."""

from datetime import timedelta
from uuid import UUID

from app.domain.flags import MANY_CALLS_ONE_PHONE
from app.flow.flag_calls import flag_calls
from app.store.calls import Call
from app.store.many_calls import MANY
from tests.desk import Desk, decided

BUSY, PERSON = "+447700900123", "+447700900124"


def look(desk: Desk) -> None:
    with desk.sessions.begin() as session:
        flag_calls(session)


def is_flagged(desk: Desk, account_id: UUID, phone: str) -> bool:
    contact = desk.contact(account_id, "phone", phone)
    assert contact is not None
    return contact.many_calls_since is not None


def test_one_call_more_than_a_person_makes_is_flagged_with_all_before_it(desk: Desk) -> None:
    account_id = desk.account()
    calls = [desk.hang_up(account_id, phone=BUSY) for _ in range(MANY)]
    person = desk.hang_up(account_id, phone=PERSON)
    look(desk)
    assert not is_flagged(desk, account_id, BUSY)
    calls.append(desk.hang_up(account_id, phone=BUSY))
    look(desk)
    assert is_flagged(desk, account_id, BUSY)
    assert {tuple(desk.call_of(account_id, call).flags) for call in calls} == {(MANY_CALLS_ONE_PHONE,)}
    assert desk.call_of(account_id, person).flags == []
    # whatever comes from it later bears the flag at once
    assert desk.call_of(account_id, desk.hang_up(account_id, phone=BUSY)).flags == [MANY_CALLS_ONE_PHONE]


def test_whoever_calls_from_it_is_asked_and_counted_like_anybody(desk: Desk) -> None:
    account_id = desk.account(cooldown_seconds=0)
    first = desk.hang_up(account_id, phone=BUSY)
    desk.answer(account_id, first, csat=5, ownership=5, nps=10)
    for _ in range(MANY):
        desk.hang_up(account_id, phone=BUSY, ask=False)
    look(desk)
    assert decided(desk.hang_up(account_id, phone=BUSY)) in {"scheduled", "survey_open"}


def test_calls_of_long_ago_and_test_calls_make_nobody_busy(desk: Desk) -> None:
    account_id = desk.account()
    long_ago = desk.now() - timedelta(days=30)
    for number in range(MANY + 5):
        desk.hang_up(account_id, phone=BUSY, ended_at=long_ago + timedelta(hours=number))
        desk.hang_up(account_id, phone=PERSON, is_test=True)
    look(desk)
    assert not is_flagged(desk, account_id, BUSY)
    assert not is_flagged(desk, account_id, PERSON)


def test_a_telephone_that_calls_like_a_person_again_is_flagged_no_more(desk: Desk) -> None:
    account_id = desk.account()
    calls = [desk.hang_up(account_id, phone=BUSY) for _ in range(MANY + 1)]
    look(desk)
    week = timedelta(days=8)
    with desk.sessions.begin() as session:
        for call in calls:
            session.get_one(Call, (account_id, UUID(call.call["id"]))).ended_at -= week
    look(desk)
    assert not is_flagged(desk, account_id, BUSY)
    assert desk.call_of(account_id, calls[0]).flags == [MANY_CALLS_ONE_PHONE]


def test_who_keeps_a_copy_of_the_responses_reads_them_once_more(desk: Desk) -> None:
    account_id = desk.account(cooldown_seconds=0)
    first = desk.survey(account_id, phone=BUSY, values={"csat": 5})
    before = desk.invitation_of(account_id, first).change
    for _ in range(MANY):
        desk.hang_up(account_id, phone=BUSY, ask=False)
    look(desk)
    assert desk.invitation_of(account_id, first).change > before
    look(desk)
    after = desk.invitation_of(account_id, first).change
    look(desk)
    assert desk.invitation_of(account_id, first).change == after
