"""`postcall import`, stopped and killed in the middle: the same command goes on, and doubles nothing."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session, sessionmaker

from app.store.accounts import Account
from app.store.calls import Call
from tests.cli.conftest import Command
from tests.cli.importing import HEADER, calls_csv, refused
from tests.desk import Desk

COUNT = 400
START = datetime(2024, 6, 3, tzinfo=UTC)


def many_calls() -> str:
    lines = [HEADER]
    for number in range(COUNT):
        started = START + timedelta(minutes=7 * number)
        direction = "sideways" if number % 100 == 20 else "inbound"
        lines.append(
            f"c{number},{direction},{started.isoformat()},{(started + timedelta(minutes=5)).isoformat()},"
            f"a{number % 7},team {number % 3},+44770090{number % 400:04},{number}\n"
        )
    return "".join(lines)


class Running:
    """The command in a process of its own."""

    def __init__(self, place: Path, account: str) -> None:
        program = "from app.cli.main import main; main()"
        words = ["import", "calls", "old.csv", "--account", account]
        self.process = subprocess.Popen(
            [sys.executable, "-c", program, *words],
            cwd=place,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env=os.environ | {"PYTHONPATH": str(Path(__file__).parent.parent.parent)},
        )

    def end(self) -> tuple[int, str]:
        said, _ = self.process.communicate(timeout=60)
        return self.process.returncode, said


@pytest.fixture
def counted(committing: sessionmaker[Session]) -> Callable[[UUID], int]:
    def count(account_id: UUID) -> int:
        with committing() as session:
            return session.scalar(select(func.count()).where(Call.account_id == account_id)) or 0

    return count


@pytest.fixture
def two_accounts(command: Command, acme: str, committing: sessionmaker[Session]) -> tuple[UUID, UUID]:
    command("accounts", "create", "calm", "--brand", "Calm", "--timezone", "Europe/London")
    with committing() as session:
        ids = {row.name: row.id for row in session.execute(select(Account.name, Account.id))}
    return ids["acme"], ids["calm"]


def figures(desk: Desk, account_id: UUID) -> list[tuple[Any, ...]]:
    return [tuple(value for value in row if value != account_id) for row in desk.facts(account_id)]


def test_killed_in_the_middle_it_goes_on_and_ends_like_one_that_nobody_disturbed(
    command: Command,
    place: Path,
    desk: Desk,
    two_accounts: tuple[UUID, UUID],
    counted: Callable[[UUID], int],
) -> None:
    disturbed, calm = two_accounts
    (place / "old.csv").write_text(many_calls())
    assert "4 refused" in command("import", "calls", "old.csv", "--account", "calm")
    (place / "old.csv.refused.csv").rename(place / "calm.csv")

    pause = Event()
    for sign, least in ((signal.SIGTERM, 100), (signal.SIGKILL, 250)):
        running = Running(place, "acme")
        while counted(disturbed) < least and running.process.poll() is None:
            pause.wait(0.005)
        running.process.send_signal(sign)
        status, said = running.end()
        if sign == signal.SIGTERM:
            assert status == 3, said
            assert "The same command goes on from there." in said
        else:
            assert status == -signal.SIGKILL, said
        assert counted(disturbed) < COUNT - 4
        assert (place / "old.csv.progress").exists()

    with (place / "old.csv.refused.csv").open("a") as report:
        report.write("999,reported after the last mark and found again\n")
    said = command("import", "calls", "old.csv", "--account", "acme")
    assert "going on after line" in said
    assert f"{COUNT:,} lines" in said
    assert "4 refused" in said
    assert not (place / "old.csv.progress").exists()
    assert refused(place) == refused(place, "calm.csv")
    assert counted(disturbed) == counted(calm) == COUNT - 4
    desk.roll_up()
    assert figures(desk, disturbed) == figures(desk, calm)
    assert figures(desk, calm)


def a_progress(place: Path, take: Callable[..., str]) -> None:
    """What an import leaves that was killed after its first line."""
    take(calls_csv("c1"))
    kept = {
        "about": {"kind": "calls", "account": "acme", "source": None, "format": "csv", "encoding": "utf-8"},
        "identity": {"size": 1, "head": ""},
        "counts": {},
    }
    (place / "old.csv.progress").write_text(json.dumps(kept))


@pytest.mark.parametrize("torn", ["", "{}", "[1]", "null", '{"counts": 5}'])
def test_a_progress_of_another_file_or_none_at_all_is_not_gone_on_from(
    take: Callable[..., str], place: Path, known: Callable[[], list[str]], torn: str
) -> None:
    a_progress(place, take)
    said = take(calls_csv("c1", "c2"))
    assert "old.csv.progress is of another file, or this one was changed: delete it" in said
    assert said.endswith("2")
    (place / "old.csv.progress").write_text(torn)
    assert "old.csv.progress can't be read: delete it" in take(calls_csv("c1", "c2"))
    assert known() == ["c1"]


def test_a_progress_of_another_import_of_the_same_file_is_not_gone_on_from(
    command: Command, take: Callable[..., str], place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (place / "old.csv").write_text(many_calls())
    running = Running(place, "acme")
    pause = Event()
    while not (place / "old.csv.progress").exists() and running.process.poll() is None:
        pause.wait(0.005)
    running.process.send_signal(signal.SIGSTOP)
    said = command("import", "calls", "old.csv", "--account", "acme")
    assert "Another import of this file is running." in said
    running.process.kill()
    running.end()
    said = command("import", "calls", "old.csv", "--account", "acme", "--source", "pbx")
    assert "is of another import (kind calls, account acme, format csv, encoding utf-8)" in said
    assert said.endswith("2")
