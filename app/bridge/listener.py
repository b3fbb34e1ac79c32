"""The listener: keeps what Asterisk's manager tells, connects again when the line breaks, says what it missed."""

import random
import threading
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path

import orjson

from app.bridge.figures import Figures
from app.bridge.manager import LoginRefused, Manager, ManagerError
from app.bridge.marks import Marks
from app.bridge.queue_calls import QueueCalls, Report
from app.bridge.queue_log import ended_between, read_lines
from app.bridge.spool import Spool
from app.log import get_logger

log = get_logger(__name__)

_FIRST_PAUSE, _LONGEST_PAUSE = 1.0, 30.0
# a wrong password does not mend itself, and Asterisk's own guards count the tries
_REFUSED_PAUSE = 60.0
_MEMBERS = "postcall-members"


class Listener:
    """`listen` until `stop`. `connect` raises ManagerError; `ring` is called when something was kept."""

    def __init__(
        self,
        connect: Callable[[], Manager],
        spool: Spool,
        figures: Figures,
        ring: Callable[[], None],
        queue_log: Path | None = None,
    ) -> None:
        self._connect = connect
        self._spool = spool
        self._figures = figures
        self._ring = ring
        self._queue_log = queue_log
        self._marks = Marks(spool.marks)
        self._calls = QueueCalls(self._marks.told())
        self._stopping = threading.Event()
        self._manager: Manager | None = None

    def stop(self) -> None:
        """What has come is still kept."""
        self._stopping.set()
        if (manager := self._manager) is not None:
            manager.hang_up()

    def listen(self, *, once: bool = False) -> None:
        """`once`: catch up, and hang up. Then the first thing that goes wrong is raised."""
        pause = _FIRST_PAUSE
        while not self._stopping.is_set():
            began = time.monotonic()
            try:
                self._one_line(once=once)
                return
            except ManagerError as error:
                if self._stopping.is_set():
                    return
                if once:
                    raise
                refused = isinstance(error, LoginRefused)
                (log.error if refused else log.warning)("not connected to Asterisk", why=str(error))
            finally:
                self._figures.connected(now=False)
            if time.monotonic() - began > _LONGEST_PAUSE:
                pause = _FIRST_PAUSE
            self._stopping.wait(_REFUSED_PAUSE if refused else pause * random.uniform(0.5, 1.0))  # noqa: S311
            pause = min(2 * pause, _LONGEST_PAUSE)

    def _one_line(self, *, once: bool) -> None:
        manager = self._manager = self._connect()
        try:
            since = self._marks.last_alive()
            self._figures.connected(now=True)
            self._tell_gap(since, time.time())
            if self._queue_log is not None and since is not None:
                manager.say("QueueStatus", ActionID=_MEMBERS)
            elif once:
                self._marks.alive(time.time())
                return
            self._keep_all(manager, since or 0.0, once=once)
        finally:
            self._manager = None
            manager.close()

    def _keep_all(self, manager: Manager, since: float, *, once: bool) -> None:
        members: dict[tuple[str, str], str] = {}
        for packet in manager.packets():
            now = time.time()
            if packet.get("ActionID") == _MEMBERS:
                if packet.get("Event") == "QueueMember":
                    place = str(packet.get("Queue")), str(packet.get("Name"))
                    members[place] = str(packet.get("Location"))
                elif packet.get("Event") == "QueueStatusComplete" or packet.get("Response") == "Error":
                    self._catch_up(since, members)
                    if once:
                        self._marks.alive(now)
                        return
            elif (report := self._calls.report(packet, now)) is not None:
                self._keep(report)
            self._marks.alive(now)

    def _catch_up(self, since: float, members: Mapping[tuple[str, str], str]) -> None:
        assert self._queue_log is not None  # noqa: S101  # asked for only then
        try:
            lines = read_lines(self._queue_log)
        except OSError as error:
            log.error("queue_log can't be read: what ended meanwhile is unknown", why=str(error))
            return
        found = 0
        for report in ended_between(lines, since, time.time(), members):
            if self._calls.caught_up(report, time.time()):
                self._keep(report)
                found += 1
        log.info("caught up from queue_log", parts=found)

    def _tell_gap(self, since: float | None, now: float) -> None:
        if since is None:
            log.info("connected to Asterisk, for the first time with this spool")
            return
        self._figures.blind(now - since)
        times = {
            "not_since": datetime.fromtimestamp(since, UTC).isoformat(),
            "seconds": round(now - since, 1),
        }
        if self._queue_log is None:
            log.warning("connected to Asterisk: queue calls that ended in between are unknown", **times)
        else:
            log.info("connected to Asterisk: what ended in between is read from queue_log", **times)

    def _keep(self, report: Report) -> None:
        body = orjson.dumps(report)
        pause = _FIRST_PAUSE
        while True:
            try:
                self._spool.keep(body)
                break
            except OSError as error:
                log.error("the spool can't be written: nothing more is read until it can", why=str(error))
            if self._stopping.wait(pause):
                log.error("lost: the spool could not be written", call_id=str(report.get("Linkedid")))
                return
            pause = min(2 * pause, _LONGEST_PAUSE)
        if report["Event"] != "CallerHangup":
            self._marks.tell(*self._calls.told())
        self._figures.kept(str(report["Event"]))
        log.info("kept", about=report["Event"], call_id=str(report.get("Linkedid") or report.get("Uniqueid")))
        self._ring()
