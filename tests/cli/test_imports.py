"""`postcall import`: files of another system's past, as they come."""

import json
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from app.store.accounts import Account
from app.store.answers import Answer
from app.store.audit import Audit
from app.store.calls import Call
from app.store.invitations import Invitation
from tests.cli.conftest import Command
from tests.cli.importing import GOOD, HEADER, calls_csv, refused
from tests.desk import Desk, only

DAY = date(2024, 6, 3)


def test_calls_are_taken_once_and_the_import_is_written_down(
    take: Callable[..., str], place: Path, committing: sessionmaker[Session]
) -> None:
    said = take(calls_csv("c1", "c2"), "--source", "pbx")
    assert "old.csv: 2 lines: 2 taken, 0 known already, 0 refused." in said
    assert "No line had asked_at" in said
    assert "0 taken, 2 known already, 0 refused." in take(calls_csv("c1", "c2"), "--source", "pbx")
    assert [path.name for path in place.iterdir()] == ["old.csv"]
    with committing() as session:
        call = session.scalars(select(Call).where(Call.call_id == "c1")).one()
        audits = session.scalars(select(Audit).where(Audit.action == "import.calls").order_by(Audit.id)).all()
    assert (call.source, call.agent_id, call.team, call.talk_seconds, call.ask) == (
        "pbx",
        "a1",
        "blue",
        240,
        False,
    )
    assert [(one.actor, one.detail["taken"]) for one in audits] == [("operator", 2), ("operator", 0)]
    assert audits[0].detail == {
        "file": "old.csv", "source": "pbx", "taken": 2, "known": 0, "refused": 0, "asked": 0
    }  # fmt: skip


def test_a_call_in_json_is_the_body_that_the_api_takes(
    take: Callable[..., str], committing: sessionmaker[Session]
) -> None:
    body = {
        "call_id": "c1",
        "direction": "inbound",
        "started_at": "2024-06-03T09:00:00Z",
        "ended_at": "2024-06-03T09:05:00Z",
        "asked_at": "2024-06-03T09:10:00Z",
        "agent": {"id": "a1", "name": "Ada"},
        "customer": {"phone": "+447700900123", "language": "en"},
        "tags": ["vip"],
        "attributes": {"skill": {"level": 2}},
    }
    said = take(json.dumps(body) + "\n\n", name="old.ndjson")
    assert "1 lines: 1 taken" in said
    assert "asked_at" not in said
    with committing() as session:
        call = session.scalars(select(Call)).one()
        invitation = session.scalars(select(Invitation)).one()
    assert (call.agent_name, call.tags, call.attributes) == ("Ada", ["vip"], {"skill": {"level": 2}})
    assert (invitation.state, invitation.delivered_basis) == ("unanswered", "assumed")
    # the same call out of a spreadsheet is the same call
    columns = (
        "call_id,direction,started_at,ended_at,asked_at,agent_id,agent_name,customer_phone,"
        "customer_language,tags,attributes"
    )
    cells = (
        f"c1,inbound,{body['started_at']},{body['ended_at']},{body['asked_at']},a1,Ada,+447700900123,en,vip"
    )
    assert "1 known already" in take(f'{columns}\n{cells},"{{""skill"": {{""level"": 2}}}}"\n')


def test_answers_are_taken_with_their_questions_and_counted(
    take: Callable[..., str], desk: Desk, committing: sessionmaker[Session]
) -> None:
    take(calls_csv("c1", "c2", "c3"))
    said = take(
        "call_id;answered_at;channel;scale;csat;nps;comment\n"
        "c1;2024-06-03T10:00:00Z;ivr;zh_ivr_1best;1;9;\n"
        'c2;2024-06-03T10:00:00+08:00;sms;;2;;"slow; and ""late"""\n'
        'c2;2024-06-03T11:00:00Z;sms;;2;;"slow; and\nnever late"\n'
        "c9;2024-06-03T10:00:00Z;sms;;2;;\n",
        kind="responses",
        name="answers.csv",
    )
    assert "4 lines: 3 taken, 0 known already, 1 refused" not in said, "10:00+08:00 is before the call"
    assert "4 lines: 2 taken, 0 known already, 2 refused." in said
    with committing() as session:
        account_id = session.scalars(select(Account.id)).one()
        values = session.execute(
            select(Answer.question_key, Answer.value, Answer.scale).where(Answer.value.is_not(None))
        ).all()
    assert sorted(tuple(row) for row in values) == [
        ("csat", 2, "1_5"), ("csat", 5, "zh_ivr_1best"), ("nps", 9, "0_10")
    ]  # fmt: skip
    desk.roll_up()
    row = only(desk.results(account_id, start=DAY, end=DAY))
    assert (row["calls"], row["responded"], row["completed"], row["csat"]["n"]) == (3, 2, 1, 2)


def test_what_is_refused_comes_back_with_the_reason_and_is_taken_when_mended(
    take: Callable[..., str], command: Command, acme: str, place: Path, known: Callable[[], list[str]]
) -> None:
    bad = GOOD.format(id="c2").replace("inbound", "upwards").replace("240", "4 min")
    said = take(calls_csv("c1") + bad + GOOD.format(id="c3") + "c4,inbound\n")
    assert "2 taken, 0 known already, 2 refused." in said
    assert "The refused ones, with the reasons: old.csv.refused.csv" in said
    assert said.endswith("1")
    first, second = refused(place)
    assert (first["line"], first["call_id"], first["customer_phone"]) == ("3", "c2", "+447700900123")
    assert "direction: Send one of: inbound, outbound, internal." in first["problem"]
    assert "talk_seconds: Send a whole number." in first["problem"]
    assert (second["line"], second["problem"]) == ("5", "has 2 cells where the header has 8")
    assert (place / "old.csv.refused.csv").stat().st_mode & 0o077 == 0, "it holds customers' data"
    report = place / "old.csv.refused.csv"
    mended = (
        report.read_text().replace("upwards", "inbound").replace("4 min", "240").splitlines(keepends=True)
    )
    report.write_text("".join(mended[:2]))
    said = command("import", "calls", report.name, "--account", acme)
    assert "1 lines: 1 taken" in said
    assert known() == ["c1", "c2", "c3"]


def test_a_report_that_is_being_mended_is_not_overwritten(take: Callable[..., str], place: Path) -> None:
    take(calls_csv("") + "\n")
    assert "old.csv.refused-2.csv" in take(calls_csv("") + "\n")
    assert refused(place) == refused(place, "old.csv.refused-2.csv")


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        (b'{"call_id": "c1"', "is not valid JSON"),
        (b'["c1"]', "is not a JSON object"),
        (b'{"call_id": "\xff"}', "is not utf-8"),
        (b'{"call_id": "' + b"x" * 70_000 + b'"}', "longer than 64 KB"),
        (b'{"call_id": "c\\u0000"}', "control characters"),
        (b'{"call_id": "c1", "ask": true}', "ask: An import asks nobody"),
        (b'{"call_id": "c1", "custmer": {}}', "custmer: Unknown field"),
        (b'{"call_id": "c1", "customer": {"timezone": "Moon"}}', "customer.timezone: Send an IANA time zone"),
        (b"[" * 40_000, "JSON"),
    ],
)
def test_a_line_that_can_not_be_read_holds_up_no_other(
    take: Callable[..., str], place: Path, known: Callable[[], list[str]], line: bytes, problem: str
) -> None:
    good = {
        "call_id": "good",
        "direction": "inbound",
        "started_at": "2024-06-03T09:00:00Z",
        "ended_at": "2024-06-03T09:05:00Z",
    }
    said = take(line + b"\r\n" + json.dumps(good).encode(), name="old.jsonl")
    assert "1 taken, 0 known already, 1 refused." in said
    (report,) = [json.loads(one) for one in (place / "old.jsonl.refused.ndjson").read_text().splitlines()]
    assert problem in report["problem"]
    assert report["line"] == 1
    assert known() == ["good"]


@pytest.mark.parametrize(
    "content",
    [
        ("\ufeff" + calls_csv("c1", "c2")).encode(),
        calls_csv("c1", "c2").replace(",", ";").replace("\n", "\r\n").encode(),
        calls_csv("c1", "c2").replace(",", "\t").encode(),
        calls_csv("c1").encode() + b"\n,,,,,,,\n" + GOOD.format(id='"c2"').encode(),
        (HEADER.upper() + GOOD.format(id=" c1 ") + GOOD.format(id="c2")).encode(),
    ],
    ids=["a BOM", "semicolons", "tabs", "empty lines and quotes", "capitals and spaces"],
)
def test_the_csv_of_spreadsheets_is_read(
    take: Callable[..., str], known: Callable[[], list[str]], content: bytes
) -> None:
    assert "2 lines: 2 taken" in take(content)
    assert known() == ["c1", "c2"]


def test_another_encoding_is_named(take: Callable[..., str], committing: sessionmaker[Session]) -> None:
    content = calls_csv("c1").replace("blue", "客服一组").encode("gb18030")
    assert (
        "is not utf-8: name the file's own with --encoding" in take(content) + refused(Path())[0]["problem"]
    )
    assert "1 taken" in take(content, "--encoding", "gb18030")
    with committing() as session:
        assert session.scalars(select(Call.team)).one() == "客服一组"


def test_a_quote_left_open_spoils_its_own_line_only(
    take: Callable[..., str], place: Path, known: Callable[[], list[str]]
) -> None:
    many = [f"c{number}" for number in range(2, 9)]
    content = HEADER + GOOD.format(id='"c1') + "".join(GOOD.format(id=one) for one in many)
    assert "8 lines: 7 taken, 0 known already, 1 refused." in take(content)
    assert known() == many
    assert refused(place)[0]["line"] == "2"


@pytest.mark.parametrize(
    ("content", "words", "complaint"),
    [
        ("", (), "The file is empty"),
        ("call_id,colour\n", (), "Unknown: colour. Missing: direction, started_at, ended_at."),
        ("call_id,colour\n", (), "Known columns: call_id, source,"),
        (HEADER.replace("team", "agent_id"), (), "Twice: agent_id."),
        (calls_csv("c1").encode("utf-16"), (), "The header can't be read: is not utf-8"),
        (calls_csv("c1"), ("--encoding", "utf-16"), "save the file as UTF-8"),
        (calls_csv("c1"), ("--encoding", "klingon"), "save the file as UTF-8"),
        (calls_csv("c1"), ("--account", "nobody"), "No account is named 'nobody'"),
    ],
)
def test_what_can_not_start_says_why_and_takes_nothing(
    take: Callable[..., str], place: Path, content: str | bytes, words: tuple[str, ...], complaint: str
) -> None:
    said = take(content, *words)
    assert complaint in said
    assert said.endswith("2")
    assert [path.name for path in place.iterdir()] == ["old.csv"]


def test_a_name_that_tells_no_format_needs_one(take: Callable[..., str]) -> None:
    assert "Name the format" in take(calls_csv("c1"), name="old.txt")
    assert "1 taken" in take(calls_csv("c1"), "--format", "csv", name="old.txt")


def test_a_call_that_is_known_with_other_content_is_refused_and_stays(take: Callable[..., str]) -> None:
    take(calls_csv("c1"))
    said = take(calls_csv("c1").replace("240", "241"))
    assert "0 taken, 0 known already, 1 refused." in said
    assert refused(Path())[0]["problem"] == "Known already with other content: nothing was changed."


def test_the_standard_input_is_read_too(
    command: Command, acme: str, place: Path, monkeypatch: pytest.MonkeyPatch, known: Callable[[], list[str]]
) -> None:
    (place / "in").write_text(calls_csv("c1", ""))
    with (place / "in").open() as given:
        monkeypatch.setattr(sys, "stdin", given)
        said = command("import", "calls", "-", "--format", "csv", "--account", acme)
    assert "stdin: 2 lines: 1 taken, 0 known already, 1 refused." in said
    assert refused(place, "stdin.refused.csv")[0]["line"] == "3"
    assert known() == ["c1"]
