"""Clocks that jump, differ or have gone on during an outage."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import text

from bench.place import Site
from tests.faults.conftest import Figures
from tests.faults.system import OTHERS, SENDING, System, a_system
from tests.faults.trial import Trial, open_trial
from tests.flow import test_send_windows
from tests.house import House


@pytest.mark.parametrize(
    ("day", "clock", "due"),
    [
        (date(2035, 3, 24), "23:30", "Sun 09:00"),
        (date(2035, 10, 27), "23:30", "Sun 09:00"),
        (date(2036, 2, 28), "21:00", "Fri 09:00"),
        (date(2035, 3, 5), "03:00", "Mon 09:00"),
    ],
    ids=["clocks go forward", "clocks go back", "29 February", "night"],
)
def test_43_dst_29_feb_and_quiet_hours(judged_house: House, day: date, clock: str, due: str) -> None:
    test_send_windows.test_one_text_goes_out_at_a_lawful_hour_whatever_the_clocks_do(
        judged_house, day, clock, due
    )


@pytest.mark.long
@pytest.mark.parametrize("minutes", [10, -10])
def test_44_clock_10_min_off_between_hosts(system: System, trial: Trial, minutes: int) -> None:
    wrong = ("tests.faults.wrong_clock", str(minutes * 60))
    system.start(SENDING, beside="wrong clock", wrapped=wrong)
    system.trap("claimed", "stop")  # whichever of the two comes first is held past its lease
    phones = trial.hang_up(40)
    held = system.wait(lambda: next((one for one in (SENDING, "wrong clock") if system.stopped(one)), None))
    trial.settle()
    system.go_on(held)
    assert trial.nothing_but_one_text_each(phones)
    # alone, the one whose clock is wrong sends as well
    system.stop(SENDING)
    phones += trial.hang_up(5)
    trial.settle(hurry=False)
    assert trial.nothing_but_one_text_each(phones)


@pytest.mark.long
def test_47_outage_of_20_h_then_all_comes_back(site: Site, figures: Figures) -> None:
    with a_system(site, "outage") as system:
        trial = open_trial(system)
        for part in (SENDING, OTHERS, "beat"):
            system.kill(part)
        trial.hang_up(20)
        yesterday = [trial.call() for _ in range(20)]
        system.kill("web")
        _set_clock(system, timedelta(hours=20))
        system.heal()
        for call in yesterday:
            assert trial.report_until_taken(call)["skipped"] == {"reason": "too_old"}
        trial.settle()
        assert trial.states() == {"expired": 20}
        assert trial.asked() == {}
        # and life goes on
        now = datetime.now(UTC) + timedelta(hours=20)
        times = {name: (now - timedelta(seconds=90)).isoformat() for name in ("started_at", "answered_at")}
        phones = trial.hang_up(3, ended_at=now.isoformat(), **times)
        trial.settle()
        assert trial.nothing_but_one_text_each(phones)
        verdict = trial.verdict()
        figures.kills += system.kills
        figures.add(verdict)
        assert not verdict.wrong, verdict


def _set_clock(system: System, by: timedelta) -> None:
    """The database's, for every connection from now on."""
    with system.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        name = connection.scalar(text("select current_database()"))
        connection.execute(
            text(f"alter database \"{name}\" set postcall.clock_shift = '{by.total_seconds()} s'")
        )
    system.engine.dispose()
