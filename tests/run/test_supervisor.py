"""Real children that end, hang and grow."""

import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from app.run import process
from app.run.process import Command, StartFailed, until
from app.run.supervisor import Service, Supervisor

WAIT = "import signal, sys; print('up', flush=True); signal.pause()"


class Watch:
    """A supervisor, what it said, and how often its children came up."""

    def __init__(self, folder: Path) -> None:
        self.said: list[str] = []
        self._folder = folder
        self.supervisor = Supervisor(self.said.append, self.log)

    def log(self, name: str) -> Path:
        return self._folder / f"{name}.log"

    def add(
        self, name: str, code: str, stage: int = 0, stop_seconds: float = 5, memory: int | None = None
    ) -> None:
        command = Command([sys.executable, "-c", code], {})
        self.supervisor.add(
            Service(
                name,
                lambda: process.start(command, name=name, log=self.log(name)),
                stage=stage,
                stop_seconds=stop_seconds,
                memory_bytes=memory,
            )
        )

    def ups(self, name: str) -> int:
        return self.log(name).read_text().count("up")

    def tend_until(self, condition: Callable[[], bool]) -> bool:
        def tended() -> bool:
            self.supervisor.tend()
            return condition()

        return until(tended, 20)

    def kill(self, name: str) -> None:
        child = next(c for c in self.supervisor._children if c.service.name == name)
        assert child.process is not None
        child.process.kill()


@pytest.fixture
def watch(tmp_path: Path) -> Iterator[Watch]:
    watch = Watch(tmp_path)
    yield watch
    watch.supervisor.stop()


def test_a_child_that_is_killed_comes_back_and_is_told_of_in_one_line(watch: Watch) -> None:
    watch.add("worker", WAIT)
    assert watch.tend_until(lambda: watch.ups("worker") == 1)
    watch.kill("worker")
    assert watch.tend_until(lambda: watch.ups("worker") == 2)
    assert watch.said == ["The worker stopped (ended by SIGKILL); starting it again in 0.5 s"]


def test_pauses_grow_while_a_child_keeps_ending(watch: Watch) -> None:
    watch.add("worker", "print('up', flush=True)")
    assert watch.tend_until(lambda: len(watch.said) == 3)
    assert [line.rpartition(" in ")[2] for line in watch.said] == ["0.5 s", "1 s", "2 s"]


def test_a_child_that_does_not_start_is_shown_with_the_end_of_its_log(watch: Watch) -> None:
    watch.add("web", "raise SystemExit('DATABASE_URL is not set')")
    with pytest.raises(StartFailed, match=r"(?s)The web does not start.*DATABASE_URL is not set"):
        watch.supervisor.wait_until_ready({"web": lambda: False}, seconds=20)


def test_a_child_that_is_never_ready_is_named(watch: Watch) -> None:
    watch.add("web", WAIT)
    with pytest.raises(StartFailed, match="The web is not ready after"):
        watch.supervisor.wait_until_ready({"web": lambda: False}, seconds=0.1)


def test_waiting_ends_when_every_check_is_true(watch: Watch) -> None:
    watch.add("web", WAIT)
    watch.supervisor.wait_until_ready({"web": lambda: watch.ups("web") == 1}, seconds=20)


def test_a_child_over_its_memory_is_asked_to_stop_and_comes_back(watch: Watch) -> None:
    growing = "import signal; print('up', flush=True); held = b'x' * 60_000_000; signal.pause()"
    watch.add("worker", growing, memory=50_000_000)
    assert watch.tend_until(lambda: watch.ups("worker") >= 2)
    assert "more than 47: stopping it" in watch.said[0]
    assert watch.said[1].startswith("The worker stopped (ended by SIGTERM)")


def test_later_stages_stop_first(watch: Watch, tmp_path: Path) -> None:
    order = tmp_path / "order"
    code = (
        "import signal, sys\n"
        "def stop(*_):\n"
        f"    open({str(order)!r}, 'a').write('%s ')\n"
        "    sys.exit()\n"
        "signal.signal(signal.SIGTERM, stop)\n"
        "print('up', flush=True)\n"
        "signal.pause()\n"
    )
    for stage, name in enumerate(("postgres", "web", "worker")):
        watch.add(name, code % name, stage=stage)
    assert until(lambda: all(watch.ups(name) for name in ("postgres", "web", "worker")), 20)
    watch.supervisor.stop()
    assert order.read_text() == "worker web postgres "


def test_a_child_that_does_not_stop_is_killed_and_told_of(watch: Watch) -> None:
    watch.add("worker", "import signal; signal.signal(15, signal.SIG_IGN); " + WAIT, stop_seconds=0.1)
    assert until(lambda: watch.ups("worker") == 1, 20)
    watch.supervisor.stop()
    assert watch.said == ["The worker did not stop in 0.1 s and was killed"]


def test_a_log_that_grew_large_is_emptied_and_kept_once(watch: Watch) -> None:
    watch.add("web", WAIT)
    assert until(lambda: watch.ups("web") == 1, 20)
    with watch.log("web").open("ab") as log:
        log.truncate(21 * 1024 * 1024)
    watch.supervisor.tend()
    assert watch.log("web").stat().st_size == 0
    assert watch.log("web").with_suffix(".log.1").stat().st_size == 21 * 1024 * 1024


def test_signals_have_names() -> None:
    assert process.describe(-signal.SIGKILL) == "ended by SIGKILL"
