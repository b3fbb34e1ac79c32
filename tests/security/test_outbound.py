"""What goes out: to carriers where the operator has set, to what others configure on the public internet alone."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from typing import Any

import pytest

from app.channels.guarded_http import ForbiddenAddress, GuardedHttp
from app.channels.http_connection import NeverSent, NoAnswer
from app.channels.lean_http import LeanHttp
from tests.channels.test_http_answers import Script, playing

INNER = (
    *("0.0.0.0", "0.1.2.3", "10.0.0.1", "100.64.0.1", "100.127.255.255", "127.0.0.1", "127.255.255.255"),  # noqa: S104
    *("169.254.169.254", "172.16.0.1", "172.31.255.255", "192.168.1.1", "198.18.0.1", "224.0.0.1"),
    *("192.0.0.1", "192.0.2.1", "198.51.100.1", "203.0.113.1", "240.0.0.1", "255.255.255.255"),
    *("::", "::1", "::ffff:127.0.0.1", "::ffff:8.8.8.8", "::127.0.0.1", "fe80::1", "fe80::1%eth0", "fec0::1"),
    *("fc00::1", "fd12:3456::1", "ff02::1", "2002:7f00:1::", "2002:808:808::", "64:ff9b::7f00:1"),
    *("64:ff9b:1::1", "2001:0:4136:e378:8000:63bf:3fff:fdd2", "2001:db8::1", "100::1", "3fff::1"),
    *("fd00:ec2::254", "localhost"),  # a cloud's metadata; and what no resolver should say
)
# addresses in other forms than their own, read as such by many resolvers and browsers
DISGUISED = (
    *("2130706433", "017700000001", "0x7f000001", "0x7f.1", "0177.0.0.1", "127.1", "127.0.1", "0"),
    *("127.0.0.0x1", "0x7f.0.0.0x1", "10.0.0.1.", "00000177.0.0.1", "2852039166", "127.0.0.1.2"),
)


def standing_for(*addresses: str) -> Callable[..., Any]:
    """A resolver to which every name stands for these."""

    def look_up(_: str, port: int, **__: object) -> Any:
        families = (socket.AF_INET6 if ":" in address else socket.AF_INET for address in addresses)
        return [
            (family, socket.SOCK_STREAM, 6, "", (address, port))
            for family, address in zip(families, addresses, strict=True)
        ]

    return look_up


@pytest.fixture
def tried(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The addresses that were connected to: none is, in truth."""
    found: list[Any] = []

    class Socket(socket.socket):
        def connect(self, address: Any) -> None:
            found.append(address)
            raise ConnectionRefusedError

    monkeypatch.setattr(socket, "socket", Socket)
    return found


@pytest.mark.parametrize("address", INNER)
def test_13_14_a_name_that_stands_for_an_inner_address_is_not_connected_to(
    tried: list[Any], address: str
) -> None:
    for addresses in ((address,), ("93.184.216.34", address)):
        http = GuardedHttp(look_up=standing_for(*addresses))
        with pytest.raises(ForbiddenAddress):
            http.request("GET", "https://gateway.example/")
    assert tried == []


@pytest.mark.parametrize("address", ["93.184.216.34", "100.63.255.255", "172.32.0.1", "2606:2800:220:1::1"])
def test_13_the_address_that_was_checked_is_the_one_that_is_connected_to(
    tried: list[Any], address: str
) -> None:
    with pytest.raises(NeverSent, match="ConnectionRefused"):
        GuardedHttp(look_up=standing_for(address)).request("GET", "https://gateway.example:8443/")
    assert [(host, port) for host, port, *_ in tried] == [(address, 8443)]


@pytest.mark.parametrize("host", [*INNER[:-1], *DISGUISED])
def test_14_an_inner_address_is_refused_in_all_its_forms(tried: list[Any], host: str) -> None:
    """By the system's own resolver, which reads most of them."""
    url = f"https://[{host}]/" if ":" in host else f"https://{host}/"
    with pytest.raises(ForbiddenAddress):
        GuardedHttp().request("GET", url)
    assert tried == []


@pytest.mark.parametrize(
    "url",
    [
        *(
            "http://gateway.example/",
            "ftp://gateway.example/",
            "file:///etc/passwd",
            "gopher://x/",
            "//x/",
            "x",
            "",
        ),
        *(
            "https://user@gateway.example/",
            "https://gateway.example@127.0.0.1/",
            "https:///path",
            "https://:443/",
        ),
        *(
            "https://gateway.example\\@127.0.0.1/",
            "https://gateway.example:x/",
            "https://gateway.example:99999/",
        ),
        *("https://gate way.example/", "https://gateway.example/\r\nX: y", "https://gateway\u3002example/"),
        *(
            "https://127.0.0.1%2f@gateway.example/",
            "https://%31%32%37.0.0.1/",
            "https://[::1/",
            "https://-x-/",
        ),
    ],
)
def test_14_15_only_https_to_a_plain_host(tried: list[Any], url: str) -> None:
    with pytest.raises(ForbiddenAddress):
        GuardedHttp(look_up=standing_for("93.184.216.34")).request("GET", url)
    assert tried == []


def test_16_a_name_is_looked_up_once_and_what_it_stands_for_later_changes_nothing(tried: list[Any]) -> None:
    answers = iter(["93.184.216.34", "127.0.0.1", "169.254.169.254"])
    asked = []

    def rebinding(host: str, port: int, **_: object) -> Any:
        asked.append(host)
        return standing_for(next(answers))(host, port)

    http = GuardedHttp(look_up=rebinding)
    with pytest.raises(NeverSent):
        http.request("GET", "https://gateway.example/")
    assert (len(asked), [address[0] for address in tried]) == (1, ["93.184.216.34"])
    # and no connection is kept to be used for the next
    with pytest.raises(ForbiddenAddress):
        http.request("GET", "https://gateway.example/")
    assert len(tried) == 1


# what holds for every client of ours, whoever has set the address
CLIENTS = ("carrier", "configured")


@contextmanager
def asking(script: Script, client: str) -> Iterator[Callable[[], Any]]:
    if client == "carrier":
        with playing(script) as http:
            yield lambda: http.request("GET", "https://api.twilio.com/", allow_redirects=True).status_code
    else:
        thread = threading.Thread(target=script.run)
        thread.start()
        guarded = GuardedHttp([script.url.removeprefix("http://")], read_seconds=5)
        yield lambda: guarded.request("GET", f"{script.url}/").status
        thread.join()


@pytest.mark.parametrize("client", CLIENTS)
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_15_redirects_are_not_followed(status: int, client: str) -> None:
    elsewhere = Script(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
    moved = f"HTTP/1.1 {status} Moved\r\nLocation: {elsewhere.url}/\r\nContent-Length: 2\r\n\r\nok"
    with asking(Script(moved.encode()), client) as ask:
        assert ask() == status
    elsewhere._listener.setblocking(False)
    with pytest.raises(BlockingIOError):
        elsewhere._listener.accept()
    elsewhere._listener.close()


class Endless(Script):
    """Goes on for as long as somebody listens; `pause` between two parts."""

    def __init__(self, head: bytes, part: bytes, pause: float = 0) -> None:
        super().__init__(b"")
        self.sent = 0
        self._head, self._part, self._pause = head, part, pause

    def run(self) -> None:
        with self._listener, self._listener.accept()[0] as connection:
            connection.recv(65536)
            with suppress(OSError):
                connection.sendall(self._head)
                while True:
                    connection.sendall(self._part)
                    self.sent += len(self._part)
                    threading.Event().wait(self._pause)


@pytest.mark.parametrize("client", CLIENTS)
@pytest.mark.parametrize(
    ("head", "part"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n", b"X: " + b"y" * 65536 + b"\r\n"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\n", b"x" * 65536),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"10000\r\n" + b"x" * 65536 + b"\r\n"),
        (b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n", b"x" * 65536),
    ],
    ids=["headers", "announced", "chunked", "until the end"],
)
def test_15_an_answer_that_is_too_long_is_given_up_while_it_is_read(
    client: str, head: bytes, part: bytes
) -> None:
    script = Endless(head, part)
    with asking(script, client) as ask, pytest.raises(NoAnswer):
        ask()
    # the most that is read, and what fits the buffers between the two
    assert script.sent < 16 * 1024 * 1024


@pytest.mark.parametrize("head", [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 99999\r\n\r\n"])
def test_15_an_answer_that_drips_is_given_up_in_time(head: bytes) -> None:
    """Each byte comes soon after the one before: it is the whole that has to be there in time."""
    script = Endless(head, b"H", pause=0.01)
    thread = threading.Thread(target=script.run)
    thread.start()
    guarded = GuardedHttp([script.url.removeprefix("http://")], read_seconds=0.2)
    with pytest.raises(NoAnswer):
        guarded.request("GET", f"{script.url}/")
    thread.join()


def test_15_a_proxy_of_the_environment_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as proxy:
        for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.getsockname()[1]}")
        for client in CLIENTS:
            with asking(Script(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"), client) as ask:
                assert ask() == 200
        proxy.setblocking(False)
        with pytest.raises(BlockingIOError):
            proxy.accept()


def test_15_credentials_reach_no_other_host() -> None:
    with playing(Script(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")) as http:
        assert http.request("GET", "https://attacker.example/", auth=("AC", "token")).status_code == 200


def test_15_tls_is_checked_and_the_default_carrier_speaks_it(settings: object) -> None:
    assert getattr(settings, "twilio_base_url", "").startswith("https://")
    with closing(LeanHttp("https://api.twilio.com", 1, 1, 1)) as http:
        assert http._trust is not None
        assert http._trust.check_hostname
