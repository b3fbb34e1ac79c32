"""`postcall roster` and `postcall audit`: a file goes in and out, calls are resolved, and it is written down."""

import json
from pathlib import Path

import pytest
from sqlalchemy.orm import Session, sessionmaker

from app.store.calls import Call
from tests.cli.conftest import Command
from tests.desk import Desk

HEADER = "platform_agent_id,agent_id,name,team,vendor,from,to\n"
GIVEN = ("--account", "acme", "--source", "generic")


@pytest.fixture
def file(acme: str, tmp_path: Path) -> Path:
    file = tmp_path / "roster.csv"
    file.write_text(HEADER + "101,ada,Ada,blue,,2026-01-01,\n102,bob,,,,2026-01-01,2026-02-01\n")
    return file


def test_a_file_is_tried_imported_and_exported(command: Command, file: Path) -> None:
    tried = command("roster", "import", str(file), *GIVEN, "--dry-run")
    assert "+ 101 is ada  2026-01-01T00:00:00+00:00 to open  Ada blue" in tried
    assert "2 would be added" in tried
    assert "101" not in command("roster", "export", "--account", "acme")
    assert "2 added, 0 changed, 0 removed, 0 kept" in command("roster", "import", str(file), *GIVEN)
    written = command("roster", "export", *GIVEN)
    assert "generic,102,bob,,,,2026-01-01,2026-02-01" in written
    file.write_text(written)
    assert "2 kept" in command("roster", "import", str(file), *GIVEN)
    file.write_text(HEADER + "101,eve,,,,2026-01-01,\n")
    changed = command("roster", "import", str(file), *GIVEN)
    assert "~ 101 is eve" in changed
    assert "- 102 is bob" in changed


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (HEADER, "There is no entry"),
        (HEADER + "101,,,,,2026-01-01,\n", "line 2.agent_id is missing"),
        ("a,b\n", "The first line names the columns"),
        (HEADER + "1,a,,,,2026-01-01,\n1,b,,,,2026-01-02,\n", "line 3.from overlaps with line 2"),
    ],
)
def test_a_file_that_can_not_be_taken_is_one_clear_line(
    command: Command, file: Path, content: str, complaint: str
) -> None:
    file.write_text(content)
    said = command("roster", "import", str(file), *GIVEN)
    assert complaint in said
    assert "Traceback" not in said
    assert len(said.strip().splitlines()) == 1


def test_the_unmapped_are_resolved_and_restated(
    command: Command, file: Path, committing: sessionmaker[Session]
) -> None:
    command("roster", "import", str(file), *GIVEN)
    desk = Desk(committing)
    with committing() as session:
        account_id = session.connection().exec_driver_sql("select id from account").scalar_one()
    received = desk.hang_up(account_id, agent_id="103", agent_name="Desk 103")
    assert "generic  103  Desk 103  1 calls, 0 answered" in command("roster", "unmapped", "--account", "acme")
    file.write_text(HEADER + "103,eve,,,,2026-01-01,\n")
    command("roster", "import", str(file), *GIVEN)
    assert "1 calls examined, 1 resolved, 0 restated" in command("roster", "resolve", "--account", "acme")
    assert "0 unmapped" in command("roster", "unmapped", "--account", "acme")
    file.write_text(HEADER + "103,zoe,,,,2026-01-01,\n")
    command("roster", "import", str(file), *GIVEN)
    assert "Which days?" in command("roster", "resolve", "--account", "acme", "--restate")
    days = ("--from", "2020-01-01", "--to", "2099-01-01")
    assert "1 restated" in command("roster", "resolve", *GIVEN, "--restate", *days)
    call: Call = desk.call_of(account_id, received)
    assert call.agent_id == "zoe"
    rows = [json.loads(line) for line in command("audit", "--account", "acme").splitlines()]
    assert [row["action"] for row in rows[:3]] == ["roster.restated", "roster.replaced", "roster.resolved"]
    assert {row["actor"] for row in rows} == {"operator"}
    assert len(command("audit", "--account", "acme", "--limit", "1").splitlines()) == 1


def test_what_operators_change_is_audited(command: Command, acme: str) -> None:
    command("accounts", "set", acme, "--target", "csat=85")
    command("accounts", "set", acme, "--target", "csat=85")
    key = command("keys", "create", "--account", acme, "--name", "pbx", "--scope", "calls:write").strip()
    for _ in range(2):
        command("keys", "revoke", key[:11], "--account", acme)
    number = ("--number", "+447700900999", "--auth-token", "t")
    command("senders", "add", "--account", acme, "--account-sid", "AC" + "0" * 32, *number)
    command("pause", "--account", acme)
    command("resume", "--all")
    said = command("audit", "--account", acme)
    rows = [json.loads(line) for line in said.splitlines()]
    assert [row["action"] for row in reversed(rows)] == [
        "account.changed",
        "key.created",
        "key.revoked",
        "sender.added",
        "sending.paused",
        "sending.resumed",
    ]
    assert rows[-1]["detail"]["after"]["settings"]["targets"] == {"csat": 85}
    assert rows[-2]["detail"]["prefix"] == key[:11]
    assert key not in said
    assert "+4477" not in said
