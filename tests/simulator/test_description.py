"""The carrier against Twilio's published API description, where that file lies beside the project."""

import json
import re
from datetime import UTC
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

import pytest

from tests.simulator.voice import CALLS, Telephone
from tests.simulator.world import ACCOUNT_SID, NUMBER, PHONE, World, eventually

DESCRIPTION = Path(__file__).parents[3] / "shared/data/twilio_api_v2010.json"
COLLECTION = "/2010-04-01/Accounts/{AccountSid}/Messages.json"
CALL_COLLECTION = "/2010-04-01/Accounts/{AccountSid}/Calls.json"

pytestmark = pytest.mark.skipif(not DESCRIPTION.exists(), reason="Twilio's API description is not here")


@pytest.fixture(scope="module")
def description() -> dict[str, Any]:
    content: dict[str, Any] = json.loads(DESCRIPTION.read_text())
    return content


@pytest.fixture(scope="module")
def schemas(description: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = description["components"]["schemas"]
    return found


def assert_fits(
    message: dict[str, Any], schemas: dict[str, Any], resource: str = "api.v2010.account.message"
) -> None:
    """Names, types, patterns, enums and date formats of Twilio's Message resource, or of another."""
    properties = schemas[resource]["properties"]
    assert message.keys() == properties.keys()
    kinds = {"string": str, "integer": int, "object": dict, "boolean": bool}
    for name, value in message.items():
        schema = properties[name]
        if "$ref" in schema:
            schema = schemas[schema["$ref"].rsplit("/", 1)[1]]
            assert value in schema["enum"], name
        if value is None:
            assert schema["nullable"], name
            continue
        assert isinstance(value, kinds[schema["type"]]), name
        if "pattern" in schema:
            assert re.fullmatch(schema["pattern"], str(value)), name
        if schema.get("format") == "date-time-rfc-2822":
            assert parsedate_to_datetime(str(value)).tzinfo is UTC


def test_created_fetched_and_listed_messages_are_twilios_resource(
    world: World, schemas: dict[str, Any]
) -> None:
    world.fault(delivery_codes={PHONE: 30003})
    created = world.send()
    assert_fits(created, schemas)
    by_service = world.create(To=PHONE, MessagingServiceSid="MG" + "0b" * 16, Body="x").json()
    assert_fits(by_service, schemas)
    world.text("5")
    eventually(lambda: {entry["status"] for entry in world.ledger()} == {"undelivered"})
    listed = world.listing().json()
    assert len(listed["messages"]) == 3
    for message in listed["messages"]:
        assert_fits(message, schemas)


def test_the_account_and_its_numbers_are_twilios_resources(
    world: World, schemas: dict[str, Any], description: dict[str, Any]
) -> None:
    path = f"/2010-04-01/Accounts/{ACCOUNT_SID}"
    account = json.loads(world.twilio.request("GET", f"{world.url}{path}.json").text)
    assert_fits(account, schemas, "api.v2010.account")
    numbers = f"{path}/IncomingPhoneNumbers.json"
    page = json.loads(world.twilio.request("GET", world.url + numbers, params={"PhoneNumber": NUMBER}).text)
    get = description["paths"]["/2010-04-01/Accounts/{AccountSid}/IncomingPhoneNumbers.json"]["get"]
    assert (
        page.keys() == get["responses"]["200"]["content"]["application/json"]["schema"]["properties"].keys()
    )
    (number,) = page["incoming_phone_numbers"]
    assert_fits(number, schemas, "api.v2010.account.incoming_phone_number")
    assert number["phone_number"] == NUMBER
    for refused in (f"{path}.json", numbers):
        assert world.request("GET", refused).status == 401


def test_a_list_has_twilios_paging_fields(world: World, description: dict[str, Any]) -> None:
    for _ in range(3):
        world.send()
    get = description["paths"][COLLECTION]["get"]
    described = get["responses"]["200"]["content"]["application/json"]["schema"]["properties"]
    page = world.listing(PageSize="2", To=PHONE).json()
    assert page.keys() == described.keys()
    assert (page["start"], page["end"], page["page"], page["page_size"]) == (0, 1, 0, 2)
    assert page["uri"].startswith(
        f"/2010-04-01/Accounts/{ACCOUNT_SID}/Messages.json?To=%2B447700900123&PageSize=2"
    )
    following = json.loads(world.twilio.request("GET", world.url + page["next_page_uri"]).text)
    assert (following["start"], following["end"], following["page"]) == (2, 2, 1)
    assert following["next_page_uri"] is None


def test_every_required_parameter_is_required_here(world: World, description: dict[str, Any]) -> None:
    post = description["paths"][COLLECTION]["post"]
    form = post["requestBody"]["content"]["application/x-www-form-urlencoded"]["schema"]
    complete = {
        "To": PHONE,
        "From": NUMBER,
        "Body": "x",
        "ValidityPeriod": "600",
        "StatusCallback": "http://x/",
    }
    assert complete.keys() <= form["properties"].keys()
    assert world.create(**complete).status == 201
    for name in form["required"]:
        response = world.create(**{key: value for key, value in complete.items() if key != name})
        assert response.status == 400
        assert response.json().keys() == {"code", "message", "more_info", "status"}


def test_the_filters_are_twilios(description: dict[str, Any]) -> None:
    get = description["paths"][COLLECTION]["get"]
    described = {parameter["name"] for parameter in get["parameters"]}
    assert {"To", "From", "DateSent", "DateSent<", "DateSent>", "PageSize", "Page", "PageToken"} <= described


def test_calls_and_recordings_are_twilios_resources(telephone: Telephone, schemas: dict[str, Any]) -> None:
    created = telephone.create().json()
    assert_fits(created, schemas, "api.v2010.account.call")
    telephone.document("<Hangup/>", "/hooks/recorded")
    call = telephone.talk('<Record action="/hooks/recorded"/>', MachineDetection="Enable")
    telephone.do(call["sid"], "speak", text="Thanks")
    for listed in telephone.fetch(f"{CALLS}.json").json()["calls"]:
        assert_fits(listed, schemas, "api.v2010.account.call")
    (action,) = telephone.asked("/hooks/recorded")
    path = action.fields["RecordingUrl"].removeprefix(telephone.world.url)
    assert_fits(telephone.fetch(f"{path}.json").json(), schemas, "api.v2010.account.recording")


def test_a_list_of_calls_has_twilios_paging_fields(telephone: Telephone, description: dict[str, Any]) -> None:
    get = description["paths"][CALL_COLLECTION]["get"]
    described = get["responses"]["200"]["content"]["application/json"]["schema"]["properties"]
    assert telephone.fetch(f"{CALLS}.json").json().keys() == described.keys()
    filters = {parameter["name"] for parameter in get["parameters"]}
    assert {
        "To",
        "From",
        "Status",
        "StartTime",
        "StartTime<",
        "StartTime>",
        "EndTime",
        "PageToken",
    } <= filters


def test_every_required_parameter_of_a_call_is_required_here(
    telephone: Telephone, description: dict[str, Any], schemas: dict[str, Any]
) -> None:
    post = description["paths"][CALL_COLLECTION]["post"]
    form = post["requestBody"]["content"]["application/x-www-form-urlencoded"]["schema"]
    complete = {
        "Timeout": "20",
        "TimeLimit": "600",
        "MachineDetection": "Enable",
        "StatusCallback": "http://x/",
    }
    assert complete.keys() | {"StatusCallbackEvent", "Url", "Twiml"} <= form["properties"].keys()
    assert telephone.create(events=tuple(schemas["call_enum_event"]["enum"]), **complete).status == 201
    for name in form["required"]:
        assert telephone.create(**{name: None}).status == 400
