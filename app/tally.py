"""What happened in a unit of work, counted when it is committed: what was rolled back did not happen."""

from collections.abc import Callable
from contextlib import suppress

from sqlalchemy import event
from sqlalchemy.orm import Session, sessionmaker

_HAPPENED = "happened"

Count = Callable[[str, tuple[str, ...], int], None]


def happened(session: Session, name: str, *labels: object, times: int = 1) -> None:
    """So many more of `name`, a counter of app.metrics with as many labels; an absent label is ''.

    Labels are words of ours or codes, never what a customer wrote: each new one is a time series for ever.
    """
    words = tuple("" if label is None else str(label) for label in labels)
    session.info.setdefault(_HAPPENED, []).append((name, words, times))


def happenings(session: Session) -> set[str]:
    """The names of what has happened in this unit of work so far."""
    return {name for name, _, _ in session.info.get(_HAPPENED, ())}


def count_happened(session: Session, count: Count) -> None:
    """For a session that was never in a transaction, since its statements committed themselves."""
    for name, labels, times in session.info.pop(_HAPPENED, ()):
        # a figure that can't be counted must not fail the work that it counts
        with suppress(Exception):
            count(name, labels, times)


def tally(sessions: sessionmaker[Session], count: Count) -> None:
    """Have `count` told of all that units of work made by `sessions` did, once they are committed."""

    def committed(session: Session) -> None:
        if session.in_nested_transaction():
            return  # a savepoint's end: the whole may still be rolled back
        count_happened(session, count)

    def rolled_back(session: Session, previous: object) -> None:  # noqa: ARG001  # SQLAlchemy passes both
        if not session.in_nested_transaction():
            session.info.pop(_HAPPENED, None)

    event.listen(sessions, "after_commit", committed)
    event.listen(sessions, "after_soft_rollback", rolled_back)
