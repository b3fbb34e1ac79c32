import json
from collections.abc import Iterator
from contextlib import contextmanager

import urllib3

from tests.simulator.receiver import Document, Receiver
from tests.simulator.world import World, eventually

MOST = 24


@contextmanager
def stream(world: World) -> Iterator[Iterator[dict[str, int]]]:
    """The news of /events, one after the other."""
    with urllib3.PoolManager(retries=False, timeout=10) as http:
        response = http.request("GET", f"{world.url}/events", preload_content=False)
        assert response.status == 200
        assert response.headers["Content-Type"] == "text/event-stream"
        try:
            yield (
                json.loads(line.removeprefix(b"data: "))
                for line in iter(response.readline, b"")
                if line.startswith(b"data: ")
            )
        finally:
            response.close()


def test_a_page_is_told_at_once_and_then_of_each_change(world: World) -> None:
    with stream(world) as news:
        first = next(news)
        world.send("How satisfied are you?")
        second = next(news)
        assert second["messages"] > first["messages"]
        assert second["calls"] == first["calls"]
        world.request("POST", "/switchboard/calls", {})
        assert next(told for told in news if told["calls"] > first["calls"])


def test_while_a_page_is_open_the_service_is_asked_and_new_figures_are_news(
    world: World, receiver: Receiver
) -> None:
    receiver.documents["/v1/results"] = Document(b'{"rows": []}')
    receiver.documents["/v1/responses"] = Document(b'{"items": [], "cursor": null, "next_cursor": null}')
    assert receiver.requests == []
    with stream(world) as news:
        first = next(news)
        changed = next(told for told in news if told["results"] > first["results"])
        receiver.documents["/v1/results"] = Document(b'{"rows": []}', etag='"2"')
        assert next(told for told in news if told["results"] > changed["results"])


def test_streams_are_bounded_and_a_place_is_free_again_when_a_page_closes(world: World) -> None:
    with urllib3.PoolManager(maxsize=MOST + 1, block=False, retries=False, timeout=10) as http:
        opened = [http.request("GET", f"{world.url}/events", preload_content=False) for _ in range(MOST)]
        assert {response.status for response in opened} == {200}
        assert world.request("GET", "/events").status == 503
        opened.pop().close()

        def free() -> bool:
            # the simulator notices by writing
            world.request("POST", "/switchboard/calls", {})
            response = http.request("GET", f"{world.url}/events", preload_content=False)
            opened.append(response)
            return response.status == 200

        eventually(free)
        for response in opened:
            response.close()
