"""Settings that can't be right, or contradict each other, are named, each by its own line."""

import base64
import dataclasses
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest

from app.checkup.finding import State
from app.checkup.settings import check_settings
from app.settings import CarrierLimits, Settings, load_settings

RANDOM = "nzweonsF2EZEEMx/6bJjDVqIEveunUvgIW/DWXq03jE="
SIMULATOR = "http://127.0.0.1:8080"


def _good() -> Settings:
    given = {
        "DATABASE_URL": "postgresql://app@db/postcall",
        "REDIS_URL": "redis://broker:6379/0",
        "PUBLIC_URL": "https://survey.example",
        "SECRET_KEYS": f"first:{RANDOM}",
    }
    with patch.dict(os.environ, given, clear=True):
        return load_settings()


GOOD = _good()


def changed(**changes: Any) -> Settings:
    limits = {name: changes.pop(name) for name in list(changes) if name in CarrierLimits.__dataclass_fields__}
    capacity = dataclasses.replace(GOOD.capacity, threads=changes.pop("threads", GOOD.capacity.threads))
    carrier = dataclasses.replace(GOOD.carrier, **limits)
    return dataclasses.replace(GOOD, carrier=carrier, capacity=capacity, **changes)


def troubles(settings: Settings, environment: Mapping[str, str] | None = None) -> list[tuple[State, str]]:
    found = check_settings(settings, environment or {})
    return [(one.state, f"{one.check} {one.found}") for one in found if one.state != State.OK]


@pytest.mark.parametrize(
    "settings",
    [
        GOOD,
        changed(
            public_url="http://127.0.0.1:8000",
            twilio_base_url=SIMULATOR,
            secret_keys=f"demonstration:{RANDOM}",
        ),
        changed(public_url="http://localhost:8000", twilio_base_url=SIMULATOR, first_look_seconds=1.0),
        changed(broker_url="amqp://broker"),
        changed(redis_url="rediss://broker:6379/0", broker_url="rediss://broker:6379/0"),
    ],
)
def test_settings_in_order_are_one_line(settings: Settings) -> None:
    assert [one.state for one in check_settings(settings, {})] == [State.OK]


@pytest.mark.parametrize(
    ("settings", "state", "said"),
    [
        (changed(public_url="survey.example"), State.FAILED, "PUBLIC_URL is no address"),
        (changed(public_url="https://[::1"), State.FAILED, "PUBLIC_URL is no address"),
        (changed(public_url="http://survey.example"), State.FAILED, "PUBLIC_URL is not encrypted"),
        (changed(public_url="https://survey.example?a=b"), State.FAILED, "PUBLIC_URL has a query"),
        (
            changed(public_url="https://survey.example/postcall"),
            State.WARNING,
            "PUBLIC_URL has the path /postcall",
        ),
        (changed(public_url="https://me:pw@survey.example"), State.FAILED, "PUBLIC_URL holds a password"),
        (changed(public_url="https://127.0.0.2:8000"), State.FAILED, "PUBLIC_URL is this machine alone"),
        (changed(public_url="http://[::1]:8000"), State.FAILED, "PUBLIC_URL is this machine alone"),
        (changed(twilio_base_url=SIMULATOR), State.WARNING, "the carrier is a simulator: no text reaches"),
        (changed(twilio_base_url="http://api.twilio.com"), State.FAILED, "TWILIO_BASE_URL is not encrypted"),
        (changed(twilio_base_url="api.twilio.com"), State.FAILED, "TWILIO_BASE_URL is no address"),
        (changed(secret_keys=""), State.FAILED, "SECRET_KEYS is empty"),
        (changed(secret_keys="first:%%%"), State.FAILED, "is not base64"),
        (changed(secret_keys="first:c2hvcnQ="), State.FAILED, "32 bytes or more"),
        (changed(secret_keys=f"a:{RANDOM},a:{RANDOM}"), State.FAILED, "two keys have one name"),
        (changed(secret_keys=f"a:{RANDOM},b:{RANDOM}"), State.WARNING, "one secret stands under two names"),
        (changed(secret_keys="a:" + "A" * 43 + "="), State.FAILED, "the key a is not random"),
        (
            changed(secret_keys="a:" + base64.b64encode(bytes(range(32))).decode()),
            State.FAILED,
            "the key a is not random",
        ),
        (changed(secret_keys=f"demonstration:{RANDOM}"), State.FAILED, "the key of a demonstration"),
        (changed(connect_seconds=0.0), State.FAILED, "one is zero or less"),
        (changed(first_look_seconds=-1.0), State.FAILED, "one is zero or less"),
        (changed(lease_margin_seconds=1.0), State.WARNING, "LEASE_MARGIN_SECONDS is 1"),
        (changed(read_seconds=2.0), State.WARNING, "CARRIER_READ_SECONDS is 2"),
        (changed(read_seconds=600.0), State.WARNING, "a claim lasts 620 s"),
        (changed(first_look_seconds=1.0, second_look_seconds=1.0), State.FAILED, "sent again after 2 s"),
        (changed(web_db_pool=0), State.FAILED, "WEB_DB_POOL is 0"),
        (changed(threads=0), State.FAILED, "WEB_THREADS is 0"),
        (changed(threads=3), State.WARNING, "WEB_DB_POOL is 4"),
        (changed(sends_in_flight=0), State.FAILED, "SENDS_IN_FLIGHT is 0"),
        (changed(max_body_bytes=100), State.FAILED, "MAX_BODY_BYTES is 100"),
        (changed(broker_url="broker"), State.FAILED, "BROKER_URL is no address"),
        (changed(redis_url="http://broker"), State.FAILED, "REDIS_URL is no address"),
        (changed(broker_url="redis://other:6379/0"), State.WARNING, "another Redis than REDIS_URL"),
        (changed(log_level="LOUD"), State.FAILED, "LOG_LEVEL 'LOUD' is none"),
    ],
)
def test_a_setting_that_can_not_be_right_is_the_one_line(settings: Settings, state: State, said: str) -> None:
    found = troubles(settings)
    assert [(one[0], said in one[1]) for one in found] == [(state, True)], found


def test_a_folder_for_counters_must_be_there(tmp_path: Path) -> None:
    assert not troubles(GOOD, {"PROMETHEUS_MULTIPROC_DIR": str(tmp_path)})
    ((state, said),) = troubles(GOOD, {"PROMETHEUS_MULTIPROC_DIR": str(tmp_path / "gone")})
    assert (state, "is no folder" in said) == (State.FAILED, True)


def test_no_secret_is_shown() -> None:
    bad = changed(secret_keys="a:" + base64.b64encode(b"the one secret of this house" * 2).decode() + ",b")
    assert "c2Vjcm" not in str(check_settings(bad, {}))
    assert "pw" not in str(check_settings(changed(public_url="https://me:pw@survey.example"), {}))
