"""`postcall dry-run`: started, listed and stopped, each written down."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from app.store.audit import Audit
from tests.cli.conftest import Command


def test_a_queue_and_a_source_are_tried_and_asked_again(
    command: Command, acme: str, committing: sessionmaker[Session]
) -> None:
    given = ("--account", acme)
    assert "nobody is asked after calls of the queue sales" in command(
        "dry-run", "start", *given, "--queue", "sales"
    )
    command("dry-run", "start", *given, "--source", "pbx")
    listed = command("dry-run", "list", *given)
    assert "queue   sales  since" in listed
    assert "source  pbx  since" in listed
    assert "customers are asked after calls of the queue sales" in command(
        "dry-run", "stop", *given, "--queue", "sales"
    )
    assert "sales" not in command("dry-run", "list", *given)
    with committing() as session:
        written = session.execute(select(Audit.actor, Audit.action, Audit.detail).order_by(Audit.id)).all()
    assert [tuple(row) for row in written] == [
        ("operator", "dry_run.start", {"kind": "queue", "name": "sales"}),
        ("operator", "dry_run.start", {"kind": "source", "name": "pbx"}),
        ("operator", "dry_run.stop", {"kind": "queue", "name": "sales"}),
    ]


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (("start", "--account", "acme"), "Name one queue"),
        (("start", "--account", "acme", "--queue", "a", "--source", "b"), "Name one queue"),
        (("stop", "--account", "acme", "--queue", "a"), "is no dry run"),
        (("start", "--account", "nobody", "--queue", "a"), "No account is named"),
    ],
)
def test_what_can_not_be_tried_is_said(
    command: Command, acme: str, words: tuple[str, ...], complaint: str
) -> None:
    assert complaint in command("dry-run", *words)
