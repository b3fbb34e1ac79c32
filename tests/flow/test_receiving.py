"""A call ended: asked or not, for a reason that can be looked up, and amended when more is known."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import delete, select

from app.domain.eligibility import SKIP_REASONS
from app.errors import Invalid
from app.flow.contact_lists import change_one
from app.flow.exclusions import add_exclusion
from app.flow.listed_numbers import add_number
from app.flow.read_call import read_call, read_invitation
from app.flow.receive_call import receive_call
from app.store.accounts import Account
from app.store.contacts import Contact, end_open_survey, note_nps_asked, opt_out_address
from app.store.dry_runs import add_dry_run
from app.store.events import Event
from app.store.facts import StaleCell
from app.store.surveys import SurveyVersion
from tests.desk import Desk

PHONE, EMAIL = "+447700900123", "person@example.org"


def cooldown(desk: Desk, account_id: UUID) -> list[tuple[Any, ...]]:
    """What stands in the way of asking that account's customers."""
    columns = (
        Contact.last_asked_at,
        Contact.asked_by_invitation,
        Contact.open_invitation,
        Contact.opted_out_at,
    )
    with desk.sessions() as session:
        found = select(*columns).where(Contact.account_id == account_id).order_by(Contact.id)
        return [tuple(row) for row in session.execute(found)]


# --- asked


def test_an_asked_call_has_an_invitation_and_one_message_that_is_due(desk: Desk) -> None:
    account_id = desk.account(delay_seconds=180)
    received = desk.hang_up(account_id, phone=PHONE, email=EMAIL, timezone="Europe/London")
    assert (received.created, received.conflict, received.skipped) == (True, False, None)
    invitation = desk.invitation_of(account_id, received)
    assert received.invitation == {
        "id": str(invitation.id),
        "status": "scheduled",
        "channel": "sms",
        "due_at": invitation.due_at.isoformat() if invitation.due_at else None,
    }
    call = desk.call_of(account_id, received)
    assert invitation.due_at == call.ended_at + timedelta(seconds=180)
    assert invitation.not_after == call.ended_at + timedelta(hours=18)
    (message,) = desk.messages(account_id, received)
    assert (message.state, message.purpose, message.question_key) == ("due", "ask", "csat")
    assert (message.due_at, message.not_after) == (invitation.due_at, invitation.not_after)
    assert message.contact_id == invitation.contact_id == call.phone_contact_id
    assert message.body.startswith("Acme: Thanks for calling.")


def test_the_language_of_the_call_chooses_the_words(desk: Desk) -> None:
    account_id = desk.account()
    received = desk.hang_up(account_id, language="zh-Hans-CN", phone="+8613800138000")
    (message,) = desk.messages(account_id, received)
    assert message.body.startswith("【Acme】您刚才来电")
    assert desk.invitation_of(account_id, received).questions == ["csat", "ownership"]


def test_a_national_number_is_read_in_the_accounts_region(desk: Desk) -> None:
    account_id = desk.account(region="GB")
    desk.hang_up(account_id, phone="07400 123456", ask=False)
    assert desk.contact(account_id, "phone", "+447400123456") is not None


def test_a_survey_with_a_link_keeps_only_the_hash_of_its_token(desk: Desk) -> None:
    account_id = desk.account(link=True)
    (message,) = desk.messages(account_id, desk.hang_up(account_id))
    assert message.token_hash is not None
    assert "http" not in message.body


def test_a_test_call_is_asked_like_any_other(desk: Desk) -> None:
    account_id = desk.account()
    assert desk.hang_up(account_id, phone=PHONE, is_test=True).invitation
    assert desk.hang_up(account_id, phone=PHONE).skipped == {"reason": "survey_open"}


# --- not asked


def opt_out(desk: Desk, account_id: UUID) -> None:
    with desk.sessions.begin() as session:
        opt_out_address(session, account_id, "phone", PHONE, desk.now())


def ask(desk: Desk, account_id: UUID) -> None:
    desk.hang_up(account_id, phone=PHONE, email=EMAIL)


def ask_and_end(desk: Desk, account_id: UUID) -> None:
    received = desk.hang_up(account_id, phone=PHONE, email=EMAIL)
    with desk.sessions.begin() as session:
        end_open_survey(session, account_id, desk.invitation_of(account_id, received).id)


def switch_off(desk: Desk, account_id: UUID) -> None:
    with desk.sessions.begin() as session:
        session.execute(delete(SurveyVersion))


def try_only(desk: Desk, account_id: UUID) -> None:
    with desk.sessions.begin() as session:
        assert add_dry_run(session, account_id, "queue", "sales")


def at_night(now: datetime) -> str:
    """A time zone in which it is the small hours now."""
    return next(
        name
        for name in (f"Etc/GMT{offset:+d}" for offset in range(-12, 13))
        if 1 <= now.astimezone(ZoneInfo(name)).hour <= 3
    )


def only_france(desk: Desk, account_id: UUID) -> None:
    limit(desk, account_id, countries=["FR"])


def use_up_the_day(desk: Desk, account_id: UUID) -> None:
    limit(desk, account_id, daily_cap=1)
    assert desk.hang_up(account_id, phone="+447700900777").invitation


def limit(desk: Desk, account_id: UUID, **limits: Any) -> None:
    with desk.sessions.begin() as session:
        account = session.get_one(Account, account_id)
        account.settings = {**account.settings, **limits}


def leave_all_out(desk: Desk, account_id: UUID) -> None:
    now = desk.now()
    with desk.sessions.begin() as session:
        add_exclusion(
            session,
            account_id=account_id,
            actor="operator",
            start=now - timedelta(hours=1),
            end=now + timedelta(hours=1),
            queues=(),
            reason="the lines were down",
        )


def list_as_internal(desk: Desk, account_id: UUID) -> None:
    list_number(desk, account_id, "internal")


def list_as_agents(desk: Desk, account_id: UUID) -> None:
    list_number(desk, account_id, "agent")


def list_number(desk: Desk, account_id: UUID, kind: str) -> None:
    with desk.sessions.begin() as session:
        row = {"number": PHONE, "listed_as": kind}
        add_number(session, account_id=account_id, actor="operator", row=row)


def suppress(desk: Desk, account_id: UUID) -> None:
    change_list(desk, account_id, "suppress")


def withdraw(desk: Desk, account_id: UUID) -> None:
    change_list(desk, account_id, "withdraw")


def change_list(desk: Desk, account_id: UUID, action: str) -> None:
    with desk.sessions.begin() as session:
        told = {"by": "phone", "value": PHONE}
        change_one(session, account_id, action, told, how="api", actor="key pc_1")


def reach_the_caps(desk: Desk, account_id: UUID) -> None:
    """One customer of agent a1 has been asked today, and the facts know it."""
    assert desk.hang_up(account_id, phone="+447700900777").invitation
    desk.roll_up()


SKIPS: list[tuple[str, dict[str, Any], Callable[[Desk, UUID], None] | None, dict[str, Any]]] = [
    ("ask_false", {}, None, {"ask": False}),
    ("survey_off", {"active": False}, None, {}),
    ("survey_off", {}, switch_off, {}),
    ("not_answered", {}, None, {"talk_seconds": 0, "agent_id": None}),
    ("too_old", {}, None, {"ended_at": -7300}),
    ("too_short", {}, None, {"talk_seconds": 19}),
    ("no_contact", {}, None, {"phone": None}),
    ("masked_phone", {}, None, {"phone": "138****1234"}),
    ("invalid_phone", {}, None, {"phone": "+4412"}),
    ("customer_cap", {"most_per_customer": 1, "cooldown_seconds": 0}, ask_and_end, {}),
    ("agent_cap", {"most_per_agent_day": 1}, reach_the_caps, {}),
    ("survey_cap", {"most_per_day": 1}, reach_the_caps, {"agent_id": "a2"}),
    ("wrong_direction", {}, None, {"direction": "internal"}),
    ("wrong_queue", {"queues": ("billing",)}, None, {}),
    ("wrong_tags", {"tags": ("vip",)}, None, {}),
    ("wrong_attributes", {"attributes": {"tier": ("gold",)}}, None, {}),
    ("transferred", {"ask_transferred_in": False}, None, {"transferred_from": "a0"}),
    ("excluded", {}, leave_all_out, {}),
    ("premium_number", {}, None, {"phone": "+448456001234"}),
    ("suppressed", {}, suppress, {}),
    ("no_consent", {"consent": "required"}, None, {}),
    ("no_consent", {}, withdraw, {}),
    ("internal_number", {}, list_as_internal, {}),
    ("internal_number", {}, None, {"phone": "201"}),
    ("agents_number", {}, list_as_agents, {}),
    ("country_not_allowed", {}, only_france, {}),
    ("no_sender", {"sender": False}, None, {}),
    ("sampled_out", {"probability": 0.0}, None, {}),
    ("opted_out", {}, opt_out, {}),
    ("survey_open", {}, ask, {}),
    ("survey_open", {"cooldown_seconds": 0}, ask, {"phone": "+447700900555"}),  # by the email
    ("asked_recently", {}, ask_and_end, {}),
    ("daily_cap", {}, use_up_the_day, {}),
    ("dry_run", {}, try_only, {}),
    ("outside_hours", {"send_hours": "lawful", "send_within_seconds": 3600}, None, {"timezone": "night"}),
]


@pytest.mark.parametrize(("reason", "terms", "before", "changes"), SKIPS)
def test_every_skip_says_why_and_changes_no_cooldown(
    desk: Desk,
    reason: str,
    terms: dict[str, Any],
    before: Callable[[Desk, UUID], None] | None,
    changes: dict[str, Any],
) -> None:
    account_id = desk.account(**terms)
    desk.hang_up(account_id, phone=PHONE, email=EMAIL, ask=False)
    if before:
        before(desk, account_id)
    desk.roll_up()
    if "ended_at" in changes:
        changes = {"ended_at": desk.now() + timedelta(seconds=changes["ended_at"])}
    if "timezone" in changes:
        changes = {"timezone": at_night(desk.now())}
    stood = cooldown(desk, account_id)

    received = desk.hang_up(account_id, **{"phone": PHONE, "email": EMAIL, **changes})

    assert (received.invitation, received.skipped) == (None, {"reason": reason})
    invitation = desk.invitation_of(account_id, received)
    assert (invitation.state, invitation.skip_reason, invitation.channel) == ("skipped", reason, None)
    assert (invitation.due_at, invitation.not_after) == (None, None)
    assert not desk.messages(account_id, received)
    assert [row for row in cooldown(desk, account_id) if row != (None, None, None, None)] == [
        row for row in stood if row != (None, None, None, None)
    ]
    last = invitation.decision["checks"][-1]
    assert (last["check"], last["passed"]) == (reason, False)
    with desk.sessions() as session:
        assert session.scalars(select(StaleCell.day)).all() == [desk.call_of(account_id, received).ended_on]
        told = session.scalars(select(Event).where(Event.subject_id == invitation.id)).one()
        assert (told.type, told.content["reason"]) == ("invitation.skipped", reason)
        shown = read_invitation(session, account_id=account_id, invitation_id=invitation.id)
    (decided,) = [entry for entry in shown["timeline"] if entry["event"] == "invitation.skipped"]
    assert (decided["reason"], decided["detail"]) == (reason, last["detail"])


def test_every_reason_is_tried_above() -> None:
    assert {reason for reason, *_ in SKIPS} == set(SKIP_REASONS)


@pytest.mark.parametrize("email", ["n/a", "-", "", "  ", "none", "@", "two words@example.org"])
def test_what_is_no_address_makes_no_customers_the_same(desk: Desk, email: str) -> None:
    account_id = desk.account()
    assert desk.hang_up(account_id, email=email).invitation
    assert desk.hang_up(account_id, email=email).invitation
    assert len(cooldown(desk, account_id)) == 2


def test_an_email_address_is_the_same_in_capitals_and_with_blanks_around(desk: Desk) -> None:
    account_id = desk.account()
    assert desk.hang_up(account_id, email=EMAIL).invitation
    assert desk.hang_up(account_id, email=f" {EMAIL.upper()} ").skipped == {"reason": "survey_open"}


def test_the_draw_of_a_call_is_always_the_same(desk: Desk) -> None:
    account_id = desk.account(probability=0.5)
    call = desk.call_end()
    asking = desk.asking(account_id)
    drawn = set()
    for _ in range(3):
        with desk.sessions() as session:
            received = receive_call(session, asking=asking, call=call, body_hash=b"")
            shown = read_call(session, account_id=account_id, call_id=UUID(received.call["id"]))
            decision = read_invitation(
                session, account_id=account_id, invitation_id=UUID(shown["invitation_id"])
            )["decision"]
            drawn |= {one["detail"] for one in decision["checks"] if one["check"] == "sampled_out"}
            session.rollback()
    assert len(drawn) == 1


def test_about_as_many_are_asked_as_the_share_says(desk: Desk) -> None:
    account_id = desk.account(probability=0.5)
    asked = sum(desk.hang_up(account_id).invitation is not None for _ in range(40))
    # outside of this one time in a million
    assert 5 <= asked <= 35


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"ended_at": timedelta(minutes=11)}, "ended_at"),
        ({"started_at": timedelta(minutes=1)}, "ended_at"),
        ({"answered_at": timedelta(hours=-1)}, "answered_at"),
        ({"talk_seconds": -1}, "talk_seconds"),
        ({"wrap_seconds": 604_801}, "wrap_seconds"),
    ],
)
def test_times_that_cannot_be_true_are_refused_and_nothing_is_kept(
    desk: Desk, changes: dict[str, Any], field: str
) -> None:
    account_id = desk.account()
    now = desk.now()
    values = {name: now + value if isinstance(value, timedelta) else value for name, value in changes.items()}
    with pytest.raises(Invalid) as refused:
        desk.hang_up(account_id, desk.call_end(**values))
    assert list(refused.value.fields) == [field]
    assert desk.stale() == 0


# --- the NPS question, at most every 90 days


def asked_nps(desk: Desk, account_id: UUID, *, days_ago: int) -> None:
    desk.hang_up(account_id, phone=PHONE, ask=False)
    contact = desk.contact(account_id, "phone", PHONE)
    assert contact is not None
    with desk.sessions.begin() as session:
        note_nps_asked(session, account_id, contact.id, desk.now() - timedelta(days=days_ago))


@pytest.mark.parametrize(("days_ago", "questions"), [(89, 3), (91, 4)])
def test_nps_is_left_out_for_ninety_days_and_the_survey_is_not(
    desk: Desk, days_ago: int, questions: int
) -> None:
    account_id = desk.account()
    asked_nps(desk, account_id, days_ago=days_ago)
    invitation = desk.invitation_of(account_id, desk.hang_up(account_id, phone=PHONE))
    assert invitation.state == "scheduled"
    assert ("nps" in invitation.questions, len(invitation.questions)) == (questions == 4, questions)
    assert ("left_out" in invitation.decision) == (questions == 3)


def test_a_survey_of_nps_alone_is_skipped_and_says_why(desk: Desk) -> None:
    account_id = desk.account(order_sms=("nps",))
    asked_nps(desk, account_id, days_ago=1)
    stood = cooldown(desk, account_id)
    received = desk.hang_up(account_id, phone=PHONE)
    assert received.skipped == {"reason": "asked_recently"}
    assert cooldown(desk, account_id) == stood
    assert desk.invitation_of(account_id, received).decision["checks"][-1] == {
        "check": "asked_recently",
        "passed": False,
        "detail": "each question was asked lately",
    }


# --- repeats


def test_the_same_report_again_is_the_same_decision_whatever_has_happened_since(desk: Desk) -> None:
    account_id = desk.account()
    call = desk.call_end(phone=PHONE)
    first = desk.hang_up(account_id, call)
    opt_out(desk, account_id)
    again = desk.hang_up(account_id, call)
    assert (again.created, again.conflict) == (False, False)
    assert (again.call, again.invitation, again.skipped) == (first.call, first.invitation, None)


def test_a_skipped_report_again_is_skipped_again(desk: Desk) -> None:
    account_id = desk.account()
    call = desk.call_end(talk_seconds=1)
    assert desk.hang_up(account_id, call).skipped == desk.hang_up(account_id, call).skipped


def test_the_same_call_with_another_body_is_a_conflict_and_changes_nothing(desk: Desk) -> None:
    account_id = desk.account()
    call = desk.call_end()
    first = desk.hang_up(account_id, call)
    other = desk.hang_up(account_id, desk.call_end(call_id=call.call_id, queue="other", phone=PHONE))
    assert (other.created, other.conflict) == (False, True)
    assert other.invitation == first.invitation
    assert desk.call_of(account_id, first).queue == "sales"
    assert desk.contact(account_id, "phone", PHONE) is None


def test_the_same_call_id_of_another_source_or_account_is_another_call(desk: Desk) -> None:
    account_id, other = desk.account(), desk.account()
    call = desk.call_end()
    reports = [
        desk.hang_up(account_id, call),
        desk.hang_up(other, call),
        desk.hang_up(account_id, call_id=call.call_id, source="another"),
    ]
    assert all(report.created for report in reports)
