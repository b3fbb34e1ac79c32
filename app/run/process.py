"""Child processes that never outlive this one, and waiting for them."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from signal import Signals
from typing import IO

from app.errors import PostcallError
from app.run.place import User

_LAUNCH = Path(__file__).with_name("launch.py")
_TAIL_BYTES = 2000
_POLL_SECONDS = 0.02


class StartFailed(PostcallError):
    """A process did not come up; the text carries the end of its log."""


@dataclass(frozen=True)
class Command:
    """`arguments`: an absolute path and what follows. It gets `environment` and nothing else of ours, the open
    descriptors of `keep`, and `death_signal` when we end."""

    arguments: Sequence[str | Path]
    environment: Mapping[str, str]
    death_signal: Signals = signal.SIGTERM
    user: User | None = None
    cwd: Path = Path("/")
    keep: Sequence[int] = ()


@dataclass(frozen=True)
class Process:
    name: str
    log: Path
    popen: subprocess.Popen[bytes]

    @property
    def pid(self) -> int:
        return self.popen.pid

    def ended(self) -> int | None:
        """The exit code (negative: the signal that ended it), or None while it runs."""
        if self.popen.returncode is None:
            if os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None:
                return None
            # its children (a web server's workers) go with it; not reaped yet, so the group is surely still its own
            with suppress(ProcessLookupError):
                os.killpg(self.pid, signal.SIGKILL)
        return self.popen.wait()

    def tell(self, what: Signals) -> None:
        if self.ended() is None:
            self.popen.send_signal(what)

    def kill(self) -> None:
        if self.ended() is None:
            os.killpg(self.pid, signal.SIGKILL)
            self.popen.wait()

    def stop(self, politely: Signals, seconds: float) -> None:
        """Send `politely`; after `seconds` without an end, SIGKILL to the whole group."""
        self.tell(politely)
        if not until(lambda: self.ended() is not None, seconds):
            self.kill()

    def resident_bytes(self) -> int:
        """Memory in use by the process itself; 0 when it is gone."""
        try:
            pages = int(Path(f"/proc/{self.pid}/statm").read_text().split()[1])
        except (FileNotFoundError, ProcessLookupError):
            return 0
        return pages * os.sysconf("SC_PAGE_SIZE")


def start(command: Command, *, name: str, log: Path, stdin: str = "") -> Process:
    """Start `command`, its output appended to `log`. It lasts no longer than the calling **thread**: call from the
    main one."""
    with log.open("ab") as output:
        popen = _popen(command, subprocess.PIPE if stdin else subprocess.DEVNULL, output, output)
    if popen.stdin:
        with popen.stdin as pipe, suppress(BrokenPipeError):
            pipe.write(stdin.encode())
    return Process(name, log, popen)


def run(command: Command, *, name: str, log: Path, seconds: float) -> str:
    """Run `command` to its end and return what it wrote to stdout; raises StartFailed when it fails or lasts."""
    with log.open("ab") as errors:
        popen = _popen(command, subprocess.DEVNULL, subprocess.PIPE, errors)
    try:
        output, _ = popen.communicate(timeout=seconds)
    except BaseException as error:  # we may have been told to stop: it goes first, with its children
        os.killpg(popen.pid, signal.SIGKILL)
        popen.communicate()
        if isinstance(error, subprocess.TimeoutExpired):
            raise StartFailed(f"The {name} did not end within {seconds:g} s\n{tail(log)}") from error
        raise
    if popen.returncode != 0:
        raise StartFailed(f"The {name} failed ({describe(popen.returncode)})\n{tail(log)}")
    return output.decode(errors="replace")


def _popen(
    command: Command, stdin: int, stdout: IO[bytes] | int, stderr: IO[bytes]
) -> subprocess.Popen[bytes]:
    user = command.user
    return subprocess.Popen(
        [
            *(sys.executable, "-I", "-S", str(_LAUNCH)),
            *(str(os.getpid()), str(int(command.death_signal)), f"{user.uid}:{user.gid}" if user else "-"),
            *map(str, command.arguments),
        ],
        env=dict(command.environment),
        cwd=command.cwd,
        stdin=stdin,
        stdout=stdout,
        stderr=stderr,
        pass_fds=command.keep,
        # a group of its own, so that Ctrl-C reaches it through us only
        process_group=0,
    )


def until(condition: Callable[[], bool], seconds: float) -> bool:
    """Whether `condition` came true within `seconds`."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(_POLL_SECONDS)
    return True


def describe(code: int) -> str:
    if code < 0:
        return f"ended by {Signals(-code).name}"
    return f"exit code {code}"


def tail(log: Path) -> str:
    """The end of a log, whole lines, indented to stand apart."""
    with suppress(FileNotFoundError), log.open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(max(0, size - _TAIL_BYTES))
        lines = file.read().decode(errors="replace").splitlines()
        if size > _TAIL_BYTES:
            lines = lines[1:]
        return "\n".join([f"The end of {log}:", *(f"  {line}" for line in lines)])
    return f"{log} is empty."
