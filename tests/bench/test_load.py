"""The load: each request once, whatever comes back counted, and nothing that failed taken for speed."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from bench.load import request, run_load


class _Door(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    bodies: list[bytes]

    def do_POST(self) -> None:
        self.bodies.append(self.rfile.read(int(self.headers["content-length"])))
        if self.path == "/gone":
            self.close_connection = True
            return
        self.send_response(int(self.path[1:]))
        self.send_header("Content-Length", "5")
        self.end_headers()
        self.wfile.write(b"hello")

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def door() -> Iterator[tuple[int, list[bytes]]]:
    bodies: list[bytes] = []
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Door", (_Door,), {"bodies": bodies}))
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield server.server_port, bodies
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize("per_second", [None, 2000.0])
def test_each_request_is_sent_once(door: tuple[int, list[bytes]], per_second: float | None) -> None:
    port, bodies = door
    wanted = [b"%d" % number for number in range(50)]
    requests = [request("POST", "/202", body) for body in wanted]
    load = run_load(port, requests, connections=4, per_second=per_second).expect(202)
    assert sorted(bodies) == sorted(wanted)
    assert load.answered == len(load.latencies) == 50


def test_load_ends_after_its_seconds(door: tuple[int, list[bytes]]) -> None:
    port, bodies = door
    endless = iter(lambda: request("POST", "/202"), None)
    load = run_load(port, endless, connections=2, seconds=0.05)
    assert load.answered == len(bodies) > 0


def test_another_status_is_an_error_and_no_speed(door: tuple[int, list[bytes]]) -> None:
    requests = [request("POST", "/202"), request("POST", "/503")]
    with pytest.raises(ValueError, match="503: 1"):
        run_load(door[0], requests, connections=1).expect(202)


def test_a_connection_that_is_closed_is_an_error(door: tuple[int, list[bytes]]) -> None:
    with pytest.raises(ConnectionError):
        run_load(door[0], [request("POST", "/gone")], connections=1)
