"""`python -m bench [accept|answer|deliver|page|quota|results|all]`: run benchmarks and print their tables.

A benchmark is a module of this package with one function, `measure(site, scale)`, which gives its tables one by
one.
"""

import argparse
import importlib
import os
import platform
import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType
from typing import NoReturn

from app.log import configure_logging
from bench.place import Site, open_site
from bench.rounds import Table
from bench.scale import Scale

BENCHMARKS = ("accept", "answer", "deliver", "page", "quota", "results")

Measure = Callable[[Site, Scale], Iterator[Table]]


def find(name: str) -> Measure:
    measure: Measure = importlib.import_module(f"bench.{name}").measure
    return measure


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m bench", description="Ratios against ceilings, as Markdown."
    )
    parser.add_argument("which", nargs="*", default=["all"], help=f"{', '.join(BENCHMARKS)} or all")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--quick", action="store_true", help="tiny counts: does it run?")
    parser.add_argument("--home", type=Path, help="keep the servers' data here for another time")
    parser.add_argument(
        "--answers",
        default="100000",
        type=_sizes,
        help="results: how many, as 100000,10000000 (14 GB and a quarter of an hour to fill: use --home)",
    )
    given = parser.parse_args(arguments)
    chosen = BENCHMARKS if given.which == ["all"] else tuple(given.which)
    if unknown := set(chosen) - set(BENCHMARKS):
        parser.error(f"no such benchmark: {', '.join(sorted(unknown))}")
    signal.signal(signal.SIGTERM, _stop)
    # the flows that fill a database would speak between the tables
    configure_logging("WARNING")
    scale = Scale(1 if given.quick else given.rounds, given.quick, given.answers)
    _say(
        f"{os.cpu_count()} CPUs, {platform.machine()}, Python {platform.python_version()}, {scale.rounds} rounds"
    )
    with open_site(given.home) as site:
        for name in chosen:
            for table in find(name)(site, scale):
                _say(table.render())
    return 0


def _sizes(text: str) -> tuple[int, ...]:
    return tuple(sorted(int(part) for part in text.split(",")))


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def _stop(_number: int, _frame: FrameType | None) -> NoReturn:
    sys.exit(1)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
