"""What the service says about its agents, asked for as a scorecard does: results, and responses for words."""

import json
import threading
import time
from collections import OrderedDict, defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, jsonify

from simulator.service import Service
from simulator.stream import Bell

_LOOK_SECONDS = 0.9
_COMMENTS_KEPT = 3
_COMMENTS_SINCE = timedelta(days=7)
_MOST_PAGES = 10  # of responses in one look
_MOST_AGENTS = 12  # shown: a service with thousands of them would fill the page


class Results:
    """The newest figures and comments. Thread-safe; asks the service when it is told to look."""

    def __init__(self, service: Service, bell: Bell, agents: Sequence[str]) -> None:
        """`agents` are the ids that come first, with figures or not."""
        self._service = service
        self._bell = bell
        self._agents = agents
        self._looking = threading.Lock()
        self._looked_at = 0.0
        self._etag: str | None = None
        self._cursor: str | None = None
        self._lock = threading.Lock()
        self._rows: dict[str, dict[str, Any]] = {}
        self._comments: dict[str, OrderedDict[str, dict[str, Any]]] = defaultdict(OrderedDict)
        self._trouble: str | None = None

    def look(self) -> None:
        """Ask the service, unless that was done a moment ago or is being done; ring when something is new."""
        if not self._looking.acquire(blocking=False):
            return
        try:
            if time.monotonic() - self._looked_at < _LOOK_SECONDS:
                return
            trouble, fresh = self._ask()
            fresh = fresh or trouble != self._trouble
            self._trouble = trouble
            self._looked_at = time.monotonic()
        finally:
            self._looking.release()
        if fresh:
            self._bell.ring("results")

    def _ask(self) -> tuple[str | None, bool]:
        """What went wrong, if anything did, and whether there is something new."""
        try:
            reply = self._service.get("/v1/results?group_by=agent", self._etag)
            if reply.status not in {200, 304}:
                # the second question would only wait as long again
                return _trouble(reply.status), False
            fresh = reply.status == 200
            if fresh:
                rows = {row["agent"]["id"]: row for row in json.loads(reply.body)["rows"]}
                with self._lock:
                    self._rows = rows
                self._etag = reply.etag
            return None, self._read_comments() or fresh
        except (ValueError, KeyError, TypeError):
            return "The service's results can't be read.", False

    def _read_comments(self) -> bool:
        """Whether there are new ones, in what changed since the last look by the service's own cursor."""
        fresh = False
        for _ in range(_MOST_PAGES):
            since = (datetime.now(UTC) - _COMMENTS_SINCE).isoformat(timespec="seconds")
            place = {"cursor": self._cursor} if self._cursor else {"updated_since": since}
            reply = self._service.get(f"/v1/responses?{urlencode(place)}")
            if reply.status != 200:
                # a cursor from before the data was replaced; the next look starts again
                self._cursor = None
                break
            page = json.loads(reply.body)
            with self._lock:
                fresh = sum(self._keep(item) for item in page["items"]) > 0 or fresh
            self._cursor = page["cursor"] or self._cursor
            if page["next_cursor"] is None:
                break
        return fresh

    def _keep(self, item: dict[str, Any]) -> bool:
        words = (item.get("verbatims") or {}).get("comment")
        if not words or item["agent"] is None:
            return False
        kept = self._comments[item["agent"]["id"]]
        csat = item["answers"].get("csat")
        comment = {"text": words, "language": item["language"], "csat": csat and csat["value"]}
        if kept.get(item["id"]) == comment:
            return False
        kept[item["id"]] = comment
        kept.move_to_end(item["id"])
        if len(kept) > _COMMENTS_KEPT:
            kept.popitem(last=False)
        return True

    def show(self) -> dict[str, Any]:
        """Rows as the service gave them, the board's agents first, with `comments` by agent, newest first."""
        with self._lock:
            known = [agent for agent in self._agents if agent in self._rows]
            others = sorted(self._rows.keys() - set(known), key=lambda agent: -self._rows[agent]["calls"])
            shown = (known + others)[:_MOST_AGENTS]
            return {
                "rows": [self._rows[agent] for agent in shown],
                "comments": {
                    agent: list(reversed(self._comments.get(agent, {}).values())) for agent in shown
                },
                "trouble": self._trouble,
            }


def _trouble(status: int | None) -> str:
    if status is None:
        return "The service does not answer."
    if status in {401, 403}:
        return "The switchboard's key may not read results."
    return f"The service does not give its results ({status})."


def results_room(results: Results) -> Blueprint:
    room = Blueprint("results", __name__)

    @room.get("/results.json")
    def show() -> Response:
        """Asks the service first, if nobody did within a second."""
        results.look()
        return jsonify(results.show())

    return room
