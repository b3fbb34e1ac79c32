"""`make faults`: each row of the fault table, tried on the real system, and what came of it.

    python -m tests.faults [ROW ...]

FAULTS_SEED repeats the random kills of a run. Exits with 1 when anything was lost, doubled or failed.
"""

import os
import signal
import sys
import time
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from types import FrameType
from typing import Any, NoReturn

import pytest

from tests.faults.havoc import seed_of_the_day

ROWS = 47
_FIGURES = ("rows", "kills", "lost", "doubled", "in_doubt")


@dataclass
class Row:
    """One fault, in one test or several."""

    name: str = ""
    figures: dict[str, float] = field(default_factory=lambda: dict.fromkeys((*_FIGURES, "seconds"), 0))
    passed: int = 0
    failed: int = 0
    not_run: str = ""

    @property
    def outcome(self) -> str:
        if self.failed:
            return "FAILED"
        if self.not_run or not self.passed:
            return f"NOT RUN: {self.not_run or 'its test is missing'}"
        return "survived"

    def line(self, number: str) -> str:
        figures = [f"{self.figures[name]:>8.0f}" for name in _FIGURES]
        return (
            f"{number:>3}  {self.name:<44}{''.join(figures)}{self.figures['seconds']:>9.1f}  {self.outcome}"
        )


class Report:
    """A pytest plugin: collects what each row came to."""

    def __init__(self) -> None:
        self.rows: dict[int, Row] = defaultdict(Row)
        self.others = Row("the harness itself")

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        row = self._row(report.nodeid.rpartition("::")[2])
        if report.skipped:
            reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
            row.not_run = reason.removeprefix("Skipped: ")
        row.failed += report.failed
        row.passed += report.when == "call" and report.passed
        if report.when == "teardown":
            self._add(row, dict(report.user_properties).get("figures", {}))

    def _row(self, test: str) -> Row:
        name = test.partition("[")[0].removeprefix("test_")
        number, _, rest = name.partition("_")
        if not number.isdigit():
            return self.others
        row = self.rows[int(number)]
        row.name = row.name or rest.replace("_", " ")
        return row

    def _add(self, row: Row, figures: dict[str, Any]) -> None:
        for name, value in figures.items():
            row.figures[name] += value

    def lines(self, wanted: Iterable[int]) -> list[str]:
        heads = "".join(f"{name.replace('_', ' '):>8}" for name in _FIGURES)
        lines = [f"  #  {'fault':<44}{heads}{'seconds':>9}"]
        lines += [self.rows[number].line(str(number)) for number in wanted]
        if self.others.passed or self.others.failed:
            lines.append(self.others.line(""))
        return [*lines, "", self.last_line(wanted)]

    def last_line(self, wanted: Iterable[int]) -> str:
        rows = [self.rows[number] for number in wanted]
        survived = sum(row.outcome == "survived" for row in rows)
        not_run = sum(row.outcome.startswith("NOT RUN") for row in rows)
        lost, doubled = (int(sum(row.figures[name] for row in rows)) for name in ("lost", "doubled"))
        return f"{len(rows)} faults: {survived} survived, {not_run} not run, lost {lost}, doubled {doubled}"


def main(chosen: list[int]) -> int:
    signal.signal(signal.SIGTERM, _stop)
    # the same in all of xdist's processes, and printed first
    os.environ["FAULTS_SEED"] = str(seed_of_the_day())
    print(f"FAULTS_SEED={os.environ['FAULTS_SEED']}", flush=True)  # noqa: T201
    report, started = Report(), time.monotonic()
    only = ["-k", " or ".join(f"test_{number:02}_" for number in chosen)] if chosen else []
    code = pytest.main(
        ["tests/faults", "-m", "", "-p", "no:randomly", "-p", "no:cacheprovider", *only], [report]
    )
    wanted = chosen or range(1, ROWS + 1)
    print(f"\nin {time.monotonic() - started:.0f} s", *report.lines(wanted), sep="\n")  # noqa: T201
    return int(code != pytest.ExitCode.OK)


def _stop(_number: int, _frame: FrameType | None) -> NoReturn:
    """As with Ctrl-C: fixtures end what they started."""
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main([int(argument) for argument in sys.argv[1:]]))
