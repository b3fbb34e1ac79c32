"""How far the import of a file has come, kept beside it: after any end, the same command goes on from there."""

import fcntl
import hashlib
import json
import os
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

import click

_HEAD = 64 * 1024


@dataclass
class Counts:
    taken: int = 0
    known: int = 0
    refused: int = 0
    asked: int = 0  # lines that say that the other system asked

    @property
    def lines(self) -> int:
        return self.taken + self.known + self.refused


@dataclass
class Progress:
    """`about`: what is imported for whom; `identity`: of the file. `line` and `end`: what is done of it."""

    about: dict[str, Any]
    identity: dict[str, Any]
    line: int = 0
    end: int = 0
    refusals: str = ""  # the report's name
    refusals_end: int = 0
    counts: Counts = field(default_factory=Counts)


class Mark:
    """The file FILE.progress."""

    def __init__(self, path: Path) -> None:
        self.path = path.with_name(path.name + ".progress")

    def read(self, about: dict[str, Any], identity: dict[str, Any]) -> Progress | None:
        """None where nothing was begun. Raises ClickException where it speaks of another file or import."""
        try:
            kept = json.loads(self.path.read_bytes())
            found = Progress(**{**kept, "counts": Counts(**kept["counts"])})
        except FileNotFoundError:
            return None
        except (ValueError, TypeError, KeyError) as error:
            raise click.ClickException(f"{self.path} can't be read: {self._way_out()}") from error
        if found.identity != identity:
            raise click.ClickException(
                f"{self.path} is of another file, or this one was changed: {self._way_out()}"
            )
        if found.about != about:
            raise click.ClickException(
                f"{self.path} is of another import ({_said(found.about)}): {self._way_out()}"
            )
        return found

    def write(self, progress: Progress) -> None:
        """All of it or nothing: a crash of the machine must not leave half a file."""
        beside = self.path.with_name(self.path.name + ".new")
        beside.touch(mode=0o600)
        with beside.open("w") as file:
            json.dump(asdict(progress), file)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(self.path)

    def remove(self) -> None:
        self.path.unlink(missing_ok=True)

    @staticmethod
    def _way_out() -> str:
        return "delete it to import the file from its beginning; what was taken already stays as it is."


def _said(about: dict[str, Any]) -> str:
    return ", ".join(f"{name} {value}" for name, value in about.items() if value is not None)


def identity_of(file: BinaryIO) -> dict[str, Any]:
    """Its size and the hash of its first 64 KB; the file is at its beginning then."""
    head = file.read(_HEAD)
    file.seek(0)
    return {"size": os.fstat(file.fileno()).st_size, "head": hashlib.sha256(head).hexdigest()}


def hold(file: BinaryIO) -> None:
    """Ours alone until it is closed. Raises ClickException while another import reads it."""
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise click.ClickException("Another import of this file is running.") from error


class Refusals:
    """The report of refused lines, made with the first of them; it holds customers' data, as the file does."""

    def __init__(self, path: Path, end: int, header: bytes) -> None:
        self.path = path
        self._header = header
        self._file: BinaryIO | None = None
        # gone: somebody has dealt with what it said
        if end and path.exists():
            self._file = path.open("r+b")
            self._file.seek(end)
            self._file.truncate()

    @property
    def end(self) -> int:
        return self._file.tell() if self._file else 0

    def add(self, line: bytes) -> None:
        if self._file is None:
            self.path.touch(mode=0o600)
            self._file = self.path.open("wb")
            self._file.write(self._header)
        self._file.write(line)

    def flush(self) -> None:
        if self._file:
            self._file.flush()
            os.fsync(self._file.fileno())

    def close(self) -> None:
        if self._file:
            self._file.close()


def free_name(path: Path, suffix: str) -> Path:
    """FILE.refused.csv, or the next number: a report that somebody may be mending is not overwritten."""
    names = [f"{path.name}.refused{number}.{suffix}" for number in ("", *(f"-{n}" for n in range(2, 1000)))]
    return next(found for name in names if not (found := path.with_name(name)).exists())
