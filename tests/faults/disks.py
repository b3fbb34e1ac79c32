"""Disks of some megabytes, for filling them up."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from app.run.place import find_place
from app.run.postgres import start_postgres
from bench.place import Stack
from tests.faults.system import a_folder

_SOURCE = "postcall-tests-"  # with the pid of whoever mounted it


@dataclass(frozen=True)
class SmallDisk:
    path: Path

    @contextmanager
    def full(self) -> Iterator[None]:
        """Not a byte is left on it meanwhile."""
        filler = self.path / "filler"
        try:
            with filler.open("wb", buffering=0) as file:
                size = 1024 * 1024
                while size:
                    try:
                        file.write(b"\0" * size)
                    except OSError:
                        size //= 2
            yield
        finally:
            filler.unlink(missing_ok=True)


@dataclass(frozen=True)
class Disks:
    """PostgreSQL's data in `folder`, a home for the servers, on one disk and its log on another."""

    folder: Path
    data: SmallDisk
    wal: SmallDisk


@contextmanager
def some_disks(*, data: int, wal: int) -> Iterator[Disks]:
    """In megabytes. Skips the test where nothing may be mounted."""
    if os.geteuid() != 0:
        pytest.skip("only root can mount a small disk")
    _unmount_abandoned()
    with a_folder() as folder, ExitStack() as stack:
        folder.chmod(0o711)
        place = find_place(folder)
        assert place.data == folder, "the user nobody reaches temporary folders"
        disks = Disks(
            folder,
            stack.enter_context(_mounted(place.folder("postgres"), data)),
            stack.enter_context(_mounted(folder / "wal", wal)),
        )
        for disk in (disks.data, disks.wal):
            if place.user:
                os.chown(disk.path, place.user.uid, place.user.gid)
        start_postgres(place, password=Stack.credentials.postgres_password).stop()
        inside = disks.data.path / "data" / "pg_wal"
        shutil.copytree(inside, disks.wal.path / "pg_wal")
        for path in (disks.wal.path / "pg_wal").rglob("*"):
            os.chown(path, place.user.uid, place.user.gid)
        os.chown(disks.wal.path / "pg_wal", place.user.uid, place.user.gid)
        shutil.rmtree(inside)
        inside.symlink_to(disks.wal.path / "pg_wal")
        yield disks


@contextmanager
def _mounted(path: Path, megabytes: int) -> Iterator[SmallDisk]:
    path.mkdir(mode=0o700, exist_ok=True)
    options = f"size={megabytes}m,mode=700"
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", options, f"{_SOURCE}{os.getpid()}", str(path)],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        pytest.skip(f"a small disk can't be mounted here: {done.stderr.strip()}")
    try:
        yield SmallDisk(path)
    finally:
        subprocess.run(["umount", "--lazy", str(path)], check=True)


def _unmount_abandoned() -> None:
    """What runs that were killed have left mounted."""
    for line in Path("/proc/self/mounts").read_text().splitlines():
        source, path, *_ = line.split()
        pid = source.removeprefix(_SOURCE)
        if (
            source.startswith(_SOURCE)
            and path.startswith(tempfile.gettempdir())
            and not Path(f"/proc/{pid}").exists()
        ):
            subprocess.run(["umount", "--lazy", path], check=False)
