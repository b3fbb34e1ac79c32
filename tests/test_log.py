"""A line of log is never lost, whatever is in it and however often logging is set up."""

import json
import subprocess
import sys

SCRIPT = """
from structlog.testing import capture_logs
from app.log import configure_logging, get_logger

log = get_logger("kept")
configure_logging("INFO")
log.info("first", odd="\\ud800", large=2**70, number="call +44 7700 900123", what=object)
configure_logging("INFO")
with capture_logs() as seen:
    log.info("second")
assert [line["event"] for line in seen] == ["second"]
"""


def test_a_line_is_written_whatever_is_in_it_and_seen_by_whoever_listens() -> None:
    run = subprocess.run(
        [sys.executable, "-c", SCRIPT], check=False, capture_output=True, text=True, timeout=60
    )
    assert run.returncode == 0, run.stderr
    (line,) = map(json.loads, run.stderr.splitlines())
    assert (line["event"], line["logger"], line["level"]) == ("first", "kept", "info")
    assert line["large"] == 2**70
    assert line["number"] == "call [number]"
