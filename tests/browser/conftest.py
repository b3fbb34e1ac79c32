"""Chromium, and the whole service behind a real port, for what only a browser can show of the survey page.

browser    one Chromium for this folder's tests
site       the service, in this process, on sessions that commit
customer   somebody with a link: opens it as told (phone, dark, without scripts ...) and sees what is kept
"""

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, sync_playwright
from sqlalchemy import select
from werkzeug.serving import make_server

from app.store.answers import Answer, words_of
from tests.browser.chromium import WANTED, installed, is_there
from tests.web.conftest import Api, _clean_log_context, clock, committing_api, keys

__all__ = ["_clean_log_context", "clock", "committing_api", "keys"]

PHONE = (390, 844)
DESKTOP = (1280, 900)
_PATIENCE_MS = 10_000


# not for the whole session: while it runs, no other test of this process could run an event loop
@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        if not is_there(playwright.chromium):
            (pytest.fail if os.environ.get("CI") else pytest.skip)(WANTED)
        browser = playwright.chromium.launch(executable_path=installed())
        yield browser
        browser.close()


@dataclass
class Site:
    """`url`: where the service listens. `requests`: (method, path) of all that came, oldest first.

    While `open` is not set, what is sent to it waits at the door.
    """

    api: Api
    url: str
    requests: list[tuple[str, str]]
    open: threading.Event

    @property
    def sent(self) -> int:
        """How often anything was sent to it, by the script or by the button."""
        return sum(method == "POST" and path.startswith("/s/") for method, path in self.requests)

    def answers(self, question: str | None = None) -> list[int | str | None]:
        """Every revision of every answer, oldest first: values, and words where there is no value."""
        with self.api.sessions() as session:
            found = session.scalars(
                select(Answer).order_by(Answer.answered_at, Answer.revision, Answer.question_key)
            )
            return [
                words_of(session, answer) if answer.value is None else answer.value
                for answer in found
                if question in (None, answer.question_key)
            ]

    def current(self) -> dict[str, int | str | None]:
        with self.api.sessions() as session:
            return {
                answer.question_key: words_of(session, answer) if answer.value is None else answer.value
                for answer in session.scalars(select(Answer).where(Answer.is_current))
            }


@pytest.fixture
def site(committing_api: Api) -> Iterator[Site]:
    requests: list[tuple[str, str]] = []
    is_open = threading.Event()
    is_open.set()

    inside: set[int] = set()
    one_less = threading.Condition()

    def app(environ: dict[str, Any], start_response: Callable[..., Any]) -> Any:
        with one_less:
            requests.append((environ["REQUEST_METHOD"], environ["PATH_INFO"]))
            inside.add(threading.get_ident())
        try:
            if environ["REQUEST_METHOD"] == "POST":
                is_open.wait(_PATIENCE_MS / 1000)
            return committing_api.app(environ, start_response)
        finally:
            with one_less:
                inside.discard(threading.get_ident())
                one_less.notify_all()

    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield Site(committing_api, f"http://127.0.0.1:{server.server_port}", requests, is_open)
    is_open.set()
    server.shutdown()
    thread.join()
    server.server_close()
    with one_less:
        # an answer may still be on its way when the customer has left, and the tables are emptied next
        assert one_less.wait_for(lambda: not inside, _PATIENCE_MS / 1000)


@dataclass
class Customer:
    """Somebody who was sent a link. `complaints` is what the browser said against any of the pages shown."""

    site: Site
    browser: Browser
    token: str
    stack: ExitStack
    complaints: list[str]

    @property
    def link(self) -> str:
        return f"{self.site.url}/s/{self.token}"

    def window(
        self, size: tuple[int, int] = PHONE, *, dark: bool = False, scripts: bool = True, **options: Any
    ) -> Page:
        """A browser of their own, with nothing opened in it."""
        context = self.browser.new_context(
            viewport={"width": size[0], "height": size[1]},
            color_scheme="dark" if dark else "light",
            java_script_enabled=scripts,
            **options,
        )
        self.stack.callback(context.close)
        context.set_default_timeout(_PATIENCE_MS)
        page = context.new_page()
        page.on("console", lambda message: self._note(message.type, message.text))
        page.on("pageerror", lambda error: self._note("error", str(error)))
        return page

    def opens(self, score: str = "", **window: Any) -> Page:
        """`score`: as a mail's button would add it, "?csat=5"."""
        page = self.window(**window)
        page.goto(self.link + score)
        return page

    def _note(self, kind: str, text: str) -> None:
        if kind in ("error", "warning"):
            self.complaints.append(text)


@pytest.fixture
def invite(site: Site, browser: Browser) -> Iterator[Callable[..., Customer]]:
    """A function: a customer whose call has ended; `language` and the like are the call's."""
    with ExitStack() as stack:
        made: list[Customer] = []

        def make(**call: Any) -> Customer:
            made.append(Customer(site, browser, site.api.invite(**call), stack, []))
            return made[-1]

        yield make
    assert [complaint for customer in made for complaint in customer.complaints] == []


@pytest.fixture
def customer(invite: Callable[..., Customer]) -> Customer:
    return invite()
