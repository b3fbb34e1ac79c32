"""The simulator as a process of its own."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import urllib3

from tests.simulator.world import ACCOUNT_SID, AUTH_TOKEN

ENVIRONMENT = {
    "PATH": os.environ["PATH"],
    "SIMULATOR_PORT": "0",
    "SIMULATOR_SMTP_PORT": "0",
    "TWILIO_ACCOUNT_SID": ACCOUNT_SID,
    "TWILIO_AUTH_TOKEN": AUTH_TOKEN,
}


@contextmanager
def simulator(**changes: str) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, "-m", "simulator"],
        env=ENVIRONMENT | changes,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with process:
        yield process
        process.kill()


def address(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    line = process.stdout.readline()
    assert line.startswith("Simulator ready on http://127.0.0.1:"), line
    return line.split()[3].rstrip(",")


@pytest.mark.parametrize("stop", [signal.SIGTERM, signal.SIGINT])
def test_it_says_when_it_is_ready_and_stops_when_told(stop: signal.Signals) -> None:
    with simulator() as process:
        url = address(process)
        with urllib3.PoolManager(retries=False) as http:
            assert http.request("GET", f"{url}/healthz").status == 200
        process.send_signal(stop)
        output, errors = process.communicate(timeout=5)
        assert (process.returncode, output, errors) == (0, "", "")


def test_it_stops_while_the_service_keeps_it_waiting() -> None:
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        service_url = f"http://127.0.0.1:{deaf.getsockname()[1]}"
        with simulator(SERVICE_URL=service_url) as process, urllib3.PoolManager(retries=False) as http:
            url = address(process)
            with pytest.raises(urllib3.exceptions.TimeoutError):
                http.request("POST", f"{url}/phones/+447700900123/messages", json={"body": "5"}, timeout=0.3)
            process.terminate()
            process.communicate(timeout=5)
            assert process.returncode == 0


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"TWILIO_ACCOUNT_SID": "AC1"}, "TWILIO_ACCOUNT_SID"),
        ({"TWILIO_AUTH_TOKEN": ""}, "TWILIO_AUTH_TOKEN"),
        ({"SIMULATOR_NUMBER": "12"}, "SIMULATOR_NUMBER"),
        ({"SIMULATOR_PORT": "http"}, "SIMULATOR_PORT"),
        ({"SIMULATOR_SMTP_PORT": "65536"}, "SIMULATOR_SMTP_PORT"),
        ({"SIMULATOR_MAIL_REPORTS_SECRET": "whsec_short"}, "SIMULATOR_MAIL_REPORTS_SECRET"),
    ],
)
def test_a_setting_that_cannot_be_is_named(changes: dict[str, str], complaint: str) -> None:
    with simulator(**changes) as process:
        _, errors = process.communicate(timeout=10)
        assert process.returncode == 2
        assert complaint in errors


def test_a_port_that_is_taken_is_a_clear_error() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = str(other.getsockname()[1])
        with simulator(SIMULATOR_PORT=port) as process:
            _, errors = process.communicate(timeout=10)
            assert process.returncode != 0
            assert f"Port {port} is in use" in errors
        with simulator(SIMULATOR_SMTP_PORT=port) as process:
            _, errors = process.communicate(timeout=10)
            assert process.returncode == 2
            assert "Address already in use" in errors
            assert port in errors
