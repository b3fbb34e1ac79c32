"""Who still runs on a folder: every process of ours has a file open in it, its log at least."""

import os
from pathlib import Path


def processes_on(folder: Path) -> dict[int, str]:
    """pid -> command line of every process with a file open under `folder`."""
    found = {}
    for process in Path("/proc").glob("[0-9]*"):
        try:
            opened = [descriptor.readlink() for descriptor in (process / "fd").iterdir()]
            command = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except (FileNotFoundError, ProcessLookupError, PermissionError):
            continue
        if int(process.name) != os.getpid() and any(path.is_relative_to(folder) for path in opened):
            found[int(process.name)] = command
    return found


def owner_of(pid: int) -> int:
    return Path(f"/proc/{pid}").stat().st_uid
