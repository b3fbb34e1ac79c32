import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.story.running import System, running_system


@pytest.fixture(scope="session")
def system() -> Iterator[System]:
    folder = Path(tempfile.mkdtemp(prefix="postcall-story-"))
    folder.chmod(0o711)
    with running_system(folder / "var") as system:
        yield system
    shutil.rmtree(folder)
