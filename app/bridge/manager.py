"""Asterisk's manager interface (AMI): a line protocol over TCP or TLS, as much of it as listening takes.

A packet is lines of `Name: value`, ended by an empty line. Only actions that need no right of writing are sent.
"""

import hashlib
import socket
import ssl
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field

from app.errors import PostcallError

# name -> value; a channel's variables, which come as `ChanVariable: NAME=value`, are one value of their own
Packet = dict[str, str | dict[str, str]]

_BANNER = "Asterisk Call Manager/"
_VARIABLES = frozenset({"ChanVariable", "DestChanVariable"})
_LONGEST_LINE = 8 * 1024
_MOST_LINES = 500
_CHUNK = 64 * 1024
# half a minute without a word is asked about; nothing else would tell a silent exchange from a dead line
_QUIET_SECONDS = 30.0


class ManagerError(PostcallError):
    """The manager interface can't be reached, has gone, or isn't one."""


class LoginRefused(ManagerError):
    """It answers, and does not let this user in."""


@dataclass(frozen=True)
class Address:
    host: str
    port: int
    tls: ssl.SSLContext | None = None


class PacketReader:
    """Bytes in, however they were cut; whole packets out. Of a line that is too long the packet does without."""

    def __init__(self) -> None:
        self._rest = b""
        self._skipping = False
        self._lines: list[str] = []
        self.dropped_lines = 0

    def feed(self, data: bytes) -> list[Packet]:
        *lines, self._rest = (self._rest + data).split(b"\n")
        found = []
        for line in lines:
            if self._skipping or len(line) > _LONGEST_LINE:
                self._skipping = False
                self.dropped_lines += 1
            elif said := line.rstrip(b"\r"):
                if len(self._lines) < _MOST_LINES:
                    self._lines.append(said.decode("utf-8", "replace"))
            elif self._lines:
                found.append(_packet(self._lines))
                self._lines = []
        if len(self._rest) > _LONGEST_LINE:
            self._rest, self._skipping = b"", True
        return found


def _packet(lines: list[str]) -> Packet:
    packet: Packet = {}
    for line in lines:
        name, colon, value = line.partition(":")
        if not colon:
            continue
        value = value.strip()
        if name in _VARIABLES:
            variables = packet.setdefault(name, {})
            variable, _, held = value.partition("=")
            if isinstance(variables, dict) and held:
                variables[variable] = held
        else:
            packet.setdefault(name, value)
    return packet


@dataclass
class Manager:
    """One connection, logged in. Another thread may `hang_up`: what has come is still read, then `packets` ends."""

    _socket: socket.socket
    _reader: PacketReader = field(default_factory=PacketReader)
    _early: list[Packet] = field(default_factory=list)
    _last_word: float = field(default_factory=time.monotonic)

    def packets(self) -> Iterator[Packet]:
        """Each as it comes, answers too. Ends when we hang up; raises ManagerError when the other side does."""
        while True:
            yield from self._early
            self._early = []
            self._early = self._more()

    def say(self, action: str, **fields: str) -> None:
        """Raises ManagerError."""
        lines = [f"Action: {action}", *(f"{name}: {value}" for name, value in fields.items())]
        try:
            self._socket.sendall("".join(f"{line}\r\n" for line in lines).encode() + b"\r\n")
        except OSError as error:
            raise ManagerError(f"the line to Asterisk broke: {error}") from error

    def hang_up(self) -> None:
        with suppress(OSError):
            # TLS's own would forget its keys, and what has come could not be read any more
            socket.socket.shutdown(self._socket, socket.SHUT_RD)

    def close(self) -> None:
        with suppress(OSError):
            self._socket.close()

    @property
    def dropped_lines(self) -> int:
        return self._reader.dropped_lines

    def _more(self) -> list[Packet]:
        try:
            data = self._socket.recv(_CHUNK)
        except TimeoutError:
            if time.monotonic() - self._last_word > 3 * _QUIET_SECONDS:
                raise ManagerError("Asterisk has not said a word for too long") from None
            self.say("Ping", ActionID="postcall-ping")
            return []
        except OSError as error:
            raise ManagerError(f"the line to Asterisk broke: {error}") from error
        if not data:
            raise ManagerError("Asterisk hung up")
        self._last_word = time.monotonic()
        return self._reader.feed(data)

    def _log_in(self, user: str, password: str) -> None:
        # by challenge: the password itself is never on the line
        self.say("Challenge", AuthType="MD5", ActionID="postcall-challenge")
        challenge = self._answer("postcall-challenge").get("Challenge")
        if not isinstance(challenge, str):
            raise ManagerError("Asterisk offers no challenge to log in by")
        digest = hashlib.md5((challenge + password).encode(), usedforsecurity=False).hexdigest()
        self.say("Login", AuthType="MD5", Username=user, Key=digest, Events="on", ActionID="postcall-login")
        answer = self._answer("postcall-login")
        if answer.get("Response") != "Success":
            raise LoginRefused(f"Asterisk refuses the login of {user}: {answer.get('Message', '')}")

    def _answer(self, action_id: str) -> Packet:
        """Events that come before it are kept."""
        while True:
            for place, packet in enumerate(came := self._more()):
                if packet.get("ActionID") == action_id:
                    self._early += [*came[:place], *came[place + 1 :]]
                    return packet
            self._early += came


def connect(address: Address, user: str, password: str, *, seconds: float = 10.0) -> Manager:
    """Raises ManagerError, LoginRefused. `seconds`: for each step until the login is answered."""
    try:
        line = socket.create_connection((address.host, address.port), timeout=seconds)
    except OSError as error:
        raise ManagerError(f"{address.host}:{address.port} can't be reached: {error}") from error
    try:
        line.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        if address.tls is not None:
            line = address.tls.wrap_socket(line, server_hostname=address.host)
        reader = PacketReader()
        early = _greeted(line, reader, time.monotonic() + seconds)
        manager = Manager(line, reader, early)
        manager._log_in(user, password)
        line.settimeout(_QUIET_SECONDS)
    except OSError as error:
        line.close()
        raise ManagerError(f"{address.host}:{address.port} can't be talked to: {error}") from error
    except BaseException:
        line.close()
        raise
    return manager


def _greeted(line: socket.socket, reader: PacketReader, until: float) -> list[Packet]:
    """What came behind the banner already."""
    said = b""
    while b"\n" not in said:
        if len(said) > _LONGEST_LINE or time.monotonic() > until:
            raise ManagerError("what answers there is no manager interface")
        data = line.recv(_CHUNK)
        if not data:
            raise ManagerError(
                "what answers there hung up at once: is this address permitted in manager.conf?"
            )
        said += data
    banner, _, rest = said.partition(b"\n")
    if not banner.decode("utf-8", "replace").startswith(_BANNER):
        raise ManagerError("what answers there is no manager interface")
    return reader.feed(rest)
