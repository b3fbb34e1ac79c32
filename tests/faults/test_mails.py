"""Faults of a mail server, which can't be asked what it has taken: what is put off is tried again, what is unclear
is left to a person."""

from collections import Counter
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest

from tests.faults.system import SENDING, System
from tests.faults.trial import Trial
from tests.mails import BY_MAIL, add_mail_sender


@pytest.fixture
def by_mail(system: System, open_account: Callable[..., Trial]) -> Trial:
    trial = open_account(channels=BY_MAIL, reminder_after_seconds=0)
    add_mail_sender(system.sessions, trial.account_id, system.stack.options.smtp_port)
    return trial


def hang_up(trial: Trial, count: int) -> list[str]:
    """So many customers without a telephone; their addresses."""
    addresses = [f"{uuid4().hex}@customers.example" for _ in range(count)]
    for address in addresses:
        trial.report_until_taken(trial.call(customer={"email": address, "language": "en"}))
    return addresses


def mails_to(system: System, addresses: list[str]) -> Counter[str]:
    return Counter(mail["to"] for mail in system.mails() if mail["to"] in addresses)


def attempts(trial: Trial) -> Counter[str]:
    rows = trial.rows("select outcome from attempt where account_id = :account and outcome is not null")
    return Counter(row.outcome for row in rows)


def once_each(addresses: list[str]) -> dict[str, int]:
    return dict.fromkeys(addresses, 1)


def wait_for_attempts(system: System, trial: Trial, count: int) -> None:
    system.wait(lambda: sum(attempts(trial).values()) >= count)


def test_27_smtp_cut_after_data(system: System, by_mail: Trial) -> None:
    system.fault(smtp_cut_lost={"count": 3}, smtp_cut_kept={"count": 3})
    addresses = hang_up(by_mail, 10)
    by_mail.settle()
    assert by_mail.states() == {"in_doubt": 6, "accepted": 4}
    assert sum(mails_to(system, addresses).values()) == 7
    for _ in range(3):
        system.hurry()
        by_mail.settle()
    assert attempts(by_mail) == {"unknown": 6, "accepted": 4}
    assert set(mails_to(system, addresses).values()) == {1}


def test_27_worker_killed_between_the_mail_and_the_record_of_it(system: System, by_mail: Trial) -> None:
    system.trap("answered")
    addresses = hang_up(by_mail, 1)
    system.wait_for_end(SENDING)
    system.start(SENDING)
    by_mail.settle()
    assert by_mail.states() == {"in_doubt": 1}
    assert mails_to(system, addresses) == once_each(addresses)


def test_28_smtp_greylist(system: System, by_mail: Trial) -> None:
    system.fault(smtp_greylist=1)
    addresses = hang_up(by_mail, 10)
    by_mail.settle()
    assert by_mail.states() == {"accepted": 10}
    assert attempts(by_mail) == {"rejected": 10, "accepted": 10}
    assert mails_to(system, addresses) == once_each(addresses)


@pytest.mark.parametrize(
    "fault",
    [
        "smtp_error_after_data",
        *(
            pytest.param(fault, marks=pytest.mark.long)
            for fault in ("smtp_busy", "smtp_refuse_connection", "smtp_cut_in_data")
        ),
    ],
)
def test_28_smtp_4xx_is_tried_again(system: System, by_mail: Trial, fault: str) -> None:
    system.fault(**{fault: {"count": 3}})
    addresses = hang_up(by_mail, 5)
    wait_for_attempts(system, by_mail, 5)
    by_mail.settle()
    if fault == "smtp_cut_in_data":
        # a small mail may be written whole before the cut is seen: then nobody can know
        assert set(by_mail.states()) <= {"accepted", "in_doubt"}
        assert set(mails_to(system, addresses).values()) == {1}
    else:
        assert by_mail.states() == {"accepted": 5}
        assert mails_to(system, addresses) == once_each(addresses)


def test_28_smtp_5xx_is_terminal(system: System, by_mail: Trial) -> None:
    system.fault(smtp_reject_after_data={"count": 1})
    hang_up(by_mail, 1)
    wait_for_attempts(system, by_mail, 1)
    system.world("DELETE", "/faults")
    refused = f"{uuid4().hex}@customers.example"
    system.fault(smtp_codes={refused: 550})
    by_mail.report_until_taken(by_mail.call(customer={"email": refused, "language": "en"}))
    by_mail.settle()
    ended: list[Any] = [
        tuple(row)
        for row in by_mail.rows(
            "select error_code, state, attempts from message where account_id = :account order by 1"
        )
    ]
    assert ended == [(501001, "failed", 1), (507001, "failed", 1)]
    assert mails_to(system, [refused]) == {}
