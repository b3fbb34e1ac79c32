"""The courier: brings what lies in the spool to the service, oldest first, until it was taken."""

import random
import threading
from pathlib import Path

from app.bridge.figures import Figures
from app.bridge.hook import IGNORED, Hook, Reply, Said
from app.bridge.spool import Spool
from app.log import get_logger

log = get_logger(__name__)

_FIRST_PAUSE, _LONGEST_PAUSE = 1.0, 60.0


class Courier:
    """`ring` when something was kept; `run` until `stop`."""

    def __init__(self, spool: Spool, hook: Hook, figures: Figures) -> None:
        self._spool = spool
        self._hook = hook
        self._figures = figures
        self._rung = threading.Event()
        self._stopping = threading.Event()

    def ring(self) -> None:
        self._rung.set()

    def stop(self) -> None:
        self._stopping.set()
        self._rung.set()

    def run(self) -> None:
        pause = _FIRST_PAUSE
        while not self._stopping.is_set():
            self._rung.clear()
            trouble = self.round()
            if trouble is None:
                pause = _FIRST_PAUSE
                self._rung.wait()
                continue
            # not all at the same moment when the service is back
            self._stopping.wait(max(trouble.after, pause * random.uniform(0.5, 1.0)))  # noqa: S311
            pause = min(2 * pause, _LONGEST_PAUSE)

    def round(self) -> Reply | None:
        """Each that waits is tried once. None when nothing is left; else what was said last to one that stays."""
        trouble = None
        for report in self._spool.waiting():
            if self._stopping.is_set():
                break
            reply = self._bring(report)
            if reply.said in (Said.FAILED, Said.CLOSED):
                trouble = reply
            if reply.said is Said.CLOSED:
                break
        return trouble

    def _bring(self, report: Path) -> Reply:
        try:
            body = report.read_bytes()
        except FileNotFoundError:
            return Reply(Said.TAKEN, "somebody took it out of the spool")
        reply = self._hook.post(body)
        self._figures.delivered(reply.said)
        if reply.said is Said.TAKEN:
            self._spool.done(report)
            told = log.warning if reply.detail.startswith(IGNORED) else log.info
            told("delivered", report_id=report.stem, became=reply.detail)
        elif reply.said is Said.REFUSED:
            kept = self._spool.set_aside(report)
            log.error("refused, and kept aside", report_id=report.stem, why=reply.detail, file=str(kept))
        else:
            log.warning(
                "not delivered, tried again later",
                report_id=report.stem,
                why=reply.detail,
                waiting=len(self._spool.waiting()),
            )
        return reply
