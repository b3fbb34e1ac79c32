"""When a commit is waited for: for whoever can do the work again, and keeps count of what is done."""

from sqlalchemy import text
from sqlalchemy.orm import Session


def commit_without_waiting(session: Session) -> None:
    """From this unit of work on, this connection's commits return before they are on disk.

    A crash of the server may then lose the last of them, all or nothing each.
    """
    session.execute(text("set synchronous_commit = off"))


def commit_with_the_next(session: Session) -> None:
    """This unit's commit alone returns before it is on disk; the next one that waits, whoever's, takes it along.

    A crash of the server before that undoes it, so it is right only for what is found again in another way.
    """
    session.execute(text("set local synchronous_commit = off"))


def await_commits(session: Session) -> None:
    """Once this unit of work is committed, all those before it are on disk."""
    session.execute(text("set local synchronous_commit = on"))
    # a commit that has written nothing waits for nothing
    session.execute(text("select pg_logical_emit_message(true, 'postcall', 'mark')"))
