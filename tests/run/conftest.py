import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.run.place import Place, find_place


@pytest.fixture
def home() -> Iterator[Path]:
    """An empty folder that the user nobody can pass through: pytest's own temporary folders are private."""
    folder = Path(tempfile.mkdtemp(prefix="postcall-run-"))
    folder.chmod(0o711)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def place(home: Path) -> Place:
    return find_place(home)


@pytest.fixture
def as_root() -> None:
    if os.geteuid() != 0:
        pytest.skip("only root runs the servers as another user")
