from pathlib import Path

import pytest

from app.errors import ConfigurationError
from app.run.options import CHECKOUT, read_options


def test_a_newcomer_sets_nothing() -> None:
    options = read_options({})
    assert (options.port, options.simulator_port, options.smtp_port) == (8000, 8080, 8025)
    assert options.home == CHECKOUT / "var"
    assert options.database_url is None
    assert options.redis_url is None


def test_empty_is_the_same_as_not_set() -> None:
    assert read_options({"PORT": "", "DATABASE_URL": "", "POSTCALL_DATA": ""}) == read_options({})


def test_port_0_takes_a_free_one() -> None:
    assert read_options({"PORT": "0"}).port > 1024


def test_data_may_lie_elsewhere() -> None:
    assert read_options({"POSTCALL_DATA": "/srv/postcall"}).home == Path("/srv/postcall")


@pytest.mark.parametrize("name", ["PORT", "SIMULATOR_PORT", "SIMULATOR_SMTP_PORT", "WORKER_MEMORY_MB"])
@pytest.mark.parametrize("given", ["many", "-1", "1.5", "70000000000", "１２"])
def test_what_can_not_be_used_is_named(name: str, given: str) -> None:
    with pytest.raises(ConfigurationError, match=f"{name} is '{given}'"):
        read_options({name: given})


def test_two_doors_need_two_ports() -> None:
    with pytest.raises(ConfigurationError, match="PORT and SIMULATOR_PORT are both 8080"):
        read_options({"PORT": "8080"})
    with pytest.raises(ConfigurationError, match="SIMULATOR_PORT and SIMULATOR_SMTP_PORT are both 8025"):
        read_options({"SIMULATOR_PORT": "8025"})
