"""Agents never see with which probability they are asked about, nor figures that give it away."""

from collections.abc import Iterator
from typing import Any

import pytest

from app.flow.roll_up import roll_up
from tests.settling import settle
from tests.web.conftest import Api
from tests.web.test_results import answered, content

# held against the calls that an agent took, which they know, these tell the rate
TELLING = {"probability", "invited", "delivered", "skipped", "rates"}
GROUPS = ("agent", "team", "vendor", "queue")


def names(shown: Any) -> Iterator[str]:
    """Every name in a document, however deep."""
    if isinstance(shown, dict):
        yield from shown
        shown = list(shown.values())
    if isinstance(shown, list):
        for each in shown:
            yield from names(each)


def with_answers(api: Api, **survey: Any) -> Api:
    content(api("PUT", "/v1/surveys/default", survey))
    answered(api, "7", 5, "Quick", "+447700900001")
    answered(api, "7", 2, "Slow", "+447700900002")
    with api.sessions.begin() as session:
        roll_up(session, 1000)
    settle(api.sessions)
    return api


@pytest.fixture
def by_quota(committing_api: Api) -> Api:
    return with_answers(committing_api, quota_per_month=20)


def test_an_agents_own_key_sees_no_rate_anywhere(by_quota: Api) -> None:
    own = by_quota.headers("results:self", "verbatims:read", "calls:read", agent_id="7")
    invitation_id = content(by_quota("GET", "/v1/responses"))["items"][0]["id"]
    paths = [f"/v1/results?bucket=day&group_by={group}" for group in GROUPS]
    paths += ["/v1/responses", "/v1/agents/7/results", "/v1/agents/7/verbatims", "/v1/calls"]
    paths += [f"/v1/invitations/{invitation_id}"]
    for path in paths:
        seen = content(by_quota("GET", path, headers=own))
        assert "probability" not in set(names(seen)), path
        if "results" in path:
            assert not TELLING & set(names(seen)), path
    checks = content(by_quota("GET", f"/v1/invitations/{invitation_id}", headers=own))["decision"]["checks"]
    (draw,) = [check["detail"] for check in checks if check["check"] == "sampled_out"]
    assert "0." not in draw


def test_an_agents_key_opens_no_ledger_whatever_else_it_may(by_quota: Api) -> None:
    own = by_quota.headers("results:self", "results:read", agent_id="7")
    for group in ("agent", "reason", "day"):
        assert by_quota("GET", f"/v1/ledger?group_by={group}", headers=own).status_code == 403
    (row,) = content(by_quota("GET", "/v1/results?group_by=agent", headers=own))["rows"]
    assert not TELLING & set(row)


def test_an_agents_own_scores_are_plain_however_they_are_grouped(by_quota: Api) -> None:
    own = by_quota.headers("results:self", agent_id="7")
    for group in GROUPS:
        (row,) = content(by_quota("GET", f"/v1/results?group_by={group}", headers=own))["rows"]
        assert (row["csat"]["n"], row["csat"]["score"], row["csat"]["weighting"]) == (2, 50.0, "none")


def test_supervisors_and_scorecards_see_all_of_it(by_quota: Api) -> None:
    (row,) = content(by_quota("GET", "/v1/results?group_by=agent"))["rows"]
    assert set(row) >= TELLING - {"probability"}
    assert [item["probability"] for item in content(by_quota("GET", "/v1/responses"))["items"]] == [1.0, 1.0]


def test_what_was_shown_to_somebody_else_is_no_not_modified(by_quota: Api) -> None:
    path = "/v1/agents/7/results"
    tag = by_quota("GET", path, headers=by_quota.headers("results:read")).headers["ETag"]
    own = by_quota.headers("results:self", agent_id="7") | {"If-None-Match": tag}
    assert by_quota("GET", path, headers=own).status_code == 200


def test_with_a_fixed_share_which_nobody_can_foresee_agents_see_what_they_saw(committing_api: Api) -> None:
    api = with_answers(committing_api, probability=1.0)
    own = api.headers("results:self", agent_id="7")
    (row,) = content(api("GET", "/v1/agents/7/results", headers=own))["rows"]
    assert set(row) >= TELLING - {"probability"}
    assert content(api("GET", "/v1/responses", headers=own))["items"][0]["probability"] == 1.0


@pytest.mark.parametrize("wrong", [0, -1, 1001, 2.5, "20", True])
def test_a_quota_is_a_number_of_answers(api: Api, wrong: Any) -> None:
    response = api("PUT", "/v1/surveys/default", {"quota_per_month": wrong})
    assert response.status_code == 422
    assert response.json is not None
    assert response.json["errors"][0]["pointer"] == "#/quota_per_month"


def test_a_quota_is_set_and_taken_away(api: Api) -> None:
    for value in (20, None):
        definition = content(api("PUT", "/v1/surveys/default", {"quota_per_month": value}))["definition"]
        assert definition["quota_per_month"] == value
