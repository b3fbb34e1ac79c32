import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.simulator.receiver import Document, Receiver
from tests.simulator.world import World, eventually

ADA = {"id": "101", "name": "Ada", "team": "Billing", "vendor": None}


def row(agent: dict[str, Any], **figures: Any) -> dict[str, Any]:
    return {"agent": agent, "calls": 1, **figures}


def results(*rows: dict[str, Any], etag: str = '"1"') -> Document:
    return Document(json.dumps({"rows": rows}).encode(), etag)


def responses(*items: dict[str, Any], cursor: str = "c-1") -> Document:
    return Document(json.dumps({"items": items, "cursor": cursor, "next_cursor": None}).encode())


def response(number: int, words: str | None, agent: dict[str, Any] | None = ADA) -> dict[str, Any]:
    return {
        "id": str(number),
        "agent": agent,
        "language": "en",
        "answers": {"csat": {"value": 5}},
        "verbatims": {"comment": words} if words else {},
    }


@pytest.fixture(autouse=True)
def served(receiver: Receiver) -> None:
    receiver.documents = {"/v1/results": results(row(ADA)), "/v1/responses": responses()}


def asked(receiver: Receiver, path: str) -> list[dict[str, str]]:
    return [request.headers for request in receiver.requests if request.path.startswith(path)]


def after_a_moment(world: World, holds: Callable[[dict[str, Any]], bool]) -> None:
    """The page's view, once it has come to hold: the service is asked at most about once a second."""
    eventually(lambda: holds(world.get("/results.json")))


def test_figures_pass_as_the_service_gives_them(world: World, receiver: Receiver) -> None:
    receiver.documents["/v1/results"] = results(row(ADA, csat={"n": 3, "interval": {"low": 20.7}}))
    assert world.get("/results.json")["rows"] == [row(ADA, csat={"n": 3, "interval": {"low": 20.7}})]
    (headers,) = asked(receiver, "/v1/results?group_by=agent")
    assert headers["Authorization"] == "Bearer key-of-the-tests"
    assert "If-None-Match" not in headers


def test_what_has_not_changed_is_asked_for_by_its_etag_and_stays(world: World, receiver: Receiver) -> None:
    world.get("/results.json")
    after_a_moment(world, lambda _: len(asked(receiver, "/v1/results")) >= 2)
    assert asked(receiver, "/v1/results")[1]["If-None-Match"] == '"1"'
    assert world.get("/results.json")["rows"] == [row(ADA)]
    receiver.documents["/v1/results"] = results(row(ADA, csat={"n": 1}), etag='"2"')
    after_a_moment(world, lambda found: found["rows"] == [row(ADA, csat={"n": 1})])


def test_many_pages_ask_the_service_once(world: World, receiver: Receiver) -> None:
    for _ in range(5):
        world.get("/results.json")
    assert len(asked(receiver, "/v1/results")) < 5


def test_the_boards_agents_come_first_and_thousands_of_others_do_not_fill_the_page(
    world: World, receiver: Receiver
) -> None:
    others = [row({"id": f"x{number}"}) | {"calls": number} for number in range(50)]
    receiver.documents["/v1/results"] = results(*others, row(ADA))
    shown = [found["agent"]["id"] for found in world.get("/results.json")["rows"]]
    assert shown == ["101", *(f"x{number}" for number in range(49, 38, -1))]


def test_comments_are_an_agents_three_newest_and_a_changed_one_replaces_itself(
    world: World, receiver: Receiver
) -> None:
    receiver.documents["/v1/responses"] = responses(
        *(response(number, f"words {number}") for number in range(5)),
        response(9, None),
        response(10, "to nobody", agent=None),
    )
    comments = world.get("/results.json")["comments"]
    assert [comment["text"] for comment in comments["101"]] == ["words 4", "words 3", "words 2"]
    assert comments["101"][0] == {"text": "words 4", "language": "en", "csat": 5}
    receiver.documents["/v1/responses"] = responses(response(3, "words 3, and more"))
    after_a_moment(
        world,
        lambda found: (
            [c["text"] for c in found["comments"]["101"]] == ["words 3, and more", "words 4", "words 2"]
        ),
    )
    assert "cursor=c-1" in [r.path for r in receiver.requests if r.path.startswith("/v1/responses")][-1]


def test_a_service_that_is_gone_is_said_and_the_last_figures_stay(world: World, receiver: Receiver) -> None:
    assert world.get("/results.json")["trouble"] is None
    receiver.close()
    after_a_moment(world, lambda found: found["trouble"] == "The service does not answer.")
    assert world.get("/results.json")["rows"] == [row(ADA)]


def test_a_service_that_refuses_is_said_too(world: World, receiver: Receiver) -> None:
    receiver.documents = {}
    assert world.get("/results.json")["trouble"] == "The service does not give its results (404)."
    assert world.get("/results.json")["rows"] == []


@pytest.mark.parametrize("nonsense", [b"<html>", b"[]", b'{"rows": 3}'])
def test_nonsense_is_trouble_and_no_error_of_the_page(
    world: World, receiver: Receiver, nonsense: bytes
) -> None:
    receiver.documents["/v1/results"] = Document(nonsense)
    assert world.get("/results.json")["trouble"] == "The service's results can't be read."
