"""The suppression and consent lists over HTTP: one by one, as files, and what is proved."""

from typing import Any

import pytest
from sqlalchemy import text
from werkzeug.test import TestResponse

from app.web.api.contact_files import MOST_LINES
from tests.web.conftest import PHONE, Api

LISTS = ["suppressions", "consents"]
ADD = {"suppressions": "/v1/suppressions", "consents": "/v1/consents/withdraw"}
REASON = {"suppressions": "suppressed", "consents": "no_consent"}


def answer(response: TestResponse, status: int = 200) -> Any:
    assert response.status_code == status, response.text
    return response.json


def skipped(api: Api, **customer: Any) -> str | None:
    body = answer(api("POST", "/v1/calls", api.call_end(customer={"phone": PHONE, **customer})), 202)
    reason: str | None = body.get("skipped", {}).get("reason")
    return reason


def items(api: Api, listing: str) -> list[dict[str, Any]]:
    listed: list[dict[str, Any]] = answer(api("GET", f"/v1/{listing}"))["items"]
    return listed


def send(api: Api, listing: str, body: str | bytes, query: str = "", **options: Any) -> TestResponse:
    options.setdefault("content_type", "text/csv")
    return api("POST", f"/v1/{listing}/import{query}", data=body, **options)


@pytest.mark.parametrize("listing", LISTS)
def test_from_the_answer_on_nobody_is_asked_and_the_open_survey_has_ended(api: Api, listing: str) -> None:
    assert skipped(api) is None
    assert answer(api("POST", ADD[listing], {"phone": PHONE})) == {
        "changed": 1,
        "unchanged": 0,
        "surveys_ended": 1,
    }
    assert answer(api("POST", ADD[listing], {"phone": PHONE}))["changed"] == 0
    assert skipped(api) == REASON[listing]
    (entry,) = items(api, listing)
    assert (entry["phone"], entry["email"], entry["ref"]) == (PHONE, None, None)


def test_who_is_taken_off_the_list_is_asked_again(api: Api) -> None:
    answer(api("POST", "/v1/suppressions", {"ref": "C-1", "reason": "asked by letter"}))
    assert skipped(api, ref="C-1") == "suppressed"
    (entry,) = items(api, "suppressions")
    assert (entry["ref"], entry["reason"], entry["phone"]) == ("C-1", "asked by letter", None)
    answer(api("POST", "/v1/suppressions/remove", {"ref": "C-1"}))
    assert items(api, "suppressions") == []
    assert skipped(api, ref="C-1") is None


def test_a_consent_is_given_withdrawn_and_given_again(api: Api) -> None:
    definition = answer(api("GET", "/v1/surveys/default"))["definition"]
    answer(api("PUT", "/v1/surveys/default", {**definition, "consent": "required"}))
    assert skipped(api) == "no_consent"
    words = {"phone": PHONE, "at": "2026-03-02T09:30:00-05:00", "where": "sign-up", "words": "You may."}
    answer(api("POST", "/v1/consents", words))
    (entry,) = items(api, "consents")
    assert (entry["status"], entry["given_at"]) == ("given", "2026-03-02T14:30:00+00:00")
    assert (entry["where"], entry["words"]) == ("sign-up", "You may.")
    answer(api("POST", "/v1/consents/withdraw", {"phone": PHONE}))
    assert [one["status"] for one in items(api, "consents")] == ["withdrawn"]
    # the consent of before comes once more, with its own time
    assert answer(api("POST", "/v1/consents", words))["changed"] == 0
    assert skipped(api) == "no_consent"
    assert answer(api("POST", "/v1/consents", {"phone": PHONE}))["changed"] == 1
    assert skipped(api) is None


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"phone": PHONE, "ref": "C-1"},
        {"phone": "12"},
        {"phone": "+448456001234"},
        {"email": "nobody"},
        {"ref": "unknown"},
        {"phone": PHONE, "reason": "x" * 201},
        {"phone": PHONE, "by": "ref"},
    ],
)
@pytest.mark.parametrize("path", ["/v1/suppressions", "/v1/suppressions/remove", "/v1/customers/lift"])
def test_one_person_is_named_or_nothing_is_changed(api: Api, path: str, body: dict[str, Any]) -> None:
    assert api("POST", path, body).status_code == 422


@pytest.mark.parametrize("listing", LISTS)
def test_a_file_is_tried_taken_and_its_wrong_lines_are_told(api: Api, listing: str) -> None:
    body = f"phone;email;ref\n{PHONE};;\n;pat@example.com;\n12;;\n;;\n;;C-1\n"
    tried = answer(send(api, listing, body, "?dry_run=true"))
    assert (tried["lines"], tried["refused"], tried["changed"]) == (4, 1, 3)
    assert tried["problems"] == [{"line": 4, "problem": "phone is a number such as +447700900123"}]
    assert items(api, listing) == []
    assert answer(send(api, listing, body)) == tried
    assert answer(send(api, listing, body))["changed"] == 0
    assert len(items(api, listing)) == 3


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ("", 422),
        ("phone,telephone\n", 422),
        ("phone\n" + '"' + "x\n" * 9, 422),
        (b"phone\n\xff\n", 422),
        ("phone\n" + "1\n" * (MOST_LINES + 1), 422),
        ("phone\n" + "1" * (1024 * 1024), 413),
    ],
)
def test_a_file_that_is_none_or_too_large_changes_nothing(api: Api, body: str | bytes, status: int) -> None:
    assert send(api, "suppressions", body).status_code == status
    assert send(api, "suppressions", "phone\n", content_type="application/json").status_code == 415
    assert items(api, "suppressions") == []


@pytest.mark.parametrize("listing", LISTS)
def test_what_is_exported_is_a_file_without_formulas_that_is_taken_back(api: Api, listing: str) -> None:
    send(api, listing, f"phone,email,ref\n{PHONE},,\n,=cmd@example.com,\n,,@C-1\n")
    exported = api("GET", f"/v1/{listing}", headers={**api.headers(), "Accept": "text/csv"})
    assert (exported.status_code, exported.mimetype) == (200, "text/csv")
    assert "Accept" in exported.headers["Vary"]
    assert f"'{PHONE}," in exported.text
    assert "'=cmd@example.com" in exported.text
    assert "'@C-1" in exported.text
    assert answer(send(api, listing, exported.text))["refused"] == 0


@pytest.mark.parametrize("listing", LISTS)
def test_a_long_list_is_read_by_pages(api: Api, listing: str) -> None:
    send(api, listing, "phone\n" + "".join(f"+4477009{number:05}\n" for number in range(7)))
    seen, cursor = [], ""
    while True:
        page = answer(api("GET", f"/v1/{listing}?limit=3{cursor}"))
        seen += [one["phone"] for one in page["items"]]
        if page["next_cursor"] is None:
            break
        cursor = f"&cursor={page['next_cursor']}"
    assert len(seen) == len(set(seen)) == 7


def test_each_takes_its_scope_and_reaches_no_other_account(api: Api) -> None:
    other = api.headers(account_id=api.account("second"))
    for path in ("/v1/suppressions", "/v1/consents/withdraw"):
        answer(api("POST", path, {"phone": PHONE}, headers=other))
        for scope in ("lists:read", "customers:write", "calls:write"):
            assert api("POST", path, {"phone": PHONE}, headers=api.headers(scope)).status_code == 403
    for listing in LISTS:
        assert items(api, listing) == []
        assert api("GET", f"/v1/{listing}", headers=api.headers("lists:write")).status_code == 403
    assert skipped(api) is None
    assert answer(api("POST", "/v1/suppressions/remove", {"phone": PHONE})) == {
        "changed": 0,
        "unchanged": 1,
        "surveys_ended": 0,
    }
    assert answer(api("POST", "/v1/customers/proof", {"phone": PHONE}))["contacts"][0]["changes"] == []


def test_the_proof_tells_when_how_by_whom_and_in_which_words_and_the_audit_no_number(api: Api) -> None:
    answer(api("POST", "/v1/suppressions", {"phone": PHONE, "reason": "asked by letter"}))
    answer(api("POST", "/v1/consents", {"phone": PHONE, "words": "You may."}))
    (contact,) = answer(api("POST", "/v1/customers/proof", {"phone": PHONE}))["contacts"]
    told = [(one["what"], one["how"], one["words"], one["detail"]) for one in contact["changes"]]
    assert told == [
        ("suppressed", "api", None, {"reason": "asked by letter"}),
        ("consented", "api", "You may.", {}),
    ]
    assert all(one["actor"].startswith("key pc_") and one["at"] for one in contact["changes"])
    (held,) = answer(api("POST", "/v1/customers/export", {"phone": PHONE}))["contacts"]
    assert held["changes"] == contact["changes"]
    # what changes nothing is not told of
    assert answer(api("POST", "/v1/customers/lift", {"phone": PHONE}))["changed"] == 0
    actions = [one["action"] for one in answer(api("GET", "/v1/audit"))["items"]]
    assert actions == [
        "customer.exported",
        "customer.proof_read",
        "consents.given",
        "suppressions.added",
    ]
    with api.sessions() as session:
        kept = session.scalar(text("select string_agg(audit::text, ' ') from audit"))
        sealed = session.scalar(text("select string_agg(contact_change::text, ' ') from contact_change"))
    assert PHONE not in kept
    assert "You may." not in sealed


def test_who_is_forgotten_leaves_the_proof_of_a_no_and_no_word(api: Api) -> None:
    answer(api("POST", "/v1/consents/withdraw", {"phone": PHONE, "words": "Pat says no", "where": "desk 4"}))
    answer(api("POST", "/v1/suppressions", {"phone": PHONE, "reason": "Pat wrote"}))
    answer(api("POST", "/v1/customers/forget", {"phone": PHONE, "opt_out": True}))
    (contact,) = answer(api("POST", "/v1/customers/proof", {"phone": PHONE}))["contacts"]
    assert contact["address"] is None
    told = [(one["what"], one["words"], one["detail"]) for one in contact["changes"]]
    assert told == [("consent_withdrawn", None, {}), ("suppressed", None, {}), ("opted_out", None, {})]
    assert skipped(api) == "opted_out"
    (entry,) = items(api, "suppressions")
    assert (entry["phone"], entry["reason"]) == (None, None)
    exported = api("GET", "/v1/suppressions", headers={**api.headers(), "Accept": "text/csv"})
    assert exported.text.strip() == "phone,email,ref,reason,since"
