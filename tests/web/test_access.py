"""One log line a request, to be found by its id, with nothing in it that is nobody's business."""

import json
import os
import subprocess
import sys

SCRIPT = """
from app.web.application import create_app
from app.log import configure_logging
from app.settings import load_settings

settings = load_settings()
configure_logging(settings.log_level)
client = create_app(settings).test_client()
client.get("/healthz?secret=query", headers={"X-Request-Id": "trace-0123456789"})
client.get("/s/the-customers-token")
client.post("/v1/calls", json={"phone": "+447700900123"})
client.open("/../etc", method="BREW")
"""


def test_a_line_names_the_request_and_keeps_secrets() -> None:
    run = subprocess.run(
        [sys.executable, "-c", SCRIPT],
        env={
            **os.environ,
            "DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none",
            "REDIS_URL": "redis://127.0.0.1:1/0",
            "PUBLIC_URL": "http://calls.example",
            "SECRET_KEYS": "tests:" + "A" * 43 + "=",
        },
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    lines = [json.loads(line) for line in run.stderr.splitlines()]
    requests = [line for line in lines if line["event"] == "request"]
    assert [(line["method"], line["route"], line["status"]) for line in requests] == [
        ("GET", "/healthz", 200),
        ("GET", "/s/<token>", 503),
        ("POST", "/v1/calls", 401),
        ("BREW", "unmatched", 404),
    ]
    assert requests[0]["request_id"] == "trace-0123456789"
    assert len({line["request_id"] for line in requests}) == 4
    assert all(line["milliseconds"] >= 0 for line in requests)
    for secret in ("secret", "the-customers-token", "7700900123"):
        assert secret not in run.stderr
