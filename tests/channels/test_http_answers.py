"""What a server may answer, byte for byte: what is an answer, what is none, and what becomes of the connection."""

import socket
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager

import pytest

from app.channels.http_connection import NoAnswer
from app.channels.lean_http import LeanHttp, Underway

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


class Script:
    """Says `answers` word for word, one for each request, whatever is asked; None hangs up in place of one."""

    def __init__(self, *answers: bytes | None, a_byte_at_a_time: bool = False) -> None:
        self.requests: list[bytes] = []
        self.connections = 0
        self._answers = list(answers)
        self._step = 1 if a_byte_at_a_time else 1 << 30
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def run(self) -> None:
        while self._answers:
            connection, _ = self._listener.accept()
            self.connections += 1
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            with connection:
                while self._answers and (request := connection.recv(65536)):
                    self.requests.append(request)
                    answer = self._answers.pop(0)
                    if answer is None:
                        break
                    for start in range(0, len(answer), self._step):
                        connection.sendall(answer[start : start + self._step])
                    if b"Content-Length: 2\r\n\r\nok" not in answer and b"\r\n0\r\n" not in answer:
                        break
        self._listener.close()


@contextmanager
def playing(script: Script) -> Iterator[LeanHttp]:
    thread = threading.Thread(target=script.run)
    thread.start()
    with closing(LeanHttp(script.url, connect_seconds=5, read_seconds=5, pool_size=1)) as http:
        yield http
    thread.join()


CHUNKED = (
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nDate: today\r\n\r\n"
    b"1\r\no\r\n1;x=y\r\nk\r\n0\r\nEnd: yes\r\n\r\n"
)


@pytest.mark.parametrize("in_pieces", [False, True], ids=["at once", "a byte at a time"])
@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(OK, id="with a length"),
        pytest.param(CHUNKED, id="in chunks"),
        pytest.param(
            b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" + OK, id="after hints"
        ),
    ],
)
def test_a_whole_answer_leaves_its_connection_for_the_next(answer: bytes, in_pieces: bool) -> None:
    script = Script(answer, answer, a_byte_at_a_time=in_pieces)
    with playing(script) as http:
        found = [http.request("GET", "https://api.twilio.com/x") for _ in range(2)]
    assert [(one.status_code, one.text) for one in found] == [(200, "ok")] * 2
    assert script.connections == 1


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(
            b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok", id="that says so"
        ),
        pytest.param(b"HTTP/1.0 200 OK\r\n\r\nok", id="without a length"),
        pytest.param(OK + b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil", id="with another after it"),
        pytest.param(OK + b"\0more", id="with rubbish after it"),
    ],
)
def test_a_whole_answer_may_be_the_last_of_its_connection(answer: bytes) -> None:
    script = Script(answer, OK)
    with playing(script) as http:
        found = [http.request("GET", "https://api.twilio.com/x") for _ in range(2)]
    assert [(one.status_code, one.text) for one in found] == [(200, "ok")] * 2
    assert script.connections == 2


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(b"HTTP/1.1 200", id="half a line"),
        pytest.param(b"HTTP/1.1 200 OK\r\nContent-Le", id="half a header"),
        pytest.param(b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nok", id="half a body"),
        pytest.param(CHUNKED[:-4].replace(b"\r\n0\r\n", b"\r\n9\r\n"), id="half a chunk"),
        pytest.param(b"HTTP/1.1 100 Continue\r\n\r\n", id="a hint and no more"),
        pytest.param(b"220 mail.example ESMTP\r\n", id="another protocol"),
        pytest.param(b"\x16\x03\x01\x02\x00\x01", id="rubbish"),
        pytest.param(
            b"HTTP/1.1 101 Switching\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n",
            id="another protocol to come",
        ),
        pytest.param(
            b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nok!", id="two lengths"
        ),
        pytest.param(b"HTTP/1.1 200 OK\r\nContent-Length: -2\r\n\r\nok", id="no possible length"),
        pytest.param(CHUNKED.replace(b"Date: today", b"Content-Length: 2"), id="a length and chunks"),
        pytest.param(
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\nok", id="an encoding nobody asked for"
        ),
        pytest.param(b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 400_000, id="headers without end"),
        pytest.param(None, id="nothing"),
    ],
)
def test_what_is_no_whole_answer_is_none_and_nothing_is_asked_again(answer: bytes | None) -> None:
    script = Script(answer, OK)
    with playing(script) as http:
        with pytest.raises(NoAnswer):
            http.request("POST", "https://api.twilio.com/x", data={"a": "b"})
        assert len(script.requests) == 1
        assert http.request("GET", "https://api.twilio.com/x").status_code == 200
    assert script.connections == 2


def test_headers_are_found_by_any_spelling() -> None:
    script = Script(b"HTTP/1.1 429 Slow\r\nRETRY-after: 5\r\nVia: a\r\nvia: b\r\nContent-Length: 2\r\n\r\nok")
    with playing(script) as http:
        headers = http.request("GET", "https://api.twilio.com/x").headers
    assert (headers["Retry-After"], headers.get("via"), headers.get("date")) == ("5", "a, b", None)
    assert set(headers) == {"retry-after", "via", "content-length"}


def test_nothing_that_is_asked_for_can_end_its_line() -> None:
    script = Script(OK)
    with playing(script) as http:
        for headers in ({"X": "a\r\nY: b"}, {"X\n": "a"}, {"X": "\0"}):
            with pytest.raises(ValueError, match="header"):
                http.request("GET", "https://api.twilio.com/x", headers=headers)
        http.request("GET", "https://api.twilio.com/a b\x7fü%20c?q=1 2")
    (request,) = script.requests
    assert request.startswith(b"GET /a%20b%7F%C3%BC%20c?q=1%202 HTTP/1.1\r\nHost: 127.0.0.1:")


def begun(http: LeanHttp) -> Underway:
    underway = http.begin("POST", "https://api.twilio.com/x", data={"a": "b"})
    assert underway is not None
    return underway


def test_without_an_open_connection_nothing_is_begun() -> None:
    script = Script(OK, OK)
    with playing(script) as http:
        assert http.begin("GET", "https://api.twilio.com/x") is None
        http.request("GET", "https://api.twilio.com/x")
        underway = begun(http)
        assert http.begin("GET", "https://api.twilio.com/x") is None, "the only one is in use"
        underway.wait()
        response = underway.response()
    assert response is not None
    assert response.text == "ok"
    assert (script.connections, len(script.requests)) == (1, 2)


def test_a_connection_that_breaks_under_what_was_begun_leaves_it_unanswered() -> None:
    script = Script(OK, None, OK)
    with playing(script) as http:
        http.request("GET", "https://api.twilio.com/x")
        underway = begun(http)
        underway.wait()
        with pytest.raises(NoAnswer):
            underway.response()
        assert http.request("GET", "https://api.twilio.com/x").status_code == 200
    assert (script.connections, len(script.requests)) == (2, 3)


def test_an_answer_that_came_in_time_may_be_read_late() -> None:
    script = Script(OK, OK)
    thread = threading.Thread(target=script.run)
    thread.start()
    with closing(LeanHttp(script.url, connect_seconds=5, read_seconds=0.2, pool_size=1)) as http:
        http.request("GET", "https://api.twilio.com/x")
        underway = begun(http)
        underway.wait()
        while underway.seconds_left() > 0:
            threading.Event().wait(underway.seconds_left())
        assert underway.response() is not None
    thread.join()


def test_what_was_begun_is_given_up_when_its_time_is_over() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        url = f"http://127.0.0.1:{server.getsockname()[1]}"
        with closing(LeanHttp(url, connect_seconds=5, read_seconds=0.2, pool_size=1)) as http:
            first = threading.Thread(target=http.request, args=("GET", "https://api.twilio.com/x"))
            first.start()
            connection, _ = server.accept()
            with connection:
                connection.recv(65536)
                connection.sendall(OK)
                first.join()
                underway = begun(http)
                assert underway.response() is None, "it is not too late yet"
                underway.wait()
                with pytest.raises(NoAnswer):
                    underway.response()
                connection.recv(65536)
                assert connection.recv(65536) == b"", "it is not used again"
