"""The command `postcall`, as an operator types it."""

import logging
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from app.cli.main import main
from app.settings import Settings
from app.store.calls import Call

Command = Callable[..., str]


@pytest.fixture
def command(
    settings: Settings,
    committing: sessionmaker[Session],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Command:
    """What the command says, whether it works or ends with an error."""
    for name in ("database_url", "redis_url", "public_url", "secret_keys"):
        monkeypatch.setenv(name.upper(), getattr(settings, name))

    def run(*words: str) -> str:
        monkeypatch.setattr(sys, "argv", ["postcall", *words])
        root = logging.getLogger()
        before, configured = (root.handlers[:], root.level), structlog.get_config()
        try:
            with pytest.raises(SystemExit) as ended:
                main()
        finally:
            # a command may send the log to its own stderr, which ends with the test
            root.handlers[:] = before[0]
            root.setLevel(before[1])
            structlog.configure(**configured)
        said = capsys.readouterr()
        return said.out + said.err + (str(ended.value.code) if ended.value.code else "")

    return run


@pytest.fixture
def acme(command: Command) -> str:
    said = command("accounts", "create", "acme", "--brand", "Acme", "--timezone", "Europe/London")
    assert "Account acme made" in said
    return "acme"


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def take(command: Command, acme: str, place: Path) -> Callable[..., str]:
    """Import that content from a file of that name; what is said, with the exit status at the end."""

    def run(content: str | bytes, *words: str, kind: str = "calls", name: str = "old.csv") -> str:
        data = content if isinstance(content, bytes) else content.encode()
        (place / name).write_bytes(data)
        return command("import", kind, name, "--account", acme, *words)

    return run


@pytest.fixture
def known(committing: sessionmaker[Session]) -> Callable[[], list[str]]:
    def ids() -> list[str]:
        with committing() as session:
            return list(session.scalars(select(Call.call_id).order_by(Call.call_id)))

    return ids
