"""Asterisk's queue_log: what ended while nobody listened.

unixtime|uniqueid|queue|member's name|EVENT|details…
"""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from app.bridge.queue_calls import NOBODY, Report

# event -> where holding and talking stand among its details
_ENDS = {
    "COMPLETECALLER": (0, 1),
    "COMPLETEAGENT": (0, 1),
    "BLINDTRANSFER": (2, 3),
    "ATTENDEDTRANSFER": (2, 3),
    "TRANSFER": (2, 3),
    "ABANDON": (2, None),
}
_MOST_BYTES = 16 * 1024 * 1024


def ended_between(
    lines: Iterable[str], since: float, until: float, members: Mapping[tuple[str, str], str]
) -> Iterator[Report]:
    """Reports of what ended from `since` to `until` (unix seconds), as queue_log names its events.

    `members`: (queue, member's name) -> interface. The lines before `since` are needed for the callers' numbers.
    """
    numbers: dict[str, str] = {}
    channels: dict[str, str] = {}  # caller's channel -> that of the agent who took it last
    for line in lines:
        at, _, rest = line.strip().partition("|")
        caller, queue, member, event, *details = [*rest.split("|"), "", "", "", ""]
        if not at.isdigit() or len(at) > 12:
            continue
        if event == "ENTERQUEUE":
            numbers[caller] = details[1]
        elif event == "CONNECT":
            channels[caller] = details[1]
        elif event in _ENDS and int(since) <= int(at) <= int(until):
            held, talked = _ENDS[event]
            report: Report = {
                "Event": event,
                "Uniqueid": caller,
                "Queue": queue,
                "CallerIDNum": numbers.get(caller, ""),
                "HoldTime": details[held],
                "EndTime": at,
            }
            if member != NOBODY:
                report["MemberName"] = member
                report["Interface"] = members.get((queue, member), member)
                report["DestUniqueid"] = channels.get(caller, "")
            if talked is not None:
                report["TalkTime"] = details[talked]
            if event.endswith("TRANSFER"):
                report["Reason"] = "transfer"
            if event == "BLINDTRANSFER":
                report["TransferredTo"] = details[0]
            yield report


def read_lines(path: Path) -> list[str]:
    """The file that was rotated away, then this one; of each the last 16 MB. Raises OSError where there is none."""
    rotated = path.with_name(f"{path.name}.1")
    earlier = _tail(rotated) if rotated.exists() else []
    return [*earlier, *_tail(path)]


def _tail(path: Path) -> list[str]:
    with path.open("rb") as file:
        size = file.seek(0, 2)
        file.seek(max(0, size - _MOST_BYTES))
        found = file.read(_MOST_BYTES).decode("utf-8", "replace").splitlines()
    return found[1:] if size > _MOST_BYTES else found
