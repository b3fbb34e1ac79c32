"""GET /v1/ledger: its shape, its validator, and who may read it."""

from app.web.api.schemas.ledger import LedgerSchema
from tests.web.conftest import Api


def test_it_is_answered_as_documented_and_not_sent_twice(api: Api) -> None:
    api("POST", "/v1/calls", api.call_end())
    for group_by in ("agent", "reason", "day"):
        first = api("GET", f"/v1/ledger?group_by={group_by}")
        assert first.status_code == 200
        assert first.json is not None
        assert LedgerSchema().validate(first.json) == {}
        again = api(
            "GET",
            f"/v1/ledger?group_by={group_by}",
            headers={**api.headers(), "If-None-Match": first.headers["ETag"]},
        )
        assert (again.status_code, again.data) == (304, b"")


def test_each_grouping_has_a_validator_of_its_own(api: Api) -> None:
    tags = {api("GET", f"/v1/ledger?group_by={by}").headers["ETag"] for by in ("agent", "reason", "day")}
    assert len(tags) == 3


def test_an_agents_key_reads_no_ledger(api: Api) -> None:
    headers = api.headers("results:self", agent_id="7")
    assert api("GET", "/v1/ledger?group_by=agent", headers=headers).status_code == 403


def test_a_period_that_ends_before_it_starts_is_refused(api: Api) -> None:
    answer = api("GET", "/v1/ledger?group_by=day&from=2026-03-02&to=2026-03-01")
    assert answer.status_code == 422


def test_the_bucket_of_results_is_none_of_its_parameters(api: Api) -> None:
    assert api("GET", "/v1/ledger?group_by=day&bucket=day").status_code == 422
