"""What an examination finds: one line each, with what to do about it."""

from dataclasses import asdict, dataclass
from enum import StrEnum


class State(StrEnum):
    OK = "ok"
    WARNING = "warning"
    FAILED = "failed"


@dataclass(frozen=True)
class Finding:
    """`check`: what was looked at; `found`: what was seen; `remedy`: what to do, empty if all is well.

    No secrets, no customers' numbers: what is found is pasted into tickets.
    """

    check: str
    state: State
    found: str
    remedy: str = ""

    def view(self) -> dict[str, str]:
        return asdict(self) | {"state": self.state.value}


def ok(check: str, found: str) -> Finding:
    return Finding(check, State.OK, found)


def warning(check: str, found: str, remedy: str) -> Finding:
    return Finding(check, State.WARNING, found, remedy)


def failed(check: str, found: str, remedy: str) -> Finding:
    return Finding(check, State.FAILED, found, remedy)
