"""One request of granian's (RSGI) as a call of a WSGI application, whose body is here already."""

import io
import sys
from collections.abc import Iterable, Iterator, Mapping
from typing import IO, Any, Protocol, cast
from urllib.parse import urlsplit
from wsgiref.types import StartResponse, WSGIApplication

Environ = dict[str, Any]
AnswerHeaders = list[tuple[str, str]]

_SAME_FOR_ALL: Environ = {
    "SCRIPT_NAME": "",
    "wsgi.version": (1, 0),
    "wsgi.multithread": True,
    "wsgi.multiprocess": True,
    "wsgi.run_once": False,
    # werkzeug's word for: reading ends where the body does
    "wsgi.input_terminated": True,
}
# parts of answers are not to be had: nothing here is large, and each would be a copy in memory
_UNHEARD = frozenset({"range", "if-range"})


class Headers(Protocol):
    def get(self, key: str, default: str | None = None) -> str | None: ...
    def items(self) -> Iterable[tuple[str, str]]: ...


class Scope(Protocol):
    """What granian tells of a request, before its body."""

    method: str
    scheme: str
    path: str
    query_string: str
    http_version: str
    client: str
    server: str
    authority: str | None
    headers: Headers


class Answering(Protocol):
    def response_bytes(self, status: int, headers: AnswerHeaders, body: bytes) -> None: ...
    def response_file(self, status: int, headers: AnswerHeaders, file: str) -> None: ...


class _File:
    """A file on disk that is to be the answer: granian reads it as fast as the client does, and no faster."""

    def __init__(self, file: IO[bytes], _block_size: int = 0) -> None:
        self.name = str(file.name)
        self._file = file

    def __iter__(self) -> Iterator[bytes]:
        return iter(self._file)

    def close(self) -> None:
        self._file.close()


def call_wsgi(app: WSGIApplication, scope: Scope, body: bytes, answering: Answering) -> None:
    """Have `app` answer. No thread waits for who reads the answer slowly: it is handed over whole."""
    told: tuple[int, AnswerHeaders] = 500, []

    def start_response(status: str, headers: AnswerHeaders, _error: object = None) -> None:
        nonlocal told
        told = int(status[:3]), headers

    parts = app(_environ(scope, body), cast(StartResponse, start_response))
    try:
        if isinstance(parts, _File):
            answering.response_file(*told, parts.name)
        else:
            content = b"".join(parts)  # first: an application may begin to answer while it is read
            answering.response_bytes(*told, content)
    finally:
        if close := getattr(parts, "close", None):
            close()


def _environ(scope: Scope, body: bytes) -> Environ:
    server, port = _host_and_port(scope.server)
    client, client_port = _host_and_port(scope.client)
    return {
        **_SAME_FOR_ALL,
        "REQUEST_METHOD": scope.method,
        "PATH_INFO": _latin(scope.path),
        "QUERY_STRING": _latin(scope.query_string),
        "SERVER_PROTOCOL": f"HTTP/{scope.http_version}",
        "SERVER_NAME": server,
        "SERVER_PORT": port,
        "REMOTE_ADDR": client,
        "REMOTE_PORT": client_port,
        "wsgi.url_scheme": scope.scheme,
        "wsgi.input": io.BytesIO(body),
        "wsgi.errors": sys.stderr,
        "wsgi.file_wrapper": _File,
        **_header_variables(scope.headers),
    }


def _header_variables(headers: Headers) -> Mapping[str, str]:
    variables: dict[str, str] = {}
    for name, value in headers.items():
        # X_Twilio_Signature would pass for X-Twilio-Signature, and who sees to the one may not see the other
        if "_" in name or name in _UNHEARD:
            continue
        variable = name.upper().replace("-", "_")
        if variable not in ("CONTENT_TYPE", "CONTENT_LENGTH"):
            variable = f"HTTP_{variable}"
        known = variables.get(variable)
        variables[variable] = value if known is None else f"{known},{value}"
    return variables


def _latin(text: str) -> str:
    """WSGI's strings are bytes in disguise (PEP 3333)."""
    return text if text.isascii() else text.encode().decode("latin-1")


def _host_and_port(address: str) -> tuple[str, str]:
    """("::1", "80") of "[::1]:80"."""
    if address.startswith("["):
        parsed = urlsplit(f"//{address}")
        return parsed.hostname or "", str(parsed.port or "")
    host, _, port = address.rpartition(":")
    return (host, port) if port.isdigit() else (address, "")
