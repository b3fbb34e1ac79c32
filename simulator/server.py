"""An HTTP server that can be stopped, on real sockets so that a fault can break one; and mail beside it."""

import threading
from types import TracebackType
from typing import Any, Self

from flask import Flask
from werkzeug.serving import WSGIRequestHandler, make_server


class _Handler(WSGIRequestHandler):
    # headers and body go out in two writes: with Nagle's algorithm the second may wait for an acknowledgement
    disable_nagle_algorithm = True

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Nothing: paths carry telephone numbers."""

    def log(self, type: str, message: str, *args: Any) -> None:  # noqa: A002  (the overridden name)
        if type == "error":
            super().log(type, message, *args)


class Server:
    """Serves `app`, and its mail server where it has one, from threads while entered; port 0 takes a free one.

    `url` and `smtp_port` say where. One thread per HTTP connection. Exits the process with a clear line when
    `port` is taken, as werkzeug does; raises OSError when `smtp_port` is.
    """

    def __init__(self, app: Flask, host: str = "127.0.0.1", port: int = 0, smtp_port: int = 0) -> None:
        self._app = app
        open_mail_server = app.extensions.get("mail_server")
        self._mail_server = open_mail_server(host, smtp_port) if open_mail_server else None
        self.smtp_port: int = self._mail_server.port if self._mail_server else 0
        self._server = make_server(host, port, app, threaded=True, request_handler=_Handler)
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.05,), name="simulator", daemon=True
        )
        self.url = f"http://{f'[{host}]' if ':' in host else host}:{self._server.port}"

    def __enter__(self) -> Self:
        self._thread.start()
        if self._mail_server:
            self._mail_server.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._mail_server:
            self._mail_server.close()
        self._server.shutdown()
        self._thread.join()
        for name in ("courier", "service"):
            if name in self._app.extensions:
                self._app.extensions[name].close()
