"""Whose calls an extension's are: by the roster of its source, at the moment they were answered."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.errors import Conflict, Invalid, NotFound
from app.flow.amend_call import amend_call
from app.flow.receive_call import Received
from app.flow.roster import (
    Replaced,
    add_entry,
    change_entry,
    export_roster,
    list_roster,
    remove_entry,
    replace_roster,
    rows_of_csv,
)
from app.ids import new_id
from app.store.audit import Audit
from tests.desk import ANY_TIME, Desk, decided, only

SHIFT = datetime(2026, 3, 2, 14, tzinfo=UTC)
SOURCE = "generic"


@pytest.fixture
def account_id(desk: Desk) -> UUID:
    return desk.account(**ANY_TIME)


def add(
    desk: Desk, account_id: UUID, agent_id: str, start: Any, end: Any = None, **more: Any
) -> dict[str, Any]:
    row = {"platform_agent_id": "101", "agent_id": agent_id, "from": str(start), "to": end and str(end)}
    with desk.sessions.begin() as session:
        return add_entry(session, account_id=account_id, actor="tests", source=SOURCE, row={**row, **more})[0]


def replace(
    desk: Desk, account_id: UUID, rows: Iterable[tuple[str, dict[str, Any]]] | str, **more: Any
) -> Replaced:
    given = rows_of_csv(rows.encode()) if isinstance(rows, str) else rows
    with desk.sessions.begin() as session:
        return replace_roster(
            session, account_id=account_id, actor="tests", source=SOURCE, rows=given, **more
        )


def audited(desk: Desk, account_id: UUID, prefix: str = "roster.") -> list[tuple[str, dict[str, Any]]]:
    with desk.sessions() as session:
        rows = session.scalars(select(Audit).where(Audit.account_id == account_id).order_by(Audit.id))
        return [(row.action, row.detail) for row in rows if row.action.startswith(prefix)]


def roster(desk: Desk, account_id: UUID, **wanted: Any) -> list[tuple[str, str]]:
    with desk.sessions() as session:
        page = list_roster(session, account_id=account_id, cursor=None, limit=100, **wanted)
        return [(item["platform_agent_id"], item["agent_id"]) for item in page.items]


def taken(desk: Desk, account_id: UUID, answered_at: datetime | None, **changes: Any) -> Received:
    """A call at extension 101 that ends in the other shift."""
    started = (answered_at or SHIFT) - timedelta(minutes=5)
    given = {"agent_id": "101", "agent_name": "Desk 101", **changes}
    return desk.hang_up(
        account_id, started_at=started, answered_at=answered_at, ended_at=SHIFT + timedelta(hours=1), **given
    )


def test_a_shared_desk_belongs_to_whoever_sat_there_when_the_call_was_answered(
    desk: Desk, account_id: UUID
) -> None:
    add(desk, account_id, "ada", SHIFT - timedelta(hours=8), SHIFT, name="Ada", team="early")
    add(desk, account_id, "bob", SHIFT, SHIFT + timedelta(hours=8), name="Bob", vendor="south")
    minute = timedelta(minutes=1)
    ada = desk.call_of(account_id, taken(desk, account_id, SHIFT - minute))
    bob = desk.call_of(account_id, taken(desk, account_id, SHIFT))
    assert (ada.agent_id, ada.agent_name, ada.team, ada.vendor) == ("ada", "Ada", "early", "north")
    assert (bob.agent_id, bob.agent_name, bob.team, bob.vendor) == ("bob", "Bob", "blue", "south")
    assert ada.platform_agent_id == bob.platform_agent_id == "101"
    unanswered = desk.call_of(account_id, taken(desk, account_id, None))
    assert unanswered.agent_id == "ada", "a call that has no answer time counts from its start"


def test_a_source_without_a_roster_takes_the_platforms_id_for_the_persons(
    desk: Desk, account_id: UUID
) -> None:
    add(desk, account_id, "ada", SHIFT - timedelta(hours=8))
    call = desk.call_of(account_id, taken(desk, account_id, SHIFT, source="elsewhere"))
    assert (call.agent_id, call.roster_entry_id) == ("101", None)


def test_an_extension_that_the_roster_does_not_know_is_nobodys_and_its_customer_is_asked(
    desk: Desk, account_id: UUID
) -> None:
    add(desk, account_id, "ada", SHIFT - timedelta(hours=8), platform_agent_id="999")
    desk.hang_up(account_id, source="elsewhere", agent_id="101", ended_at=SHIFT)  # a person called 101
    received = taken(desk, account_id, None, talk_seconds=None)
    assert decided(received) == "scheduled", "by an agent whom nobody knows it was answered all the same"
    call = desk.call_of(account_id, received)
    assert (call.agent_id, call.platform_agent_id, call.team, call.is_answered) == (None, "101", "blue", True)
    desk.roll_up()
    period = {"start": date(2026, 3, 2), "end": date(2026, 3, 2)}
    assert only(desk.results(account_id, **period))["calls"] == 1
    assert only(desk.results(account_id, "team", **period))["calls"] == 2


def test_a_call_of_nobody_asks_no_roster(desk: Desk, account_id: UUID) -> None:
    add(desk, account_id, "ada", SHIFT - timedelta(hours=8))
    call = desk.call_of(account_id, taken(desk, account_id, None, agent_id=None, agent_name=None))
    assert (call.agent_id, call.platform_agent_id, call.team) == (None, None, "blue")


def test_an_agent_named_later_goes_through_the_roster_too(desk: Desk, account_id: UUID) -> None:
    add(desk, account_id, "ada", SHIFT - timedelta(hours=8), team="early")
    received = taken(desk, account_id, SHIFT, agent_id=None, agent_name=None, team=None, vendor=None)

    def amend(**agent: str) -> dict[str, Any]:
        with desk.sessions.begin() as session:
            call_id = UUID(received.call["id"])
            return amend_call(session, account_id=account_id, call_id=call_id, changes={"agent": agent})

    assert amend(id="101")["agent"] == {"id": "ada", "name": None, "team": "early", "vendor": None}
    shown = amend(id="101", name="Desk 101", team="late", vendor="north")
    assert shown["agent"] == {"id": "ada", "name": "Desk 101", "team": "early", "vendor": "north"}
    assert shown["platform_agent_id"] == "101"
    for other in ({"id": "ada"}, {"id": "101", "team": "early"}, {"id": "101", "vendor": "south"}):
        with pytest.raises(Conflict, match="frozen"):
            amend(**other)


def test_an_unknown_agent_named_later_has_answered_the_call(desk: Desk, account_id: UUID) -> None:
    add(desk, account_id, "ada", SHIFT - timedelta(hours=8), platform_agent_id="999")
    received = taken(desk, account_id, None, agent_id=None, talk_seconds=None)
    assert decided(received) == "not_answered"
    with desk.sessions.begin() as session:
        changes = {"agent": {"id": "101"}}
        shown = amend_call(session, account_id=account_id, call_id=UUID(received.call["id"]), changes=changes)
    assert (shown["answered"], shown["agent"], shown["platform_agent_id"]) == (True, None, "101")


def test_what_a_call_counts_for_stays_when_the_roster_changes(desk: Desk, account_id: UUID) -> None:
    entry = add(desk, account_id, "ada", SHIFT - timedelta(hours=8))
    received = taken(desk, account_id, SHIFT)
    with desk.sessions.begin() as session:
        remove_entry(session, account_id=account_id, actor="tests", entry_id=UUID(entry["id"]))
    with desk.sessions.begin() as session:
        changes = {"agent": {"id": "101"}, "wrap_seconds": 5}
        amend_call(session, account_id=account_id, call_id=UUID(received.call["id"]), changes=changes)
    assert desk.call_of(account_id, received).agent_id == "ada"


def test_a_day_begins_in_the_accounts_time_zone(desk: Desk) -> None:
    account_id = desk.account(timezone="Europe/London")
    winter, summer = (
        add(desk, account_id, "ada", "2026-03-29", "2026-03-30"),
        add(desk, account_id, "bob", "2026-03-30"),
    )
    assert (winter["from"], winter["to"]) == ("2026-03-29T00:00:00+00:00", "2026-03-29T23:00:00+00:00")
    assert summer["from"] == "2026-03-29T23:00:00+00:00"


def test_the_same_entry_again_is_one_entry(desk: Desk, account_id: UUID) -> None:
    first = add(desk, account_id, "ada", "2026-03-02")
    assert add(desk, account_id, "ada", "2026-03-02T00:00:00+00:00") == first
    assert [action for action, _ in audited(desk, account_id)] == ["roster.added"]


@pytest.mark.parametrize(
    ("start", "end"),
    [("2026-03-01", "2026-03-03"), ("2026-03-03", None), ("2026-03-01", None), ("2026-03-02", "2026-03-05")],
)
def test_two_people_at_one_extension_at_once_are_refused(
    desk: Desk, account_id: UUID, start: str, end: str | None
) -> None:
    entry = add(desk, account_id, "ada", "2026-03-02", "2026-03-05")
    with pytest.raises(Conflict, match=f"'101' is 'ada' from 2026-03-02.*{entry['id']}"):
        add(desk, account_id, "bob", start, end)
    add(desk, account_id, "bob", start, end, platform_agent_id="102")


def test_two_additions_at_once_can_not_overlap(desk: Desk, account_id: UUID) -> None:
    def work(session: Session, number: int) -> bool:
        row = {"platform_agent_id": "101", "agent_id": f"p{number}", "from": f"2026-03-0{number + 1}"}
        try:
            add_entry(session, account_id=account_id, actor="tests", source=SOURCE, row=row)
        except Conflict:
            return False
        return True

    assert sum(desk.at_once(8, work)) == 1
    assert len(roster(desk, account_id)) == 1


def test_an_entry_is_ended_and_corrected(desk: Desk, account_id: UUID) -> None:
    entry = add(desk, account_id, "ada", "2026-03-02", team="blue")
    later = add(desk, account_id, "bob", "2026-02-01", "2026-03-02")

    def change(**changes: Any) -> dict[str, Any]:
        with desk.sessions.begin() as session:
            return change_entry(
                session,
                account_id=account_id,
                actor="tests",
                entry_id=UUID(entry["id"]),
                changes=changes,
            )

    shown = change(to="2026-03-05", team=None, name="Ada")
    assert shown == {**entry, "to": "2026-03-05T00:00:00+00:00", "team": None, "name": "Ada"}
    assert change(to="2026-03-05") == shown
    with pytest.raises(Conflict, match="'bob'"):
        change(**{"from": "2026-03-01"})
    with pytest.raises(Invalid) as refused:
        change(to="2026-03-01", agent_id="")
    assert refused.value.fields == {"agent_id": "is missing"}
    assert change(to=None)["to"] is None
    assert later["id"] != entry["id"]
    actions = audited(desk, account_id)
    assert [action for action, _ in actions][2:] == ["roster.changed", "roster.changed"]
    assert (actions[2][1]["before"]["to"], actions[2][1]["after"]["name"]) == (None, "Ada")


def test_nobody_touches_another_accounts_roster(desk: Desk, account_id: UUID) -> None:
    entry_id = UUID(add(desk, account_id, "ada", "2026-03-02")["id"])
    stranger = desk.account()
    for work in (
        lambda session: change_entry(
            session, account_id=stranger, actor="x", entry_id=entry_id, changes={"team": "x"}
        ),
        lambda session: remove_entry(session, account_id=stranger, actor="x", entry_id=entry_id),
        lambda session: remove_entry(session, account_id=account_id, actor="x", entry_id=new_id()),
    ):
        with pytest.raises(NotFound), desk.sessions.begin() as session:
            work(session)
    assert roster(desk, stranger) == []
    add(desk, stranger, "eve", "2026-03-02")  # at the same time, of a desk of their own
    assert roster(desk, account_id) == [("101", "ada")]
    assert desk.call_of(stranger, taken(desk, stranger, SHIFT)).agent_id == "eve"


HEADER = "platform_agent_id,agent_id,name,team,vendor,from,to\n"


def test_a_whole_roster_is_replaced_and_what_stays_keeps_its_id(desk: Desk, account_id: UUID) -> None:
    kept = add(desk, account_id, "ada", "2026-03-02", platform_agent_id="101")
    changed = add(desk, account_id, "bob", "2026-03-02", platform_agent_id="102")
    add(desk, account_id, "eve", "2026-03-02", platform_agent_id="103")
    received = taken(desk, account_id, SHIFT)
    lines = "101,ada,,,,2026-03-02,\n102,bob,Bob,,,2026-03-02,\n103,eve,,,,2026-03-01,\n"
    tried = replace(desk, account_id, HEADER + lines, dry_run=True)
    assert len(roster(desk, account_id)) == 3
    done = replace(desk, account_id, HEADER + lines)
    assert done.counts == tried.counts == {"added": 1, "changed": 1, "removed": 1, "kept": 1}
    with desk.sessions() as session:
        items = list_roster(session, account_id=account_id, cursor=None, limit=9).items
    assert {item["id"] for item in items} >= {kept["id"], changed["id"]}
    assert desk.call_of(account_id, received).roster_entry_id == UUID(kept["id"])
    assert replace(desk, account_id, HEADER + lines).counts["kept"] == 3
    (_, detail) = audited(desk, account_id)[-1]
    assert detail["added"] == 1
    assert len(detail["changes"]) == 3


def test_one_wrong_line_leaves_the_roster_as_it_was(desk: Desk, account_id: UUID) -> None:
    add(desk, account_id, "ada", "2026-03-02")
    lines = "101,,,,,2026-03-02,\n102,bob,,,,2026-03-02,\n102,eve,,,,2026-03-05,\n"
    with pytest.raises(Invalid) as refused:
        replace(desk, account_id, HEADER + lines)
    assert refused.value.fields == {
        "line 2.agent_id": "is missing",
        "line 4.from": "overlaps with line 3, 2026-03-02T00:00:00+00:00 to open",
    }
    with pytest.raises(Invalid, match="no entry"):
        replace(desk, account_id, HEADER)
    with pytest.raises(Invalid) as refused:
        replace(desk, account_id, "source," + HEADER + "other,101,ada,,,,2026-03-02,\n")
    assert refused.value.fields == {"line 2.source": "is not generic, whose roster this is"}
    assert roster(desk, account_id) == [("101", "ada")]
    assert replace(desk, account_id, HEADER, allow_empty=True).counts["removed"] == 1


def test_problems_without_end_are_named_up_to_a_hundred(desk: Desk, account_id: UUID) -> None:
    with pytest.raises(Invalid) as refused:
        replace(desk, account_id, HEADER + "101,,,,,2026-03-02,\n" * 1000)
    assert len(refused.value.fields) == 100


def test_two_imports_at_once_leave_one_of_them_whole(desk: Desk, account_id: UUID) -> None:
    def work(session: Session, number: int) -> None:
        rows = [
            (
                str(n),
                {"platform_agent_id": f"{n}", "agent_id": f"p{number}", "from": f"2026-03-0{number + 1}"},
            )
            for n in range(20)
        ]
        replace_roster(session, account_id=account_id, actor="tests", source=SOURCE, rows=rows)

    desk.at_once(6, work)
    people = {agent_id for _, agent_id in roster(desk, account_id)}
    assert (len(people), len(roster(desk, account_id))) == (1, 20)


def test_a_large_import_is_audited_in_parts(desk: Desk, account_id: UUID) -> None:
    rows = [
        (str(n), {"platform_agent_id": f"{n}", "agent_id": "p", "from": "2026-03-02"}) for n in range(120)
    ]
    replace(desk, account_id, rows)
    assert [len(detail["changes"]) for _, detail in audited(desk, account_id)] == [50, 50, 20]


def test_what_is_exported_is_imported_as_it_was(desk: Desk, account_id: UUID) -> None:
    add(desk, account_id, "=ada", "2026-03-02", "2026-03-05", name='+Ada, "A"', team="'-", vendor="北京")
    add(desk, account_id, "bob", "2026-03-05T14:00:00+01:00")
    with desk.sessions() as session:
        written = export_roster(session, account_id=account_id, source=SOURCE)
    assert "\n" in written.strip()
    assert replace(desk, account_id, written).counts == {"added": 0, "changed": 0, "removed": 0, "kept": 2}


def test_the_roster_is_listed_as_it_is_asked_for(desk: Desk, account_id: UUID) -> None:
    add(desk, account_id, "ada", "2026-03-02", "2026-03-05")
    add(desk, account_id, "bob", "2026-03-05")
    add(desk, account_id, "ada", "2026-03-02", platform_agent_id="102")
    day = datetime(2026, 3, 5, tzinfo=UTC)
    assert roster(desk, account_id, at=day) == [("101", "bob"), ("102", "ada")]
    assert roster(desk, account_id, agent_id="ada") == [("101", "ada"), ("102", "ada")]
    assert roster(desk, account_id, platform_agent_id="101", source=SOURCE) == [
        ("101", "ada"),
        ("101", "bob"),
    ]
    assert roster(desk, account_id, source="other") == []
