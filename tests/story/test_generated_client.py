"""A client that a generator makes of the document works as it is: nobody has to write one by hand."""

import importlib
import json
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest

from tests.story.running import System, eventually, fresh_phone

pytestmark = pytest.mark.xdist_group("story")

PACKAGE = "postcall_client"
# YAML reads JSON; this generator sends a body of a type that it does not know as plain bytes
CONFIG = {
    "post_hooks": [],
    "literal_enums": True,
    "content_type_overrides": {"text/csv": "application/octet-stream"},
}


@pytest.fixture(scope="module")
def package(system: System, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The generated package, importable; it complains about nothing in the document."""
    folder = tmp_path_factory.mktemp("client")
    document = folder / "openapi.json"
    document.write_bytes(system.service("GET", "/v1/openapi.json").data)
    config = folder / "config.yaml"
    config.write_text(json.dumps(CONFIG))
    done = subprocess.run(
        [
            *(
                str(Path(sys.executable).with_name("openapi-python-client")),
                "generate",
                "--path",
                str(document),
            ),
            *("--meta", "none", "--config", str(config), "--output-path", str(folder / PACKAGE)),
            "--fail-on-warning",
        ],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    sys.path.insert(0, str(folder))
    yield PACKAGE
    sys.path.remove(str(folder))
    for name in [name for name in sys.modules if name.split(".")[0] == PACKAGE]:
        del sys.modules[name]


@pytest.fixture
def api(package: str, system: System) -> Iterator[Any]:
    """`api.calls.report_call(...)`: each operation of the generated client, bound to the service and a key."""
    client = importlib.import_module(package).AuthenticatedClient(
        base_url=system.run["base_url"], token=system.run["api_key"]
    )

    class Operations:
        def __init__(self, tag: str) -> None:
            self.tag = tag

        def __getattr__(self, operation: str) -> Any:
            module = importlib.import_module(f"{package}.api.{self.tag}.{operation}")
            return lambda *ids, **given: module.sync_detailed(*ids, client=client, **given)

    with client:
        tags = ("calls", "surveys", "invitations", "results", "responses")
        models = importlib.import_module(f"{package}.models")
        yield SimpleNamespace(models=models, **{tag: Operations(tag) for tag in tags})


def call_end(models: Any, phone: str, **changes: Any) -> Any:
    now = datetime.now(UTC)
    return models.CallEnd(
        **{
            "call_id": f"generated-{uuid4()}",
            "direction": "inbound",
            "customer": models.Customer(phone=phone, language="en"),
            "agent": models.Agent(id="gen", name="Gen"),
            "started_at": now - timedelta(seconds=120),
            "ended_at": now,
            "talk_seconds": 90,
            **changes,
        }
    )


def test_a_generated_client_reports_a_call_and_reads_what_became_of_it(api: Any, system: System) -> None:
    phone, silent = fresh_phone(), fresh_phone()
    report = call_end(api.models, phone)
    received = api.calls.report_call(body=report)
    assert received.status_code == 202
    assert isinstance(received.parsed, api.models.Received)
    assert received.parsed.invitation.status == "scheduled"
    assert api.calls.report_call(body=report).status_code == 200
    skipped = api.calls.report_call(body=call_end(api.models, "138****1234")).parsed
    assert skipped.skipped.reason == "masked_phone"
    api.calls.report_call(body=call_end(api.models, silent))

    call = api.calls.get_call(received.parsed.call.id).parsed
    assert (call.call_id, call.agent.id, call.talk_seconds) == (report.call_id, "gen", 90)
    assert abs(call.ended_at - report.ended_at) < timedelta(seconds=1)
    assert [one.id for one in api.calls.list_calls(call_id=report.call_id).parsed.items] == [call.id]
    amended = api.calls.update_call(
        call.id, body=api.models.Amendment(wrap_seconds=12, tags=["refund"])
    ).parsed
    assert (amended.wrap_seconds, amended.tags) == (12, ["refund"])

    system.wait_for_texts(phone, 1)
    system.reply(phone, "5 5 10")
    own = eventually(lambda: own_responses(api), lambda found: len(found) == 1)
    assert own[0].answers["csat"].value == 5
    invitation = api.invitations.get_invitation(own[0].id).parsed
    assert "answer" in [happening.event for happening in invitation.timeline]
    assert invitation.call.id == call.id

    results = eventually(
        lambda: api.results.get_agent_results("gen").parsed, lambda found: found.rows[0].csat.n == 1
    )
    assert (results.rows[0].calls, results.rows[0].csat.score) == (3, 100)
    assert results.rows[0].csat.evidence == "insufficient"


def own_responses(api: Any) -> list[Any]:
    """The responses of this test's calls, read one a page."""
    found: list[Any] = []
    cursor: dict[str, str] = {}
    while True:
        page = api.responses.list_responses(limit=1, **cursor).parsed
        found += page.items
        if page.next_cursor is None:
            return [one for one in found if one.agent and one.agent.id == "gen"]
        cursor = {"cursor": page.next_cursor}


def test_a_generated_client_gets_its_problems_typed(api: Any) -> None:
    missing = api.calls.get_call(uuid4())
    assert missing.status_code == 404
    assert isinstance(missing.parsed, api.models.Problem)
    assert (missing.parsed.status, missing.parsed.title) == (404, "Not Found")

    now = datetime.now(UTC)
    refused = api.calls.report_call(
        body=call_end(api.models, fresh_phone(), ended_at=now + timedelta(days=1))
    )
    assert refused.status_code == 422
    assert [error.pointer for error in refused.parsed.errors] == ["#/ended_at"]
    assert refused.headers["RateLimit-Policy"] == '"default";q=30000;w=60'


def test_a_generated_client_reads_and_writes_surveys(api: Any) -> None:
    written = api.surveys.put_survey("generated", body=api.models.SurveyDefinition(active=False))
    assert written.status_code == 200
    assert written.parsed.definition.order_sms[0] == "csat"
    keys = [survey.key for survey in api.surveys.list_surveys().parsed.items]
    assert {"default", "generated"} <= set(keys)
