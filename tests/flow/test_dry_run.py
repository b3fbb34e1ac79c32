"""A dry run decides on every call as usual and sends nothing; nothing of it is left when it ends."""

from datetime import datetime
from uuid import UUID

import pytest

from app.errors import Conflict, NotFound
from app.flow.dry_runs import dry_runs, start_dry_run, stop_dry_run
from app.store.accounts import get_account
from tests.desk import Desk, decided, only

PHONE = "+447700900123"
STANDING = ("last_asked_at", "asked_by_invitation", "open_invitation", "nps_asked_at", "opted_out_at")


def name_of(desk: Desk, account_id: UUID) -> str:
    with desk.sessions() as session:
        return get_account(session, account_id).name


def start(desk: Desk, account_id: UUID, kind: str, name: str) -> None:
    with desk.sessions.begin() as session:
        start_dry_run(session, name_of(desk, account_id), kind, name, actor="operator")


def stop(desk: Desk, account_id: UUID, kind: str, name: str) -> None:
    with desk.sessions.begin() as session:
        stop_dry_run(session, name_of(desk, account_id), kind, name, actor="operator")


@pytest.mark.parametrize(("kind", "name"), [("queue", "sales"), ("source", "generic")])
def test_what_is_tried_is_decided_and_not_sent(desk: Desk, kind: str, name: str) -> None:
    account_id = desk.account(link=True)
    start(desk, account_id, kind, name)
    received = desk.hang_up(account_id, phone=PHONE)
    assert decided(received) == "dry_run"
    assert not desk.messages(account_id, received)
    decision = desk.invitation_of(account_id, received).decision
    assert decision["checks"][-1]["detail"].startswith(f"{kind} {name} is only tried")
    would = decision["would_have_asked"]
    assert would["text"].startswith("Acme")
    assert (would["segments"], would["link"]) == (1, True)
    assert would["questions"] == ["csat", "ownership", "nps", "comment"]
    assert datetime.fromisoformat(would["due_at"]) <= desk.now()


def test_nothing_is_taken_from_the_customer(desk: Desk) -> None:
    account_id = desk.account()
    start(desk, account_id, "queue", "sales")
    assert [decided(desk.hang_up(account_id, phone=PHONE)) for _ in range(2)] == ["dry_run", "dry_run"]
    contact = desk.contact(account_id, "phone", PHONE)
    assert [getattr(contact, name) for name in STANDING] == [None] * len(STANDING)
    stop(desk, account_id, "queue", "sales")
    assert decided(desk.hang_up(account_id, phone=PHONE)) == "scheduled"


def test_other_queues_and_other_accounts_go_on(desk: Desk) -> None:
    account_id, other = desk.account(), desk.account()
    start(desk, account_id, "queue", "sales")
    start(desk, account_id, "source", "sales")  # a source of that name is another thing than the queue
    assert decided(desk.hang_up(account_id, queue="billing")) == "scheduled"
    assert decided(desk.hang_up(account_id, queue=None)) == "scheduled"
    assert decided(desk.hang_up(other)) == "scheduled"


def test_a_call_that_would_be_skipped_keeps_its_reason(desk: Desk) -> None:
    account_id = desk.account()
    start(desk, account_id, "queue", "sales")
    assert decided(desk.hang_up(account_id, talk_seconds=1)) == "too_short"


def test_a_customer_whom_each_question_was_asked_lately_keeps_that_reason(desk: Desk) -> None:
    account_id = desk.account(order_sms=("nps",), cooldown_seconds=0)
    asked = desk.hang_up(account_id, phone=PHONE)
    desk.deliver(account_id, asked)
    desk.answer(account_id, asked, nps=9)
    start(desk, account_id, "queue", "sales")
    received = desk.hang_up(account_id, phone=PHONE)
    assert decided(received) == "asked_recently"
    checks = desk.invitation_of(account_id, received).decision["checks"]
    assert [check["check"] for check in checks if not check["passed"]] == ["asked_recently"]


def test_the_results_count_it_among_the_skipped(desk: Desk) -> None:
    account_id = desk.account()
    start(desk, account_id, "queue", "sales")
    desk.hang_up(account_id)
    assert (
        decided(desk.hang_up(account_id, is_test=True)) == "dry_run"
    )  # a test call is tried too, and not counted
    desk.roll_up()
    assert only(desk.results(account_id))["skipped"] == {"dry_run": 1}


def test_it_is_started_once_and_stopped_once(desk: Desk) -> None:
    account_id = desk.account()
    start(desk, account_id, "queue", "sales")
    with pytest.raises(Conflict):
        start(desk, account_id, "queue", "sales")
    with desk.sessions() as session:
        assert [(one["kind"], one["name"]) for one in dry_runs(session, name_of(desk, account_id))] == [
            ("queue", "sales")
        ]
    stop(desk, account_id, "queue", "sales")
    with pytest.raises(NotFound):
        stop(desk, account_id, "queue", "sales")
