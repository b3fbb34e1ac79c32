"""How rounds become figures: ratios within a round, medians over rounds, CPU time of whole trees of processes."""

import subprocess
import sys
from collections.abc import Callable

import pytest

from bench.rounds import (
    Measured,
    Table,
    counting_cpu,
    cpu_per_item,
    cpu_seconds,
    interleave,
    median_rate,
    percentile,
    ratio,
    spread,
)


def rounds(*rates: int) -> list[Measured]:
    return [Measured(items=rate, seconds=1.0) for rate in rates]


def test_variants_take_turns_and_the_first_round_is_thrown_away() -> None:
    order: list[str] = []

    def variant(name: str) -> Callable[[], Measured]:
        def measure() -> Measured:
            order.append(name)
            return Measured(len(order), 1.0)

        return measure

    found = interleave({name: variant(name) for name in "abc"}, rounds=3)
    assert "".join(order) == "abc" + "abc" + "cba" + "abc"
    assert {name: [measured.items for measured in each] for name, each in found.items()} == {
        "a": [4, 9, 10],
        "b": [5, 8, 11],
        "c": [6, 7, 12],
    }


def test_a_ratio_compares_within_a_round_and_is_the_median_over_them() -> None:
    # the machine was busy in the second round, which slowed both alike
    assert ratio(rounds(50, 5, 60), rounds(100, 10, 100)) == 0.5


def test_one_odd_round_moves_no_median() -> None:
    assert median_rate(rounds(90, 100, 1000)) == 100
    assert spread(rounds(90, 100, 120)) == pytest.approx(0.3)


def test_cpu_is_counted_per_item_and_part() -> None:
    found = cpu_per_item(
        [Measured(100, 1.0, {"web": 0.1, "database": 0.3}), Measured(100, 1.0, {"web": 0.3, "database": 0.3})]
    )
    assert found == {"web": pytest.approx(2.0), "database": pytest.approx(3.0)}


@pytest.mark.parametrize(("share", "value"), [(0.5, 50), (0.99, 99), (1.0, 100)])
def test_percentiles_are_by_nearest_rank(share: float, value: int) -> None:
    assert percentile(range(100, 0, -1), share) == value


def test_the_cpu_time_of_a_process_holds_that_of_its_children_living_and_dead() -> None:
    burn = "import time\nwhile time.process_time() < 0.2: pass\n"
    tree = f"""
import subprocess, sys
subprocess.run([sys.executable, "-c", {burn!r}])
waiting = {burn!r} + "print('burnt', flush=True); input()"
child = subprocess.Popen([sys.executable, "-c", waiting], stdin=subprocess.PIPE)
child.wait()
"""
    process = subprocess.Popen([sys.executable, "-c", tree], stdout=subprocess.PIPE)
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == b"burnt\n"
        assert cpu_seconds(process.pid) >= 0.36  # of 0.4, in ticks of 10 ms
    finally:
        process.kill()
        process.communicate()


def test_only_what_is_spent_in_the_block_is_counted() -> None:
    with counting_cpu({"none": 2**22 + 1}) as spent:
        assert spent == {}
    assert spent == {"none": 0.0}


def test_a_table_is_markdown_without_its_empty_columns() -> None:
    table = Table("Accepting calls")
    table.add("whole stack", rounds(400, 500, 600), ceiling=rounds(1000, 1000, 1000), aim=0.5)
    table.add("the ceiling", rounds(1000, 1000, 1000))
    table.note("A sentence.")
    assert table.render().split("\n") == [
        "",
        "### Accepting calls",
        "",
        "| what        |    rate |   ± | ceiling | ratio |  aim |",
        "|-------------|---------|-----|---------|-------|------|",
        "| whole stack |   500/s | 20% | 1,000/s |  0.50 | 0.50 |",
        "| the ceiling | 1,000/s |  0% |         |       |      |",
        "",
        "A sentence.",
        "",
    ]


def test_a_ceiling_may_be_a_rate_that_was_computed() -> None:
    table = Table("Sending")
    table.add("drain", rounds(300), ceiling=400.0)
    assert table.rows[0][3:5] == ("400/s", "0.75")
