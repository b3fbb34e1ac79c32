"""Forgetting by the API: who may, how a person is named, and what is told of it."""

from typing import Any

import pytest
from sqlalchemy import text

from app.web.api.schemas.customers import HeldSchema
from tests.settling import settle
from tests.web.conftest import PHONE, Api

CUSTOMER = {"phone": PHONE, "ref": "C-1", "name": "Pat"}


def test_a_person_is_forgotten_once_and_asking_again_is_no_error(api: Api) -> None:
    call = api("POST", "/v1/calls", api.call_end(customer=CUSTOMER)).json
    assert call is not None
    first = api("POST", "/v1/customers/forget", {"ref": "C-1"})
    assert first.status_code == 200
    assert first.json == {
        "contacts": 1,
        "calls": 1,
        "surveys_ended": 1,
        "messages_cancelled": 1,
        "answers_emptied": 0,
        "recordings": 0,
        "complete": True,
    }
    again = api("POST", "/v1/customers/forget", {"ref": "C-1"}).json
    assert again == dict.fromkeys(first.json, 0) | {"complete": True}
    seen = api("GET", f"/v1/calls/{call['call']['id']}").json
    assert seen is not None
    assert (seen["customer"]["ref"], seen["customer"]["name"]) == (None, None)


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"ref": "C-1", "phone": PHONE},
        {"phone": "12"},
        {"phone": "anonymous"},
        {"ref": ""},
        {"name": "Pat"},
    ],
)
def test_one_person_is_named_or_nobody_is_forgotten(api: Api, body: dict[str, Any]) -> None:
    assert api("POST", "/v1/customers/forget", body).status_code == 422


def test_it_takes_a_scope_of_its_own_and_reaches_no_other_account(api: Api) -> None:
    api("POST", "/v1/calls", api.call_end(customer=CUSTOMER))
    other = api.headers(account_id=api.account("second"))
    assert api("POST", "/v1/customers/forget", {"ref": "C-1"}, headers=other).json["calls"] == 0  # type: ignore[index]
    for scope in ("customers:read", "calls:write", "messages:write"):
        answer = api("POST", "/v1/customers/forget", {"ref": "C-1"}, headers=api.headers(scope))
        assert answer.status_code == 403


def test_the_audit_tells_who_did_it_and_not_to_whom(api: Api) -> None:
    api("POST", "/v1/calls", api.call_end(customer=CUSTOMER))
    api("POST", "/v1/customers/forget", {"phone": PHONE})
    (entry,) = api("GET", "/v1/audit").json["items"]  # type: ignore[index]
    assert (entry["action"], entry["detail"]["by"], entry["detail"]["calls"]) == (
        "customer.forgotten",
        "phone",
        1,
    )
    with api.sessions() as session:
        assert PHONE not in session.scalar(text("select string_agg(audit::text, ' ') from audit"))


def test_all_that_is_held_is_exported_and_after_forgetting_nothing(api: Api) -> None:
    token = api.invite(customer=CUSTOMER, attributes={"order": "O-5"})
    answered = api.client.post(f"/s/{token}", data={"csat": "2", "comment": "my cat is ill"})
    assert answered.status_code in (200, 303)
    held = api("POST", "/v1/customers/export", {"phone": PHONE}).json
    assert held is not None
    assert HeldSchema().validate(held) == {}
    (contact, person), (call,) = held["contacts"], held["calls"]
    assert (contact["address"], contact["customer_ref"]) == (PHONE, "C-1")
    # the person over all addresses: known by the hash of their ref alone
    assert (person["kind"], person["address"], person["customer_ref"]) == ("customer", None, None)
    assert person["recent_asks"] == contact["recent_asks"] == [person["last_asked_at"]]
    assert (call["customer"]["name"], call["attributes"]) == ("Pat", {"order": "O-5"})
    told = {one["question"]: (one["value"], one["words"]) for one in call["survey"]["answers"]}
    assert told == {"csat": (2, "2"), "comment": (None, "my cat is ill")}
    assert call["survey"]["messages"][0]["purpose"] == "ask"

    api("POST", "/v1/customers/forget", {"phone": PHONE})
    for named in ({"phone": PHONE}, {"ref": "C-1"}):
        after = api("POST", "/v1/customers/export", named).json
        assert after is not None
        assert [one["address"] for one in after["contacts"]] in ([], [None])
        assert after["calls"] == []


def test_an_export_takes_its_scope_is_audited_and_reaches_no_other_account(api: Api) -> None:
    api("POST", "/v1/calls", api.call_end(customer=CUSTOMER))
    other = api.headers(account_id=api.account("second"))
    assert api("POST", "/v1/customers/export", {"ref": "C-1"}, headers=other).json["calls"] == []  # type: ignore[index]
    refused = api("POST", "/v1/customers/export", {"ref": "C-1"}, headers=api.headers("customers:write"))
    assert refused.status_code == 403
    api("POST", "/v1/customers/export", {"ref": "C-1"})
    (entry,) = api("GET", "/v1/audit?action=customer.exported").json["items"]  # type: ignore[index]
    assert entry["detail"] == {"by": "ref", "contacts": 2, "calls": 1}


def test_who_keeps_a_copy_of_the_responses_reads_it_again_without_words(committing_api: Api) -> None:
    api = committing_api
    token = api.invite(customer=CUSTOMER)
    api.client.post(f"/s/{token}", data={"csat": "2", "comment": "my cat is ill"})
    settle(api.sessions)
    first = api("GET", "/v1/responses").json
    assert first is not None
    api("POST", "/v1/customers/forget", {"ref": "C-1"})
    settle(api.sessions)
    again = api("GET", f"/v1/responses?cursor={first['cursor']}").json
    assert again is not None
    (before,), (after,) = first["items"], again["items"]
    assert before["id"] == after["id"]
    assert (before["call"]["customer_ref"], before["verbatims"]) == ("C-1", {"comment": "my cat is ill"})
    assert (after["call"]["customer_ref"], any(after["verbatims"].values())) == (None, False)
    assert after["answers"] == before["answers"]


@pytest.mark.parametrize(
    "who", ["ref:C-1", "%2B447700900123", "phone:+447700900123", "pat%40example.com", "email:pat@example.com"]
)
def test_a_person_is_forgotten_by_an_address_too(api: Api, who: str) -> None:
    api("POST", "/v1/calls", api.call_end(customer=CUSTOMER | {"email": "pat@example.com"}))
    forgotten = api("DELETE", f"/v1/customers/{who}")
    assert (forgotten.status_code, forgotten.json["calls"]) == (200, 1)  # type: ignore[index]
    again = api("POST", "/v1/customers/forget", {"ref": "C-1"}).json
    assert again == dict.fromkeys(again, 0) | {"complete": True}  # type: ignore[arg-type]
    actions = [entry["action"] for entry in api("GET", "/v1/audit").json["items"]]  # type: ignore[index]
    assert actions == ["customer.forgotten", "customer.forgotten"]


def test_forgetting_by_an_address_takes_the_same_scope_and_a_no(api: Api) -> None:
    assert api("DELETE", f"/v1/customers/{PHONE}", headers=api.headers("customers:read")).status_code == 403
    api("POST", "/v1/calls", api.call_end(customer=CUSTOMER))
    stranger = api.headers(account_id=api.account("second"))
    assert api("DELETE", "/v1/customers/ref:C-1", headers=stranger).json["calls"] == 0  # type: ignore[index]
    assert api("DELETE", f"/v1/customers/{PHONE}?opt_out=true").status_code == 200
    skipped = api("POST", "/v1/calls", api.call_end()).json
    assert skipped["skipped"]["reason"] == "opted_out"  # type: ignore[index]


@pytest.mark.parametrize("who", ["C-1", "forget", "ref:", "+12", "phone:", "ref:%20"])
def test_an_address_that_names_nobody_forgets_nobody(api: Api, who: str) -> None:
    assert api("DELETE", f"/v1/customers/{who}").status_code == 422


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("DELETE", "/v1/customers/ref:Pat-Smith"),
        ("DELETE", "/v1/customers/pat.smith@example.com"),
        ("DELETE", "/v1/customers/Pat-Smith"),
        ("GET", "/v1/customers/ref:Pat-Smith"),
        ("DELETE", "/v1/nowhere/pat.smith@example.com"),
    ],
)
def test_who_is_in_an_address_is_in_no_log_and_no_answer(
    api: Api, method: str, path: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Ours: proxies on the way keep their own."""
    answer = api(method, path)
    said = capsys.readouterr()
    for told in (answer.text, str(answer.headers), said.out + said.err):
        assert "smith" not in told.casefold()
    assert "request" in said.out + said.err
