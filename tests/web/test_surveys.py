"""Surveys are read and changed; what would not work is refused."""

from dataclasses import fields
from typing import Any

import pytest

from app.domain.questionnaire import Survey
from app.web.api.schemas.surveys import SurveyDefinitionSchema
from tests.web.conftest import Api


def definition(api: Api, key: str = "default") -> dict[str, Any]:
    survey = api("GET", f"/v1/surveys/{key}").json
    assert survey is not None
    found: dict[str, Any] = survey["definition"]
    return found


def test_every_setting_of_a_survey_can_be_sent() -> None:
    assert set(SurveyDefinitionSchema().fields) == {field.name for field in fields(Survey)} - {
        "key",
        "version",
    }


def test_what_is_left_out_takes_its_default_in_a_new_survey_and_stays_in_one_that_is_there(api: Api) -> None:
    made = api("PUT", "/v1/surveys/other", {"link": True}).json
    assert made is not None
    assert made["definition"] == {**Survey("other", 1).definition(), "link": True}
    changed = api("PUT", "/v1/surveys/other", {"delay_seconds": 60}).json
    assert changed is not None
    assert changed["definition"] == {**made["definition"], "delay_seconds": 60}
    assert api("PUT", "/v1/surveys/other", {}).json == changed


def test_the_same_definition_changes_nothing(api: Api) -> None:
    response = api("PUT", "/v1/surveys/default", definition(api))
    assert response.status_code == 200
    assert response.json is not None
    assert response.json["version"] == 1


def test_a_change_is_a_new_version(api: Api) -> None:
    response = api("PUT", "/v1/surveys/default", {**definition(api), "probability": 0.5})
    assert response.json is not None
    assert response.json["version"] == 2
    assert definition(api)["probability"] == 0.5


def test_a_new_survey_is_made_by_putting_it(api: Api) -> None:
    assert api("GET", "/v1/surveys/after-sales").status_code == 404
    response = api("PUT", "/v1/surveys/after-sales", {"order_sms": ["nps"]})
    assert response.status_code == 200
    assert definition(api, "after-sales")["order_sms"] == ["nps"]


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"order_sms": []}, "#/order_sms"),
        ({"order_sms": ["csat", "csat"]}, "#/order_sms"),
        ({"order_sms": ["comment", "csat"]}, "#/order_sms"),
        ({"order_sms": ["csat", "comment", "nps"]}, "#/order_sms"),
        ({"order_sms": ["smile"]}, "#/order_sms/0"),
        ({"order_page": ["reason"]}, "#/order_page"),
        ({"order_ivr": ["fcr", "fcr"]}, "#/order_ivr"),
        ({"order_page": ["nps", "reason", "csat"]}, "#/only_if/reason/csat"),
        ({"only_if": {"nps": {"csat": [6]}}}, "#/only_if/nps/csat"),
        ({"channels": []}, "#/channels"),
        ({"channels": [{"channel": "ivr"}]}, "#/channels"),
        ({"channels": [{"channel": "pigeon"}]}, "#/channels/0/channel"),
        ({"channels": [{"channel": "sms"}, {"channel": "sms"}]}, "#/channels/1"),
        (
            {"channels": [{"channel": "sms"}, {"channel": "email", "delay_seconds": 80_000}]},
            "#/channels/1/delay_seconds",
        ),
        ({"order_sms": "csat"}, "#/order_sms"),
        ({"probability": 0.05}, "#/probability"),
        ({"probability": 1.01}, "#/probability"),
        ({"most_per_customer": 0}, "#/most_per_customer"),
        ({"most_per_customer": 21}, "#/most_per_customer"),
        ({"most_per_customer_days": None}, "#/most_per_customer_days"),
        ({"most_per_agent_day": 0}, "#/most_per_agent_day"),
        ({"most_per_day": "many"}, "#/most_per_day"),
        ({"probability": "1"}, "#/probability"),
        ({"probability": True}, "#/probability"),
        ({"delay_seconds": -1}, "#/delay_seconds"),
        ({"delay_seconds": 3600, "send_within_seconds": 3600}, "#/delay_seconds"),
        ({"send_hours": "night"}, "#/send_hours"),
        ({"active": None}, "#/active"),
        ({"cooldown": 5}, "#/cooldown"),
        ({"version": 7}, "#/version"),
    ],
    ids=str,
)
def test_a_setting_that_would_not_work_is_named(api: Api, changes: dict[str, Any], pointer: str) -> None:
    response = api("PUT", "/v1/surveys/default", changes)
    assert response.status_code == 422
    assert response.json is not None
    assert {error["pointer"] for error in response.json["errors"]} == {pointer}


@pytest.mark.parametrize("key", ["Default", "%00", "a" * 51, "a b", "1st", "a%2Fb"])
def test_a_key_of_another_form_is_no_survey(api: Api, key: str) -> None:
    assert api("PUT", f"/v1/surveys/{key}", {}).status_code == 404


def test_surveys_are_an_accounts_own(api: Api) -> None:
    api("PUT", "/v1/surveys/mine", {})
    stranger = api.headers(account_id=api.account("second"))
    assert api("GET", "/v1/surveys/mine", headers=stranger).status_code == 404


def test_reading_takes_less_than_changing(api: Api) -> None:
    headers = api.headers("calls:read")
    assert api("GET", "/v1/surveys/default", headers=headers).status_code == 200
    assert api("PUT", "/v1/surveys/default", {}, headers=headers).status_code == 403
