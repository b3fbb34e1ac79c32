"""Reports that wait to be delivered: a file each, on disk before anything else is done with them."""

import fcntl
import itertools
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from app.errors import ConfigurationError

_SUFFIX = ".json"


class Spool:
    """A folder of its owner alone: the files hold telephone numbers.

    `refused/` keeps what the service would not take. Files are named by the time that they were kept at, which
    is their order.
    """

    def __init__(self, folder: Path) -> None:
        """Raises ConfigurationError where the folder can't be made or written."""
        self._folder = folder
        self._refused = folder / "refused"
        self._count = itertools.count()
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._refused.mkdir(mode=0o700, exist_ok=True)
            for half_written in folder.glob("*.part"):
                half_written.unlink()
        except OSError as error:
            raise ConfigurationError(f"the spool {folder} can't be written: {error}") from error

    @contextmanager
    def held(self) -> Iterator[None]:
        """Two bridges on one folder would deliver side by side. Raises ConfigurationError."""
        with (self._folder / "lock").open("w") as lock:
            _lock(lock, self._folder)
            yield

    def keep(self, body: bytes) -> None:
        """When this returns the report survives whatever happens to us. Raises OSError."""
        name = f"{time.time_ns():020d}-{next(self._count):06d}"
        part = self._folder / f"{name}.part"
        try:
            with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                file.write(body)
                file.flush()
                os.fsync(file.fileno())
            part.rename(self._folder / f"{name}{_SUFFIX}")
            _sync(self._folder)
        except OSError:
            with suppress(OSError):
                part.unlink()
            raise

    def waiting(self) -> list[Path]:
        """The oldest first."""
        return sorted(self._folder.glob(f"*{_SUFFIX}"))

    def refused(self) -> int:
        return sum(1 for _ in self._refused.glob(f"*{_SUFFIX}"))

    def oldest_seconds(self) -> float:
        """For how long the oldest has been waiting; 0 where none is."""
        oldest = next(iter(self.waiting()), None)
        return max(0.0, time.time() - int(oldest.name.partition("-")[0]) / 1e9) if oldest else 0.0

    def done(self, report: Path) -> None:
        report.unlink(missing_ok=True)

    def set_aside(self, report: Path) -> Path:
        """To be looked at by a person, who may move it back."""
        return report.rename(self._refused / report.name)

    @property
    def marks(self) -> Path:
        """Where what has to be known after a restart is kept."""
        return self._folder


def _lock(lock: IO[str], folder: Path) -> None:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        raise ConfigurationError(f"another bridge works with the spool {folder}") from error


def _sync(folder: Path) -> None:
    # without it the name may be lost with the power, though the content is there
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
