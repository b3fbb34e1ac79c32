"""What a person has sent again goes out once for each decision, and says what it may mean."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select

from app.flow.accounts import hold_sending
from app.flow.read_audit import read_audit
from app.store.events import Event
from app.tally import tally
from tests.flow.by_hand import (
    WHO,
    close,
    failed,
    happened,
    in_doubt,
    quarantined,
    resend,
    shown,
    timeline,
    tried,
)
from tests.flow.steps import (
    claim_and_begin,
    is_free,
    outcomes,
    record,
    request,
    the_message,
    the_state,
)
from tests.house import PHONE, House
from tests.store.claiming import together

LONDON = ZoneInfo("Europe/London")


def test_what_is_in_doubt_is_sent_again_by_a_person_who_is_told_what_that_may_mean(house: House) -> None:
    message = in_doubt(house)
    assert "may then have it twice" in shown(house, message)["explanation"]["options"][0]
    again = resend(house, message, "not in the carrier's log")
    assert (again["status"], again["invitation"]["status"]) == ("due", "scheduled")
    assert "may have the text from that one too" in again["explanation"]["known"]
    house.send()
    assert the_state(house, message.account_id) == ("asked", "accepted")
    assert outcomes(house, message.account_id) == ["unknown", "accepted"]
    house.text("5")
    assert house.invitations(message.account_id)[0].state == "started"


def test_who_decided_and_why_stands_in_the_audit_and_in_the_timeline(house: House) -> None:
    message = in_doubt(house)
    resend(house, message, "asked by\x00 +44 7700 900123, jo@example.com")
    masked = "asked by [number], [address]"
    events = [one["event"] for one in timeline(house, message)]
    assert events.index("attempt.ended") < events.index("message.in_doubt") < events.index("message.resent")
    (resent,) = happened(house, message, "message.resent")
    assert (resent["by"], resent["reason"]) == (WHO, masked)
    with house.sessions() as session:
        (entry,) = read_audit(session, account_id=message.account_id, cursor=None, limit=9).items
        assert session.scalars(select(Event).where(Event.type == "message.resent")).one()
    assert (entry["actor"], entry["action"], entry["detail"]["reason"]) == (WHO, "message.resent", masked)
    assert entry["detail"]["was"]["status"] == "in_doubt"
    (by_hand,) = shown(house, message)["by_hand"]
    assert (by_hand["action"], by_hand["was"]) == ("resent", "in_doubt")


def test_the_same_request_again_changes_nothing(house: House) -> None:
    message = in_doubt(house)
    first = resend(house, message)
    assert resend(house, message) == first
    house.send()
    assert resend(house, message)["status"] == "accepted"
    assert len(house.ledger()) == 2  # the one in doubt had arrived
    assert len(shown(house, message)["by_hand"]) == 1


def test_two_people_at_once_send_one_text(house: House) -> None:
    message = in_doubt(house, arrived=False)
    answers: list[str] = []
    together(*[lambda: answers.append(tried(house, message))] * 8)
    house.send()
    assert answers == ["due"] * 8
    assert len(house.ledger()) == 1
    assert len(shown(house, message)["by_hand"]) == 1


def test_one_sends_it_again_while_another_closes_it_and_one_of_them_is_told(house: House) -> None:
    message = in_doubt(house, arrived=False)
    answers: dict[str, str] = {}
    together(
        lambda: answers.update(resend=tried(house, message)),
        lambda: answers.update(close=tried(house, message, close)),
    )
    house.send()
    came_first = "resend" if answers["resend"] == "due" else "close"
    assert len(house.ledger()) == (came_first == "resend")
    assert answers == {
        "resend": {"resend": "due", "close": "This message can't be sent again: it was taken back."},
        "close": {
            "resend": "This message can't be closed: it is due, and goes out by itself.",
            "close": "cancelled",
        },
    }[came_first] or answers[came_first] in ("due", "cancelled")


def test_a_late_receipt_of_the_first_request_stops_the_second(house: House) -> None:
    message = in_doubt(house)
    (attempt,) = house.attempts(message.account_id)
    resend(house, message)
    house.receipt(house.ledger()[0]["sid"], "delivered", attempt=attempt)
    house.send()
    assert the_state(house, message.account_id) == ("asked", "delivered")
    assert len(house.ledger()) == 1
    assert happened(house, message, "message.doubled") == []


def test_resending_while_a_late_receipt_arrives_sends_nothing_more(house: House) -> None:
    message = in_doubt(house)
    (attempt,) = house.attempts(message.account_id)
    sid = house.ledger()[0]["sid"]
    answers: list[str] = []
    together(
        lambda: answers.append(tried(house, message)),
        lambda: house.receipt(sid, "delivered", attempt=attempt),
    )
    house.send()
    assert answers in (["due"], ["This message can't be sent again: it has reached the customer."])
    assert the_state(house, message.account_id) == ("asked", "delivered")
    assert len(house.ledger()) == 1


def test_a_receipt_of_the_first_after_the_second_is_a_double_that_a_person_took_upon_themselves(
    house: House,
) -> None:
    message = in_doubt(house)
    (attempt,) = house.attempts(message.account_id)
    first = house.ledger()[0]["sid"]
    resend(house, message)
    house.send()
    second = the_message(house, message.account_id).provider_id
    counted: list[str] = []
    count_in(house, counted)
    house.receipt(first, "sent", attempt=attempt)
    house.receipt(first, "delivered", attempt=attempt)
    assert [name for name in counted if "doubles" in name] == ["resend_doubles"]
    message = the_message(house, message.account_id)
    assert (message.state, message.provider_id) == ("accepted", second)
    (doubled,) = happened(house, message, "message.doubled")
    assert (doubled["provider_id"], doubled["after_a_resend"]) == (first, True)


def test_the_first_turning_up_while_the_second_is_on_its_way_is_told_as_well(house: House) -> None:
    message = in_doubt(house)
    (attempt,) = house.attempts(message.account_id)
    resend(house, message)
    envelope = claim_and_begin(house.parts)
    result = request(house.parts, envelope)
    house.receipt(house.ledger()[0]["sid"], "delivered", attempt=attempt)
    counted: list[str] = []
    count_in(house, counted)
    record(house.parts, envelope, result)
    assert [name for name in counted if "doubles" in name] == ["resend_doubles"]
    assert the_message(house, message.account_id).state == "delivered"
    (doubled,) = happened(house, message, "message.doubled")
    assert doubled["provider_id"] == result.provider_id


def test_an_unclear_second_request_is_looked_up_and_the_first_may_be_what_is_found(house: House) -> None:
    message = in_doubt(house)
    resend(house, message)
    house.fault(error_before={"count": 1})
    house.send()
    house.settle()
    assert the_state(house, message.account_id) == ("asked", "accepted")
    assert the_message(house, message.account_id).provider_id == house.ledger()[0]["sid"]
    house.send()
    assert len(house.ledger()) == 1


def test_a_resend_that_comes_to_nothing_leaves_it_in_doubt_as_it_was(house: House) -> None:
    message = in_doubt(house)
    resend(house, message)
    with house.sessions.begin() as session:
        hold_sending(session, None, paused=True)
    house.pass_time(hours=19 + 19)
    house.settle()
    assert the_state(house, message.account_id) == ("in_doubt", "in_doubt")
    assert house.hang_up(message.account_id).skipped == {"reason": "survey_open"}


def test_a_second_request_that_is_refused_leaves_the_first_to_be_answered(house: House) -> None:
    message = in_doubt(house)
    resend(house, message)
    house.fault(codes={PHONE: 21211})
    house.send()
    assert the_state(house, message.account_id) == ("in_doubt", "failed")
    assert "is still in doubt" in shown(house, message)["explanation"]["known"]
    house.no_faults()
    house.text("5")
    assert house.invitations(message.account_id)[0].state == "started"


def test_listings_that_show_neither_request_prove_that_nothing_was_sent(house: House) -> None:
    message = in_doubt(house, arrived=False)
    resend(house, message)
    house.fault(error_before=1)
    for _ in range(6):
        house.send()
        house.settle()
    house.pass_time(hours=19 + 19)
    house.settle()
    assert house.ledger() == []
    assert the_state(house, message.account_id) == ("expired", "expired")
    assert is_free(house.contact(message.account_id))


def test_a_question_in_doubt_is_asked_again_at_a_lawful_hour_while_its_survey_is_open(house: House) -> None:
    account_id = house.account(send_hours="lawful")
    at(house, "18:30")
    house.hang_up(account_id)
    house.send()
    house.text("5")
    house.fault(error_before={"count": 1})
    house.send()
    house.fault(listing_error=1)
    for clock in ("19:31", "20:30"):
        at(house, clock)
        house.settle()
    house.no_faults()
    question = house.messages(account_id)[1]
    assert question.state == "in_doubt"
    assert resend(house, question)["status"] == "due"
    house.send()
    assert len(house.ledger()) == 1
    due_at = house.messages(account_id)[1].due_at.astimezone(LONDON)
    assert f"{due_at:%a %H:%M}" == "Tue 09:00"
    at(house, "09:01", days=1)
    house.send()
    assert len(house.ledger()) == 2
    assert house.messages(account_id)[1].state == "accepted"


def test_what_ended_its_worker_goes_out_once_that_is_mended(house: House) -> None:
    message = quarantined(house, house.account())
    assert resend(house, message)["status"] == "due"
    assert the_message(house, message.account_id).claims == 0
    house.send()
    assert the_state(house, message.account_id) == ("asked", "accepted")


def test_what_a_setting_had_made_fail_is_sent_again_and_old_receipts_are_not_taken_for_new(
    house: House,
) -> None:
    account_id = house.account()
    message = failed(house, account_id, 30034)
    first = str(message.provider_id)
    resend(house, message)
    house.receipt(first, "sent")  # out of order, of the one that was given up
    assert the_state(house, account_id) == ("scheduled", "due")
    house.send()
    assert the_state(house, account_id) == ("asked", "accepted")
    assert the_message(house, account_id).provider_id not in (None, first)
    house.receipt(str(the_message(house, account_id).provider_id), "delivered")
    house.text("5")
    assert house.invitations(account_id)[0].state == "started"
    events = [one["event"] for one in timeline(house, message)]
    assert events.index("message.failed") < events.index("message.resent") < events.index("message.delivered")
    assert "message.doubled" not in events


def test_an_unclear_request_after_a_failed_one_does_not_find_the_failed_one(house: House) -> None:
    account_id = house.account()
    message = failed(house, account_id, 30034)
    resend(house, message)
    house.fault(error_before={"count": 1})
    house.send()
    house.settle()
    house.settle()
    house.send()
    assert outcomes(house, account_id) == ["accepted", "unknown", "accepted"]
    assert len(house.ledger()) == 2


def test_six_requests_of_before_do_not_use_up_those_after(house: House) -> None:
    account_id = house.account()
    house.hang_up(account_id)
    house.fault(codes={PHONE: 30003})
    for _ in range(6):
        house.send()
        house.pass_time(minutes=10)
    message = the_message(house, account_id)
    assert (message.state, message.attempts) == ("failed", 6)
    resend(house, message)
    house.send()
    assert the_message(house, account_id).state == "due"
    house.no_faults()
    house.pass_time(minutes=10)
    house.send()
    assert the_message(house, account_id).state == "accepted"


def count_in(house: House, counted: list[str]) -> None:
    tally(house.sessions, lambda name, _, times: counted.extend([name] * times))


def at(house: House, clock: str, *, days: int = 0) -> None:
    """Make it that time of a Monday in London, or of so many days later."""
    moment = datetime.combine(date(2035, 6, 4) + timedelta(days=days), time.fromisoformat(clock), LONDON)
    house.shift(moment - datetime.now(UTC))
