"""Who sat at which extension, and when: what a platform calls an agent stands for a person, for a time."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, tzinfo
from typing import TypeVar
from uuid import UUID

Place = TypeVar("Place")


@dataclass(frozen=True)
class Entry:
    """From `valid_from` (included) to `valid_to` (excluded; None: open). What is None the platform is asked for."""

    platform_agent_id: str
    agent_id: str
    valid_from: datetime
    valid_to: datetime | None = None
    name: str | None = None
    team: str | None = None
    vendor: str | None = None

    @property
    def period(self) -> str:
        end = "open" if self.valid_to is None else self.valid_to.isoformat()
        return f"{self.valid_from.isoformat()} to {end}"

    def overlaps(self, other: "Entry") -> bool:
        return (
            self.platform_agent_id == other.platform_agent_id
            and (other.valid_to is None or self.valid_from < other.valid_to)
            and (self.valid_to is None or other.valid_from < self.valid_to)
        )


@dataclass(frozen=True)
class ReportedAgent:
    """What the platform said of who took the call; no id where nobody did."""

    id: str | None
    name: str | None = None
    team: str | None = None
    vendor: str | None = None


@dataclass(frozen=True)
class Attribution:
    """Whom a call counts for. Without an agent_id: nobody's, or as yet unmapped."""

    agent_id: str | None
    name: str | None
    team: str | None
    vendor: str | None
    roster_entry_id: UUID | None = None


def attribute(reported: ReportedAgent, entry: tuple[UUID, Entry] | None, *, rostered: bool) -> Attribution:
    """`entry`: what the roster says of that id at the call's time; `rostered`: whether the source has any entry.

    A source with a roster is resolved by it alone: an extension that it doesn't know must not be taken for the
    person who happens to have that id.
    """
    if entry is not None:
        entry_id, known = entry
        return Attribution(
            known.agent_id,
            known.name or reported.name,
            known.team or reported.team,
            known.vendor or reported.vendor,
            entry_id,
        )
    agent_id = None if rostered else reported.id
    return Attribution(agent_id, reported.name, reported.team, reported.vendor)


def sat_at(answered_at: datetime | None, started_at: datetime) -> datetime:
    """The moment whose roster counts: who took the call keeps it, also when the shift ends during it."""
    return answered_at or started_at


def start_of(moment: date | datetime, zone: tzinfo) -> datetime:
    """In UTC: a moment as it is, a day at its first instant in `zone`, also where that is not midnight."""
    if isinstance(moment, datetime):
        return moment.astimezone(UTC)
    # where clocks are put forward at midnight, fold 0 is the instant of the change
    return datetime.combine(moment, time(), tzinfo=zone).astimezone(UTC)


def overlapping(entries: Iterable[tuple[Place, Entry]]) -> Iterator[tuple[Place, Place, Entry]]:
    """(place, earlier place, earlier entry) of each entry that begins before an earlier one of its id ends."""
    latest: tuple[Place, Entry] | None = None
    for place, entry in sorted(entries, key=lambda one: (one[1].platform_agent_id, one[1].valid_from)):
        if latest is not None and latest[1].overlaps(entry):
            yield place, latest[0], latest[1]
        ends_later = (
            latest is None
            or latest[1].platform_agent_id != entry.platform_agent_id
            or (
                latest[1].valid_to is not None
                and (entry.valid_to is None or entry.valid_to > latest[1].valid_to)
            )
        )
        if ends_later:
            latest = (place, entry)
