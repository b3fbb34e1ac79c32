"""`make soak MINUTES=2`: calls, replies, receipts and readers while everything but the carrier is killed at random.

    python -m tests.faults.soak MINUTES

Ends with the faults' own oracles. FAULTS_SEED repeats the kills. Exits with 1 when anything is lost or doubled.
"""

import signal
import sys
import time
from types import FrameType
from typing import NoReturn

from tests.faults.havoc import Havoc, seed_of_the_day
from tests.faults.mix import Mix
from tests.faults.system import a_site, a_system
from tests.faults.trial import open_trial

# customers of one round, of whom one in five talks
_SILENT, _TALKING = 160, 40


def soak(minutes: float) -> int:
    started = time.monotonic()
    until = started + minutes * 60
    with a_site() as site, a_system(site) as system:
        trial = open_trial(system, comment_quiet_seconds=1)
        havoc, wrong, rounds = Havoc(system, seed_of_the_day()), [], 0
        while time.monotonic() < until:
            rounds += 1
            with Mix(trial, _SILENT, _TALKING) as mix:
                havoc.rage(until - time.monotonic(), until=mix.done)
                system.heal()
                mix.finish(120)
            wrong += [*mix.wrong, *(f"the answers of {phone} are not kept" for phone in mix.unheard())]
        trial.settle(120)
        verdict = trial.verdict()
        wrong += verdict.wrong
    for line in wrong:
        print(line)  # noqa: T201
    print(  # noqa: T201
        f"soak: {time.monotonic() - started:.0f} s, {rounds} rounds, {verdict.calls} calls,"
        f" {verdict.messages} messages, {system.kills} kills, lost {verdict.lost}, doubled {verdict.doubled},"
        f" in doubt {verdict.in_doubt}"
    )
    return int(bool(wrong))


def _stop(_number: int, _frame: FrameType | None) -> NoReturn:
    raise KeyboardInterrupt


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, _stop)
    sys.exit(soak(float(sys.argv[1])))
