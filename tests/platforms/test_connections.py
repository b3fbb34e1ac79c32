"""Connections as their owners see them: made, changed, ended, looked at, by API and by command."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from threading import Barrier
from typing import Any

from sqlalchemy import func, select, text, update

from app.flow.tidy import tidy
from app.store.audit import Audit
from app.store.base import database_now
from app.store.calls import Call
from app.store.connection_events import ConnectionEvent
from app.store.messages import Message
from tests.cli.conftest import Command, acme, command, place
from tests.platforms.senders import Line, basic, payload, standard_webhook
from tests.platforms.test_generic import report
from tests.web.conftest import PHONE, Api

__all__ = ["acme", "command", "place"]


def test_a_secret_is_shown_once_and_kept_sealed(api: Api) -> None:
    line = Line(api, "freeswitch", {"fields": {"team": "variables.team"}})
    assert line.made["hook_url"] == f"http://survey.example{line.path}"
    line.post(payload("freeswitch_a.json"))
    for path in ("", f"/{line.made['id']}"):
        assert str(line.secret) not in api("GET", f"/v1/connections{path}").text
    with api.sessions() as session:
        for table in ("connection", "connection_event", "audit"):
            kept = str(session.execute(text(f"select array_agg(t::text) from {table} t")).scalar())  # noqa: S608
            assert str(line.secret) not in kept
            assert PHONE.removeprefix("+") not in kept


def test_scopes(api: Api) -> None:
    line = Line(api, "generic")
    reading, writing = api.headers("connections:read"), api.headers("connections:write")
    one = f"/v1/connections/{line.made['id']}"
    assert [api("GET", path, headers=reading).status_code for path in ("/v1/connections", one)] == [200, 200]
    assert api("GET", one, headers=writing).status_code == 403
    assert api("PATCH", one, {"name": "x"}, headers=reading).status_code == 403
    assert api("PATCH", one, {"name": "x"}, headers=writing).status_code == 200
    assert api("POST", one + "/rotate", headers=api.headers("calls:write")).status_code == 403


def test_what_can_not_be_is_refused_by_name(api: Api) -> None:
    refused: list[tuple[dict[str, Any], str]] = [
        ({"platform": "pbx"}, "#/platform"),
        ({"name": " "}, "#/name"),
        ({"fields": {"agent": "x"}}, "#/fields/agent"),
        ({"fields": {"agent_id": ""}}, "#/fields/agent_id"),
        ({"only": {"event": []}}, "#/only/event"),
        ({"default_country": "gb"}, "#/default_country"),
        ({"default_direction": "up"}, "#/default_direction"),
        ({"secret": "short"}, "#/secret"),
        ({"platform": "generic", "secret": "x" * 40}, "#/secret"),
        ({"source": ""}, "#/source"),
        ({"active": True}, "#/active"),
    ]
    for changes, pointer in refused:
        answer = api("POST", "/v1/connections", {"platform": "twilio_voice", "name": "a"} | changes)
        assert answer.status_code == 422, answer.text
        assert {error["pointer"] for error in (answer.json or {})["errors"]} == {pointer}


def test_a_name_is_given_once(api: Api) -> None:
    first, second = Line(api, "generic", {"name": "generic"}), Line(api, "freeswitch")
    given = {"platform": "generic", "name": "generic"}
    assert api("POST", "/v1/connections", given).status_code == 409
    assert api("PATCH", f"/v1/connections/{second.made['id']}", {"name": "generic"}).status_code == 409
    listed: Any = api("GET", "/v1/connections", query_string={"limit": 1}).json
    rest: Any = api("GET", "/v1/connections", query_string={"cursor": listed["next_cursor"]}).json
    assert [one["id"] for one in (*listed["items"], *rest["items"])] == [first.made["id"], second.made["id"]]


def test_whatever_is_done_to_it_is_audited(api: Api) -> None:
    line = Line(api, "generic")
    one = f"/v1/connections/{line.made['id']}"
    api("PATCH", one, {"fields": {"queue": "q"}})
    api("PATCH", one, {"fields": {"queue": "q"}})
    api("POST", one + "/rotate")
    api("DELETE", one)
    with api.sessions() as session:
        actions = list(session.scalars(select(Audit.action).order_by(Audit.id)))
    assert actions == [
        "connection.added",
        "connection.changed",
        "connection.secret_changed",
        "connection.ended",
    ]


def test_those_that_see_the_same_calls_share_a_source(api: Api) -> None:
    first = Line(api, "generic", {"name": "one", "source": "pbx"})
    second = Line(api, "freeswitch", {"name": "two", "source": "pbx"})
    first.post(report(call_id="44dc566a-3657-4fa8-872d-81839524157e"))
    second.post(payload("freeswitch_a.json"))
    assert (second.call.queue, second.events) == ("billing@default", [("accepted", "completed")])


def test_all_reports_of_one_call_at_once_are_one_call(committing_api: Api) -> None:
    line = Line(committing_api, "generic")
    bodies = [report(queue=f"q{number % 3}", wrap_seconds=number) for number in range(12)]

    def post(number: int) -> int:
        body = bodies[number % len(bodies)]
        signed = standard_webhook(str(line.secret), body, name=f"m{number % len(bodies)}")
        client = committing_api.app.test_client()
        path = line.path
        return client.post(path, data=body, headers=signed, content_type="application/json").status_code

    with ThreadPoolExecutor(12) as pool:
        assert set(pool.map(post, range(24))) == {200}
    assert line.call.queue in ("q0", "q1", "q2")
    with committing_api.sessions() as session:
        assert session.scalar(select(func.count()).select_from(Message)) == 1
        repeats = session.scalars(select(ConnectionEvent.repeats)).all()
    assert repeats == [1] * 12


def test_a_leg_and_its_call_at_once_do_not_miss_each_other(committing_api: Api) -> None:
    line = Line(committing_api, "freeswitch")
    legs = [payload("freeswitch_b.json"), payload("freeswitch_a.json").replace(b'"cc_agent"', b'"not_agent"')]
    began = Barrier(2)

    def post(number: int) -> None:
        call_id = f"44dc566a-0000-0000-0000-{number // 2:012}"
        body = legs[number % 2].replace(b"44dc566a-3657-4fa8-872d-81839524157e", call_id.encode())
        began.wait()
        assert (
            committing_api.app.test_client()
            .post(line.path, data=body, headers=basic(str(line.secret)), content_type="application/json")
            .status_code
            == 200
        )

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(post, range(40)))
    assert [call.agent_id for call in line.calls] == ["101"] * 20
    assert ("accepted", "waiting") not in line.events


def test_a_later_leg_moves_the_end_and_the_text_until_it_has_gone(api: Api) -> None:
    line = Line(api, "generic")
    began = report()
    line.post(began)
    with api.sessions() as session:
        due = session.scalars(select(Message.due_at)).one()
        ended = line.call.ended_at
    later = (ended + timedelta(seconds=40)).isoformat()
    line.post(report(ended_at=later, agent={"id": "8", "team": "red"}))
    call = line.call
    assert (call.agent_id, call.team, call.transferred_from) == ("8", "red", "7")
    assert call.ended_at == ended + timedelta(seconds=40)
    with api.sessions.begin() as session:
        assert session.scalars(select(Message.due_at)).one() == due + timedelta(seconds=40)
        session.execute(update(Message).values(state="claimed"))
    line.post(report(ended_at=(ended + timedelta(seconds=60)).isoformat(), agent={"id": "9"}, wrap_seconds=5))
    call = line.call
    # the text is on its way: its agent is the one whom it asks about
    assert (call.agent_id, call.ended_at, call.wrap_seconds) == ("8", ended + timedelta(seconds=40), 5)


def test_a_default_of_the_connection_holds_where_the_platform_is_silent(api: Api) -> None:
    line = Line(
        api,
        "generic",
        {"default_language": "de", "default_direction": "outbound", "default_country": "DE", "test": True},
    )
    line.post(report(direction=None, customer={"phone": "0151 23456789"}))
    call = line.call
    assert (call.direction, call.language, call.is_test) == ("outbound", "de", True)
    assert (line.invitation.language, line.invitation.state) == ("de", "scheduled")


def test_what_came_is_forgotten_after_thirty_days(api: Api) -> None:
    line = Line(api, "generic")
    line.post(report())
    with api.sessions.begin() as session:
        old = database_now(session) - timedelta(days=30, minutes=1)
        tidy(session)
        assert session.scalar(select(func.count()).select_from(ConnectionEvent)) == 1
        session.execute(update(ConnectionEvent).values(received_at=old))
        tidy(session)
        assert session.scalar(select(func.count()).select_from(ConnectionEvent)) == 0
        assert session.scalar(select(func.count()).select_from(Call)) == 1


def test_of_what_is_refused_the_newest_alone_are_kept(api: Api) -> None:
    line = Line(api, "freeswitch")
    with api.sessions.begin() as session:
        session.execute(
            text(
                "insert into connection_event (account_id, id, connection_id, outcome, reason)"
                " select account_id, gen_random_uuid(), id, 'refused', 'old' from connection,"
                " generate_series(1, 60)"
            )
        )
    for _ in range(3):
        assert line.post(b"{}", {}).status_code == 403
    with api.sessions() as session:
        assert session.scalar(select(func.count()).select_from(ConnectionEvent)) == 50


def test_by_command(command: Command, acme: str, place: Path) -> None:
    said = command("connections", "add", "--account", acme, "--platform", "freeswitch", "--name", "hall 2")
    assert "post to\n  http://survey.example/hooks/calls/freeswitch/" in said
    (place / "cdr.json").write_bytes(payload("freeswitch_a.json"))
    tried = command("replay", "cdr.json", "--platform", "freeswitch")
    assert "talk_seconds      80" in tried
    assert "…123" in tried
    assert PHONE not in tried
    assert "Nothing has come in" in command("connections", "events", "hall 2", "--account", acme)
    done = command("replay", "cdr.json", "--account", acme, "--connection", "hall 2")
    assert "accepted: skipped (no_sender)" in done
    events = command("connections", "events", "hall 2", "--account", acme)
    assert "accepted: skipped (no_sender)  call 44dc566a-3657-4fa8-872d-81839524157e" in events
    event = events.split()[1]
    assert PHONE.removeprefix("+") in command(
        "connections", "events", "hall 2", "--account", acme, "--content", event
    )
    assert "which is not shown again" in command("connections", "rotate", "hall 2", "--account", acme)
    assert "hall 2  source=" in command("connections", "list", "--account", acme)
    said = command("connections", "add", "--account", acme, "--platform", "aircall", "--name", "a")
    assert "lets nothing in as yet" in said
    assert "watch its first events" in said
    (place / "other.json").write_text('{"variables": {}}')
    assert "not_understood" in command("replay", "other.json", "--platform", "freeswitch")
