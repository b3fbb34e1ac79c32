"""The benchmark runs from end to end; what it measures is not looked at here."""

import os
import subprocess
import sys

from app.run.options import CHECKOUT


def bench(*arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "bench", *arguments],
        env={"PATH": os.environ["PATH"]},
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )


def test_accepting_is_measured_and_printed_as_a_table() -> None:
    done = bench("accept", "--quick")
    assert done.returncode == 0, done.stderr
    assert "### Accepting calls" in done.stdout
    assert "| whole stack " in done.stdout
    assert "Broker messages: " in done.stdout


def test_an_unknown_benchmark_is_refused_before_anything_starts() -> None:
    done = bench("everything")
    assert done.returncode == 2
    assert "no such benchmark: everything" in done.stderr
