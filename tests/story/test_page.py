"""What the simulator's page shows: a crowd of customers answers, and their agent's result moves."""

from typing import Any

import pytest

from tests.story.running import System, eventually

pytestmark = pytest.mark.xdist_group("story")


def test_a_crowd_of_customers_becomes_an_agents_result(system: System) -> None:
    agent = {"id": "crowd-1", "name": "Cleo"}
    system.world("POST", "/switchboard/crowd", {"agent": agent, "calls": 6, "satisfied": 1})

    def shown() -> dict[str, Any]:
        rows = system.world("GET", "/results.json")["rows"]
        return next((row for row in rows if row["agent"]["id"] == "crowd-1"), {"completed": 0})

    # one in seven never answers: all six are silent once in a hundred thousand times
    row = eventually(shown, lambda found: found["completed"] >= 1)
    assert row["calls"] >= 1
    assert row["csat"]["n"] >= 1
    assert row["csat"]["interval"]["low"] <= row["csat"]["score"] <= row["csat"]["interval"]["high"]
