"""What no roster knew waits in a list, and is resolved again: results follow, and every move is audited."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from app.errors import Invalid
from app.flow.read_responses import read_responses
from app.flow.receive_call import Received
from app.flow.resolve_calls import EVER, Resolved, Wanted, list_unmapped, resolve_calls, wanted_calls
from app.flow.roster import add_entry, remove_entry
from app.store.audit import Audit
from app.store.invitations import lock_invitation
from app.store.unmapped import Period
from tests.desk import ANY_TIME, Desk, noon, only, write_answers
from tests.settling import settle

MONDAY = date(2026, 3, 2)
SOURCE = "generic"
ALL = Wanted(Period(MONDAY, MONDAY + timedelta(days=30)), unmapped_only=False)
MARCH: dict[str, Any] = {"start": MONDAY, "end": date(2026, 3, 31)}


@pytest.fixture
def account_id(desk: Desk) -> UUID:
    """An account whose roster knows nobody of extension 101."""
    account_id = desk.account(**ANY_TIME)
    know(desk, account_id, "somebody", extension="999")
    return account_id


def know(desk: Desk, account_id: UUID, agent_id: str, extension: str = "101", **more: Any) -> UUID:
    row = {"platform_agent_id": extension, "agent_id": agent_id, "from": "2026-01-01", **more}
    with desk.sessions.begin() as session:
        entry, _ = add_entry(session, account_id=account_id, actor="tests", source=SOURCE, row=row)
        return UUID(entry["id"])


def forget(desk: Desk, account_id: UUID, entry_id: UUID) -> None:
    with desk.sessions.begin() as session:
        remove_entry(session, account_id=account_id, actor="tests", entry_id=entry_id)


def hang_up(desk: Desk, account_id: UUID, day: date = MONDAY, **changes: Any) -> Received:
    given = {"agent_id": "101", "agent_name": "Desk 101", **changes}
    return desk.hang_up(account_id, ended_at=noon(day), **given)


def multiply(desk: Desk, received: Received, extensions: list[str]) -> None:
    """As many more calls like that one, each at its extension."""
    with desk.sessions.begin() as session:
        session.execute(
            text(
                """
                with more as (
                    insert into call select (jsonb_populate_record(c, jsonb_build_object(
                        'id', gen_random_uuid(), 'call_id', n, 'platform_agent_id', e, 'agent_id', e))).*
                    from call c, unnest(cast(:extensions as text[])) with ordinality as x (e, n)
                    where c.id = :id returning account_id, id)
                insert into invitation select (jsonb_populate_record(i, jsonb_build_object(
                    'id', gen_random_uuid(), 'call_id', more.id))).*
                from more join invitation i on i.account_id = more.account_id and i.call_id = :id
                """
            ),
            {"id": received.call["id"], "extensions": extensions},
        )


def resolve(desk: Desk, account_id: UUID, wanted: Wanted | None = None, **more: Any) -> Resolved:
    return resolve_calls(
        desk.sessions.begin,
        account_id=account_id,
        actor="key pc_1 tests",
        wanted=wanted or Wanted(),
        **{"units": 1000, **more},
    )


def unmapped(desk: Desk, account_id: UUID, **more: Any) -> list[dict[str, Any]]:
    with desk.sessions() as session:
        given = {"source": None, "cursor": None, "limit": 100, **more}
        return list_unmapped(session, account_id=account_id, **given).items


def moves(desk: Desk, account_id: UUID) -> list[tuple[str, str | None, str | None]]:
    with desk.sessions() as session:
        rows = session.scalars(select(Audit).where(Audit.account_id == account_id).order_by(Audit.id)).all()
        return [
            (row.action, call["before"]["agent_id"], call["after"]["agent_id"])
            for row in rows
            if row.actor == "key pc_1 tests"
            for call in row.detail["calls"]
        ]


def test_the_unmapped_are_listed_then_resolved_and_the_results_are_right(
    desk: Desk, account_id: UUID
) -> None:
    answered = hang_up(desk, account_id)
    desk.answer(account_id, answered, csat=5)
    hang_up(desk, account_id, MONDAY + timedelta(days=2), agent_name="Desk 101b")
    hang_up(desk, account_id, agent_id="102", agent_name=None)
    desk.roll_up()
    assert desk.results(account_id, **MARCH)["rows"] == []
    assert unmapped(desk, account_id) == [
        {
            "source": SOURCE,
            "platform_agent_id": "101",
            "name": "Desk 101b",
            "calls": 2,
            "answers": 1,
            "first_day": "2026-03-02",
            "last_day": "2026-03-04",
        },
        {
            "source": SOURCE,
            "platform_agent_id": "102",
            "name": None,
            "calls": 1,
            "answers": 0,
            "first_day": "2026-03-02",
            "last_day": "2026-03-02",
        },
    ]
    know(desk, account_id, "ada", name="Ada", team="red")
    assert resolve(desk, account_id) == Resolved(examined=2, resolved=2)
    desk.roll_up()
    row = only(desk.results(account_id, **MARCH))
    assert row["agent"] == {"id": "ada", "name": "Ada", "team": "red", "vendor": "north"}
    assert (row["calls"], row["csat"]["n"]) == (2, 1)
    teams = {row["team"]: row["calls"] for row in desk.results(account_id, "team", **MARCH)["rows"]}
    assert teams == {"red": 2, "blue": 1}
    assert [one["platform_agent_id"] for one in unmapped(desk, account_id)] == ["102"]
    assert moves(desk, account_id) == [("roster.resolved", None, "ada")] * 2
    assert resolve(desk, account_id) == Resolved()
    assert len(moves(desk, account_id)) == 2


def test_resolving_later_gives_what_the_roster_would_have_given_at_once(desk: Desk, account_id: UUID) -> None:
    late = hang_up(desk, account_id)
    entry_id = know(desk, account_id, "ada", name="Ada", team="red")
    at_once = hang_up(desk, account_id)
    resolve(desk, account_id)
    columns = ("agent_id", "agent_name", "team", "vendor", "roster_entry_id", "reported_agent")

    def stands(received: Received) -> list[Any]:
        return [getattr(desk.call_of(account_id, received), name) for name in columns]

    assert (
        stands(late)
        == stands(at_once)
        == [
            "ada",
            "Ada",
            "red",
            "north",
            entry_id,
            {"name": "Desk 101", "team": "blue", "vendor": "north"},
        ]
    )
    forget(desk, account_id, entry_id)
    assert resolve(desk, account_id, ALL) == Resolved(examined=2, restated=2)
    assert stands(late) == stands(at_once) == [None, "Desk 101", "blue", "north", None, None]


def test_a_resolved_response_is_shown_again(desk: Desk, account_id: UUID) -> None:
    received = hang_up(desk, account_id)
    desk.answer(account_id, received, csat=4)

    def page(cursor: list[Any] | None) -> Any:
        with desk.sessions() as session:
            return read_responses(
                session,
                account_id=account_id,
                updated_since=None,
                cursor=cursor,
                limit=10,
                verbatims=False,
                agent_id=None,
            )

    settle(desk.sessions)
    first = page(None)
    assert [item["agent"] for item in first.items] == [None]
    assert page(first.cursor).items == []
    know(desk, account_id, "ada")
    resolve(desk, account_id)
    settle(desk.sessions)
    assert [item["agent"]["id"] for item in page(first.cursor).items] == ["ada"]


def test_a_corrected_roster_restates_only_when_it_is_asked_to(desk: Desk, account_id: UUID) -> None:
    entry_id = know(desk, account_id, "ada")
    desk.answer(account_id, hang_up(desk, account_id), csat=5)
    desk.answer(account_id, hang_up(desk, account_id, MONDAY + timedelta(days=40)), csat=1)
    forget(desk, account_id, entry_id)
    know(desk, account_id, "bob")
    assert resolve(desk, account_id) == Resolved()
    assert resolve(desk, account_id, ALL).restated == 1
    desk.roll_up()
    assert (desk.csat(account_id, "ada"), desk.csat(account_id, "bob")) == ((1, 1), (1, 1))
    assert moves(desk, account_id) == [("roster.restated", "ada", "bob")]
    assert resolve(desk, account_id, ALL) == Resolved(examined=1)


def test_calls_from_before_the_roster_are_restated_to_its_people(desk: Desk) -> None:
    account_id = desk.account(**ANY_TIME)
    for extension in ("101", "102"):
        hang_up(desk, account_id, agent_id=extension)
    desk.roll_up()
    know(desk, account_id, "ada")
    assert resolve(desk, account_id, ALL).restated == 2
    desk.roll_up()
    assert only(desk.results(account_id, **MARCH))["agent"]["id"] == "ada"
    assert [one["platform_agent_id"] for one in unmapped(desk, account_id)] == ["102"]


def test_without_any_roster_left_the_platforms_ids_are_the_persons_again(desk: Desk) -> None:
    account_id = desk.account(**ANY_TIME)
    only_entry = know(desk, account_id, "somebody", extension="999")
    received = hang_up(desk, account_id)
    forget(desk, account_id, only_entry)
    assert resolve(desk, account_id).resolved == 1
    assert desk.call_of(account_id, received).agent_id == "101"


@pytest.mark.parametrize("narrow", [{"source": "other"}, {"platform_agent_id": "102"}, {"source": SOURCE}])
def test_only_what_is_asked_for_is_resolved(desk: Desk, account_id: UUID, narrow: dict[str, Any]) -> None:
    hang_up(desk, account_id)
    entry_id = know(desk, account_id, "ada")
    moved = narrow == {"source": SOURCE}
    assert resolve(desk, account_id, Wanted(**narrow)).resolved == moved
    resolve(desk, account_id)
    forget(desk, account_id, entry_id)
    assert resolve(desk, account_id, Wanted(ALL.period, unmapped_only=False, **narrow)).restated == moved


def test_only_the_days_asked_for_are_resolved(desk: Desk, account_id: UUID) -> None:
    days = [MONDAY + timedelta(days=number) for number in range(5)]
    calls = [hang_up(desk, account_id, day) for day in days]
    know(desk, account_id, "ada")
    resolve(desk, account_id, Wanted(Period(days[1], days[3])))
    assert [desk.call_of(account_id, call).agent_id for call in calls] == [None, "ada", "ada", "ada", None]


def test_a_long_walk_stops_and_goes_on_where_it_stood(desk: Desk, account_id: UUID) -> None:
    with desk.sessions.begin() as session:
        session.execute(text("delete from roster_entry"))
    multiply(desk, hang_up(desk, account_id), [f"{100 + number % 3}" for number in range(250)][1:])
    know(desk, account_id, "ada", extension="100")
    know(desk, account_id, "bob", extension="101")
    steps = [resolve(desk, account_id, ALL, units=1)]
    while steps[-1].next_cursor is not None:
        steps.append(resolve(desk, account_id, ALL, cursor=steps[-1].next_cursor, units=1))
    assert len(steps) > 4
    assert max(step.examined for step in steps) <= 100
    assert sum(step.restated for step in steps) == 250
    with desk.sessions() as session:
        counts = session.execute(text("select agent_id, count(*) from call group by 1 order by 1")).all()
    assert [tuple(row) for row in counts] == [("ada", 83), ("bob", 84), (None, 83)]
    assert len(moves(desk, account_id)) == 250
    with pytest.raises(Invalid, match="cursor"):
        resolve(desk, account_id, cursor=["not", "ours"])


def test_a_test_call_is_resolved_and_counts_nowhere(desk: Desk, account_id: UUID) -> None:
    received = hang_up(desk, account_id, is_test=True)
    desk.roll_up()
    know(desk, account_id, "ada")
    assert resolve(desk, account_id).resolved == 1
    assert desk.stale() == 0
    assert desk.call_of(account_id, received).agent_id == "ada"


def test_nothing_of_another_account_is_resolved(desk: Desk, account_id: UUID) -> None:
    received = hang_up(desk, account_id)
    stranger = desk.account(**ANY_TIME)
    know(desk, stranger, "eve")
    assert resolve(desk, stranger, Wanted(EVER, unmapped_only=False)) == Resolved()
    assert unmapped(desk, stranger) == []
    assert desk.call_of(account_id, received).agent_id is None


def test_an_answer_during_a_resolution_counts_for_the_new_agent(desk: Desk, account_id: UUID) -> None:
    """It waits for the resolution, and marks the cell of whoever the call counts for then."""
    received = hang_up(desk, account_id)
    desk.roll_up()
    know(desk, account_id, "ada")
    call_id = UUID(received.call["id"])
    from_step: list[Any] = []

    class Paused:
        """A unit of work that is looked at before it is committed."""

        def __enter__(self) -> Session:
            self.session = desk.sessions()
            return self.session.__enter__()

        def __exit__(self, *error: Any) -> None:
            if not from_step:
                from_step.append(call_id)
                with desk.meanwhile(
                    lambda other: write_answers(other, account_id, received, csat=5)
                ) as answer:
                    assert not answer.done(), "the answer waits for the resolution"
                    self.session.commit()
                    answer.result()
            self.session.commit()
            self.session.close()

    done = resolve_calls(Paused, account_id=account_id, actor="key pc_1 tests", wanted=Wanted(), units=1)
    assert done.resolved == 1
    desk.roll_up()
    assert (desk.csat(account_id, "ada"), desk.csat(account_id, "")) == ((1, 1), (0, 0))
    assert desk.stale() == 0


def test_a_resolution_waits_for_an_answer_and_takes_it_along(desk: Desk, account_id: UUID) -> None:
    """Others' calls are not kept waiting by the one whose customer answers just then."""
    calls = [hang_up(desk, account_id) for _ in range(3)]
    desk.roll_up()
    know(desk, account_id, "ada")
    with desk.sessions() as answering:
        write_answers(answering, account_id, calls[1], csat=5)
        # the first two of three transactions: those that are free, then the one that is held
        with desk.meanwhile(lambda _: resolve(desk, account_id)) as resolution:
            assert not resolution.done()
            assert [desk.call_of(account_id, call).agent_id for call in calls] == ["ada", None, "ada"]
            answering.commit()
            assert resolution.result() == Resolved(examined=3, resolved=3)
    desk.roll_up()
    assert (desk.csat(account_id, "ada"), desk.csat(account_id, "")) == ((1, 1), (0, 0))


def test_two_resolutions_at_once_move_each_call_once(desk: Desk, account_id: UUID) -> None:
    for _ in range(8):
        hang_up(desk, account_id)
    know(desk, account_id, "ada")
    done = desk.at_once(4, lambda _session, _number: resolve(desk, account_id))
    assert sum(one.resolved for one in done) == 8
    assert len(moves(desk, account_id)) == 8


def test_a_call_locked_by_somebody_is_not_read_before_it_is_ours(desk: Desk, account_id: UUID) -> None:
    """Its agent may have been named meanwhile."""
    received = hang_up(desk, account_id)
    know(desk, account_id, "ada")
    invitation_id = desk.invitation_of(account_id, received).id
    with desk.sessions() as other:
        lock_invitation(other, account_id, invitation_id)
        with desk.meanwhile(lambda _: resolve(desk, account_id)) as resolution:
            other.execute(text("update call set agent_id = 'bob', platform_agent_id = '102'"))
            other.execute(text("delete from roster_entry where agent_id = 'ada'"))
            other.commit()
            assert resolution.result().resolved == 0
    assert desk.call_of(account_id, received).agent_id == "bob"


def test_a_restatement_names_its_days() -> None:
    given: dict[str, Any] = {"source": None, "platform_agent_id": None}
    with pytest.raises(Invalid) as refused:
        wanted_calls(**given, start=MONDAY, end=None, unmapped_only=False)
    assert refused.value.fields.keys() == {"to"}
    with pytest.raises(Invalid, match="wrong order"):
        wanted_calls(**given, start=MONDAY, end=MONDAY - timedelta(days=1), unmapped_only=True)
    assert wanted_calls(**given, start=None, end=None, unmapped_only=True).period == EVER


def test_the_unmapped_are_paged(desk: Desk, account_id: UUID) -> None:
    for extension in ("c", "a", "b"):
        hang_up(desk, account_id, agent_id=extension)
    with desk.sessions() as session:
        given: dict[str, Any] = {"account_id": account_id, "source": SOURCE, "limit": 2}
        first = list_unmapped(session, cursor=None, **given)
        last = list_unmapped(session, cursor=first.next_cursor, **given)
    assert [item["platform_agent_id"] for item in [*first.items, *last.items]] == ["a", "b", "c"]
    assert last.next_cursor is None
    assert unmapped(desk, account_id, source="other") == []


def test_now_is_as_good_as_march(desk: Desk, account_id: UUID) -> None:
    """The clock of the roster is the call's, not the wall's."""
    know(desk, account_id, "ada", to=datetime.now(UTC).isoformat())
    received = desk.hang_up(account_id, agent_id="101", ended_at=desk.now() - timedelta(hours=1))
    assert desk.call_of(account_id, received).agent_id == "ada"
