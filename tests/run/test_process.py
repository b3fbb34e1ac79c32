"""Children end with us, and take their own children with them."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from app.run import launch, process
from app.run.process import Command, Process, StartFailed, until

Start = Callable[[str], Process]


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "child.log"


@pytest.fixture
def start(log: Path) -> Start:
    """Start a line of Python as a child."""
    return lambda code: process.start(Command([sys.executable, "-c", code], {}), name="child", log=log)


def says(log: Path, text: str) -> bool:
    return log.exists() and text in log.read_text()


def exists(pid: int) -> bool:
    try:
        return "Z" not in Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False


def test_a_child_tells_its_exit_code(start: Start) -> None:
    child = start("raise SystemExit(3)")
    assert until(lambda: child.ended() is not None, 10)
    assert child.ended() == 3


def test_grandchildren_end_with_the_child(start: Start, log: Path) -> None:
    child = start(
        "import subprocess, sys; p = subprocess.Popen(['/bin/sleep', '600']); print(p.pid, flush=True); sys.exit(1)"
    )
    assert until(lambda: child.ended() is not None, 10)
    assert until(lambda: not exists(int(log.read_text())), 10)


def test_who_ignores_a_polite_signal_is_killed_in_time(start: Start, log: Path) -> None:
    child = start(
        "import signal; signal.signal(15, signal.SIG_IGN); print('deaf', flush=True); signal.pause()"
    )
    assert until(lambda: says(log, "deaf"), 10)
    child.stop(signal.SIGTERM, 0.1)
    assert child.ended() == -signal.SIGKILL


def test_a_child_starts_with_signals_and_files_as_a_shell_would_give_them(start: Start, log: Path) -> None:
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
    try:
        child = start(
            "import os, signal; print(os.listdir('/proc/self/fd')[:-1], signal.pthread_sigmask(0, []), end='')"
        )
    finally:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})
    assert until(lambda: child.ended() is not None, 10)
    assert log.read_text() == "['0', '1', '2'] set()"


def test_an_orphan_does_not_start(tmp_path: Path) -> None:
    trace = tmp_path / "trace"
    someone_else = "1"
    ended = subprocess.run(
        [sys.executable, launch.__file__, someone_else, "15", "-", "/bin/touch", str(trace)], check=False
    )
    assert ended.returncode == 1
    assert not trace.exists()


def test_a_run_gives_back_its_output(log: Path) -> None:
    command = Command([sys.executable, "-c", "import os; print(os.environ)"], {"ONLY": "this"})
    output = process.run(command, name="child", log=log, seconds=10)
    assert "ONLY" in output
    assert "HOME" not in output


def test_a_run_that_fails_shows_the_end_of_its_log(log: Path) -> None:
    command = Command([sys.executable, "-c", "raise SystemExit('no such thing')"], {})
    with pytest.raises(StartFailed, match=r"(?s)The child failed .exit code 1.*no such thing"):
        process.run(command, name="child", log=log, seconds=10)


def test_a_run_that_lasts_is_ended(log: Path) -> None:
    command = Command([sys.executable, "-c", "import signal; signal.pause()"], {})
    with pytest.raises(StartFailed, match=r"did not end within 0\.2 s"):
        process.run(command, name="child", log=log, seconds=0.2)


def test_memory_is_what_the_process_itself_holds(start: Start, log: Path) -> None:
    child = start("import signal; held = b'x' * 80_000_000; print('held', flush=True); signal.pause()")
    assert until(lambda: says(log, "held"), 10)
    assert 80_000_000 < child.resident_bytes() < 200_000_000
    child.kill()
    assert child.resident_bytes() == 0


def test_a_long_log_is_shown_from_a_whole_line(log: Path) -> None:
    log.write_text("".join(f"line {number}\n" for number in range(1000)))
    lines = process.tail(log).splitlines()
    assert lines[-1] == "  line 999"
    assert all(line.startswith("  line ") for line in lines[1:])
    assert os.path.getsize(log) > len("\n".join(lines))  # noqa: PTH202
