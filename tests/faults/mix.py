"""What goes on in a contact centre, all at once: calls end, customers answer or don't, results are read."""

import threading
import time
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import Self
from uuid import uuid4

import urllib3

from tests.faults.trial import Trial

_REPLIES = ("5", "4", "9", "all well")
_SCORED = 3
_THREADS = 24
_READ_EVERY_SECONDS = 0.5
# what may be answered while things are broken
_MAY_BE = (200, 202, 204, 304, 429, 502, 503)


class Mix:
    """While entered. `silent` customers are only asked, `talking` ones answer every question.

    `wrong`: what was answered and never should be. Each text is brought until it is taken, as carriers do with a
    fallback address.
    """

    def __init__(self, trial: Trial, silent: int, talking: int) -> None:
        self._trial = trial
        everybody = silent + talking
        # the talking ones evenly among the others
        self._customers = [
            n * talking // everybody < (n + 1) * talking // everybody for n in range(everybody)
        ]
        self._pool = ThreadPoolExecutor(_THREADS)
        self._lives: list[Future[None]] = []
        self._over = threading.Event()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self.said: dict[str, list[str]] = {}
        self.wrong: list[str] = []

    def __enter__(self) -> Self:
        self._reader.start()
        self._lives = [self._pool.submit(self._live, talks) for talks in self._customers]
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._pool.shutdown(cancel_futures=True)
        self._reader.join()

    def done(self) -> bool:
        return all(life.done() for life in self._lives)

    def finish(self, seconds: float) -> None:
        """Wait for all of them. Raises what one of them met."""
        until = time.monotonic() + seconds
        for life in self._lives:
            life.result(max(0.1, until - time.monotonic()))

    def unheard(self) -> Sequence[str]:
        """Customers whose answers were taken and are not kept."""
        kept: dict[str, list[int]] = {}
        scores = """
            select c.customer_ref as phone, a.value from answer a
            join invitation i on i.account_id = a.account_id and i.id = a.invitation_id
            join call c on c.account_id = i.account_id and c.id = i.call_id
            where a.account_id = :account and a.is_current and a.value is not null
        """
        for phone, value in self._trial.rows(scores):
            kept.setdefault(phone, []).append(value)
        return [
            phone
            for phone, said in self.said.items()
            if sorted(kept.get(phone, [])) != sorted(int(one) for one in said[:_SCORED])
        ]

    def _live(self, talks: bool) -> None:
        trial = self._trial
        call = trial.call()
        phone = call["customer"]["phone"]
        call["customer"]["ref"] = phone
        trial.report_until_taken(call, 120)
        if not talks:
            return
        self.said[phone] = []
        for number, reply in enumerate(_REPLIES, start=1):
            if not self._comes(phone, number):
                return
            self._bring(phone, reply)
            self.said[phone].append(reply)

    def _comes(self, phone: str, number: int) -> bool:
        """Whether the next text comes; who is busy long enough is talked to no more."""
        until = time.monotonic() + 60
        while time.monotonic() < until and not self._over.is_set():
            if len(self._trial.texts_to(phone)) >= number:
                return True
            time.sleep(0.4)
        return False

    def _bring(self, phone: str, reply: str) -> None:
        sid = f"SM{uuid4().hex}"
        until = time.monotonic() + 90
        while time.monotonic() < until:
            brought = self._trial.reply(phone, reply, message_sid=sid)["deliveries"][-1]["status"]
            if brought == 200:
                return
            if brought is not None and brought not in _MAY_BE:
                self.wrong.append(f"a text was answered with {brought}")
            time.sleep(0.3)
        raise AssertionError("a text was never taken")

    def _read(self) -> None:
        while not self._over.wait(_READ_EVERY_SECONDS):
            for path in ("/v1/results?group_by=agent", "/v1/responses", "/healthz", "/readyz", "/metrics"):
                try:
                    status = self._trial.request("GET", path).status
                except urllib3.exceptions.HTTPError:
                    continue
                if status not in _MAY_BE:
                    self.wrong.append(f"{path} was answered with {status}")
