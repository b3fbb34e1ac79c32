"""Rounds: variants measured in turn, so that whatever else the machine does meets them all alike.

A rate alone says little on a machine that others use too. What is kept of each benchmark is a ratio: a variant
against its ceiling within the same round, the median over the rounds, and the CPU time that each item took.
"""

import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from math import ceil
from pathlib import Path
from statistics import median

_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Measured:
    """What one variant did in one round.

    `cpu`: seconds of processor time by part ("web", "database"). `latencies`: seconds, one for each item, or none.
    """

    items: int
    seconds: float
    cpu: Mapping[str, float] = field(default_factory=dict)
    latencies: Sequence[float] = ()

    @property
    def rate(self) -> float:
        """Items per second."""
        return self.items / self.seconds


Rounds = Sequence[Measured]


def interleave(
    variants: Mapping[str, Callable[[], Measured]], rounds: int, *, warm_up: bool = True
) -> dict[str, list[Measured]]:
    """Measure every variant once in each round: A B C, then C B A, so that a drift favours none.

    `warm_up`: a round before the first, which is thrown away (connections, caches, prepared statements).
    """
    found: dict[str, list[Measured]] = {name: [] for name in variants}
    order = list(variants)
    if warm_up:
        for name in order:
            variants[name]()
    for number in range(rounds):
        for name in order if number % 2 == 0 else reversed(order):
            found[name].append(variants[name]())
            sys.stderr.write(f"  round {number + 1}/{rounds}  {name}  {found[name][-1].rate:,.0f}/s\n")
    return found


def ratio(variant: Rounds, ceiling: Rounds) -> float:
    """The median over the rounds of variant / ceiling, each pair from the same round."""
    return median(one.rate / most.rate for one, most in zip(variant, ceiling, strict=True))


def median_rate(rounds: Rounds) -> float:
    return median(measured.rate for measured in rounds)


def spread(rounds: Rounds) -> float:
    """How far the rounds lie apart: (highest - lowest) / median."""
    rates = [measured.rate for measured in rounds]
    return (max(rates) - min(rates)) / median(rates)


def cpu_per_item(rounds: Rounds) -> dict[str, float]:
    """Milliseconds of processor time per item and part, the median over the rounds."""
    parts = dict.fromkeys(part for measured in rounds for part in measured.cpu)
    return {
        part: median(1000 * measured.cpu.get(part, 0.0) / max(measured.items, 1) for measured in rounds)
        for part in parts
    }


def percentile(values: Sequence[float], share: float) -> float:
    """The value that `share` of `values` do not exceed (nearest rank)."""
    ranked = sorted(values)
    return ranked[max(0, ceil(share * len(ranked)) - 1)]


def cpu_seconds(pid: int) -> float:
    """Processor time so far (user and system) of a process, its living descendants, and the dead that they reaped.

    By parent, since PostgreSQL gives each of its processes a group of its own. Counted in ticks of 10 ms.
    """
    children: dict[int, list[int]] = {}
    spent: dict[int, int] = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            with suppress(FileNotFoundError, ProcessLookupError):
                # the name in parentheses may hold anything, spaces included
                fields = (folder / "stat").read_text().rpartition(")")[2].split()
                children.setdefault(int(fields[1]), []).append(int(folder.name))
                spent[int(folder.name)] = sum(map(int, fields[11:15]))
    total, waiting = 0, [pid]
    while waiting:
        each = waiting.pop()
        total += spent.get(each, 0)
        waiting += children.get(each, [])
    return total / _TICKS


@contextmanager
def counting_cpu(pids: Mapping[str, int]) -> Iterator[dict[str, float]]:
    """Processor time by part of what happens in the block; the dictionary is filled at its end."""
    before = {part: cpu_seconds(pid) for part, pid in pids.items()}
    spent: dict[str, float] = {}
    yield spent
    spent.update({part: cpu_seconds(pid) - before[part] for part, pid in pids.items()})


_HEADINGS = ("what", "rate", "±", "ceiling", "ratio", "aim", "CPU ms per item", "p50", "p99")


@dataclass
class Table:
    """One benchmark's figures, as Markdown that can be put into docs/performance.md as it is."""

    title: str
    unit: str = "/s"
    rows: list[tuple[str, ...]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    headings: tuple[str, ...] = _HEADINGS  # others, for a table of rows of one's own making

    def add(
        self,
        what: str,
        rounds: Rounds,
        *,
        ceiling: Rounds | float | None = None,
        aim: float | None = None,
    ) -> None:
        """A line of medians. `ceiling`: the rounds interleaved with these, or a rate that was computed.

        `aim`: the ratio to reach.
        """
        most = reached = None
        if isinstance(ceiling, float):
            most, reached = ceiling, median_rate(rounds) / ceiling
        elif ceiling is not None:
            most, reached = median_rate(ceiling), ratio(rounds, ceiling)
        latencies = [latency for measured in rounds for latency in measured.latencies]
        self.add_row(
            what,
            f"{_number(median_rate(rounds))}{self.unit}",
            f"{spread(rounds) / 2:.0%}",
            "" if most is None else f"{_number(most)}{self.unit}",
            "" if reached is None else f"{reached:.2f}",
            "" if aim is None else f"{aim:.2f}",
            " + ".join(f"{part} {each:.2f}" for part, each in cpu_per_item(rounds).items()),
            *(f"{1000 * percentile(latencies, share):.1f} ms" if latencies else "" for share in (0.5, 0.99)),
        )

    def add_row(self, *cells: str) -> None:
        """A line of one's own making, in the order of the headings; what is left out stays empty."""
        self.rows.append((*cells, *("" for _ in range(len(self.headings) - len(cells)))))

    def note(self, line: str) -> None:
        """A sentence below the table."""
        self.notes.append(line)

    def render(self) -> str:
        used = [number for number in range(len(self.headings)) if any(row[number] for row in self.rows)]
        lines = [[row[number] for number in used] for row in (self.headings, *self.rows)]
        widths = [max(len(line[column]) for line in lines) for column in range(len(used))]
        shown = [
            "| "
            + " | ".join(
                cell.ljust(width) if column == 0 else cell.rjust(width)
                for column, (cell, width) in enumerate(zip(line, widths, strict=True))
            )
            + " |"
            for line in lines
        ]
        rule = "|" + "|".join("-" * (width + 2) for width in widths) + "|"
        return "\n".join(["", f"### {self.title}", "", shown[0], rule, *shown[1:], "", *self.notes, ""])


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"
