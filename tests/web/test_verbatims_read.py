"""Who was shown customers' words is in the audit: once for each page that had any, and without the words."""

from typing import Any

import pytest

from tests.settling import settle
from tests.web.conftest import Api

WORDS = "my cat is ill"


@pytest.fixture
def answered(committing_api: Api) -> Api:
    api = committing_api
    token = api.invite()
    api.client.post(f"/s/{token}", data={"csat": "2", "comment": WORDS})
    settle(api.sessions)
    return api


def read(api: Api) -> list[dict[str, Any]]:
    listed = api("GET", "/v1/audit?action=verbatims.read")
    assert listed.json is not None
    items: list[dict[str, Any]] = listed.json["items"]
    return items


@pytest.mark.parametrize(
    ("path", "listed", "agent_id"),
    [("/v1/responses", "responses", None), ("/v1/agents/7/verbatims", "verbatims", "7")],
)
def test_a_page_with_words_is_audited(answered: Api, path: str, listed: str, agent_id: str | None) -> None:
    page = answered("GET", path)
    assert WORDS in page.text
    (entry,) = read(answered)
    assert entry["actor"].startswith("key pc_")
    detail = entry["detail"]
    assert (detail["listed"], detail["agent_id"], detail["comments"]) == (listed, agent_id, 1)
    assert page.json is not None
    (item,) = page.json["items"]
    assert detail["first_response_id"] == item.get("response_id", item["id"])
    assert WORDS not in str(detail)


def test_who_sees_scores_alone_or_an_empty_page_is_not(answered: Api) -> None:
    scores = answered("GET", "/v1/responses", headers=answered.headers("results:read"))
    assert scores.json is not None
    assert WORDS not in scores.text
    end = answered("GET", "/v1/responses", headers=answered.headers("results:read")).json
    assert end is not None
    answered("GET", f"/v1/responses?cursor={end['cursor']}")
    assert read(answered) == []


def test_the_audit_of_changes_is_still_found_among_them(answered: Api) -> None:
    for _ in range(3):
        answered("GET", "/v1/agents/7/verbatims")
    answered("POST", "/v1/customers/export", {"ref": "nobody"})
    assert len(read(answered)) == 3
    (change,) = answered("GET", "/v1/audit?action=customer.exported").json["items"]  # type: ignore[index]
    assert change["action"] == "customer.exported"
