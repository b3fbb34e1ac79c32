"""Files to import, and the reports of what was refused."""

import csv
from pathlib import Path

HEADER = "call_id,direction,started_at,ended_at,agent_id,team,customer_phone,talk_seconds\n"
GOOD = "{id},inbound,2024-06-03T09:00:00Z,2024-06-03T09:05:00Z,a1,blue,+447700900123,240\n"


def calls_csv(*ids: str) -> str:
    return HEADER + "".join(GOOD.format(id=one) for one in ids)


def refused(place: Path, name: str = "old.csv.refused.csv") -> list[dict[str, str]]:
    with (place / name).open(newline="") as file:
        return list(csv.DictReader(file))
