"""An Asterisk's manager interface on this machine, that says what a test has it say."""

import hashlib
import re
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

SEEN = Path(__file__).parent / "asterisk_22"
USER, PASSWORD = "postcall", "a-long-password"
BANNER = b"Asterisk Call Manager/11.0.0\r\n"
_CHALLENGE = "191951813"
_SECONDS = 10.0


def recorded(name: str) -> bytes:
    """What Asterisk 22.10.1 said of one call, with `read = agent,call`; they talked for 70 seconds more."""
    said = (SEEN / f"{name}.ami").read_bytes()
    return re.sub(rb"TalkTime: (\d+)", lambda found: b"TalkTime: %d" % (int(found[1]) + 70), said)


def packet(**fields: str) -> bytes:
    return "".join(f"{name}: {value}\r\n" for name, value in fields.items()).encode() + b"\r\n"


def call(number: int = 1, **changes: str) -> bytes:
    """An agent's conversation, from beginning to end."""
    caller = {
        "Channel": f"PJSIP/trunk-{number}",
        "CallerIDNum": f"+4477009001{number:02}",
        "Language": "en",
        "Uniqueid": f"1795352587.{number}",
        "Linkedid": f"1795352587.{number}",
    }
    agent = {"DestUniqueid": f"1795352588.{number}", "DestLinkedid": caller["Linkedid"]}
    queue = {"Queue": "support", "Interface": "PJSIP/1001", "MemberName": "Ada", "HoldTime": "12"}
    ended = {**caller, **agent, **queue, "TalkTime": "75", "Reason": "agent", **changes}
    return (
        packet(Event="AgentConnect", **caller, **agent, **queue)
        + packet(Event="AgentComplete", **ended)
        + packet(Event="Hangup", **caller)
    )


class Exchange:
    """`hears`: actions as they came, one text each. `members`: (queue, name, interface) of its queues.
    `says_first`: to whoever has logged in."""

    def __init__(self, server: socket.socket) -> None:
        self.port: int = server.getsockname()[1]
        self.banner = BANNER
        self.tls: ssl.SSLContext | None = None
        self.says_first = b""
        self.password = PASSWORD
        self.members: list[tuple[str, str, str]] = []
        self.hears: list[str] = []
        self.logins = 0
        self._server = server
        self._line: socket.socket | None = None
        self._in = threading.Condition()

    def say(self, *pieces: bytes) -> None:
        """To whoever has logged in, a packet of TCP each."""
        with self._in:
            assert self._in.wait_for(lambda: self._line is not None, _SECONDS), "nobody logged in"
            assert self._line is not None
            for piece in pieces:
                self._line.sendall(piece)

    def hang_up(self) -> None:
        with self._in:
            assert self._in.wait_for(lambda: self._line is not None, _SECONDS), "nobody logged in"
            assert self._line is not None
            self._line.shutdown(socket.SHUT_RDWR)
            self._line = None

    def waits_for_login(self, number: int) -> None:
        with self._in:
            assert self._in.wait_for(lambda: self.logins >= number, _SECONDS), f"{self.logins} logins"

    def serve(self) -> None:
        with suppress(OSError):
            while True:
                line, _ = self._server.accept()
                line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                threading.Thread(target=self._talk, args=(line,), daemon=True).start()

    def _talk(self, line: socket.socket) -> None:
        with suppress(OSError):
            self._converse(line if self.tls is None else self.tls.wrap_socket(line, server_side=True))

    def _converse(self, line: socket.socket) -> None:
        with line, line.makefile("rb") as said:
            line.sendall(self.banner)
            lines: list[str] = []
            for one in said:
                if text := one.decode("latin-1").rstrip("\r\n"):
                    lines.append(text)
                elif lines:
                    self.hears.append("\n".join(lines))
                    self._answer(line, dict(part.split(": ", 1) for part in lines if ": " in part))
                    lines = []

    def _answer(self, line: socket.socket, asked: dict[str, str]) -> None:
        action_id = {"ActionID": asked.get("ActionID", "")}
        match asked.get("Action"):
            case "Challenge":
                line.sendall(packet(Response="Success", **action_id, Challenge=_CHALLENGE))
            case "Login":
                self._log_in(line, asked, action_id)
            case "QueueStatus":
                line.sendall(packet(Response="Success", **action_id, EventList="start"))
                for queue, name, place in self.members:
                    member = {"Queue": queue, "Name": name, "Location": place}
                    line.sendall(packet(Event="QueueMember", **action_id, **member))
                line.sendall(packet(Event="QueueStatusComplete", **action_id, EventList="Complete"))
            case _:
                line.sendall(packet(Response="Success", **action_id, Ping="Pong"))

    def _log_in(self, line: socket.socket, asked: dict[str, str], action_id: dict[str, str]) -> None:
        said = (_CHALLENGE + self.password).encode()
        expected = hashlib.md5(said, usedforsecurity=False).hexdigest()
        if (asked["Username"], asked["Key"]) != (USER, expected):
            line.sendall(packet(Response="Error", **action_id, Message="Authentication failed"))
            return
        line.sendall(packet(Response="Success", **action_id, Message="Authentication accepted"))
        line.sendall(packet(Event="FullyBooted", Privilege="system,all", Status="Fully Booted"))
        line.sendall(self.says_first)
        with self._in:
            self._line = line
            self.logins += 1
            self._in.notify_all()


@contextmanager
def open_exchange() -> Iterator[Exchange]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        exchange = Exchange(server)
        threading.Thread(target=exchange.serve, daemon=True).start()
        yield exchange
        with suppress(OSError):
            server.shutdown(socket.SHUT_RDWR)


def numbers_in(text: str) -> list[str]:
    return re.findall(r"\+?44\d{6,}", text)
