"""Every route that names a thing by its id is walked: another account's key finds nothing there."""

from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select
from werkzeug.routing import Rule

from app.settings import Settings
from app.store.messages import Message
from app.web.application import create_app, make_services
from tests.web.conftest import Api

# a PUT there makes the caller's own survey, and a person is looked for among the caller's own: neither can reach
# another account's
_OWN = {("PUT", "/v1/surveys/<key:key>"), ("DELETE", "/v1/customers/<person:person>")}
_CHANGES = {
    "/v1/calls/<uuid:call_id>": {"wrap_seconds": 5},
    "/v1/roster/<uuid:entry_id>": {"team": "red"},
    "/v1/connections/<uuid:connection_id>": {"name": "else"},
    "/v1/calls/<uuid:call_id>/answers": {"channel": "ivr", "csat": 5},
    "/v1/invitations/<uuid:invitation_id>/link": {"status": "sent"},
    "/v1/calls/<uuid:call_id>/attribution": {"by_rule": True, "reason": "as it was"},
}


def id_routes(settings: Settings) -> list[tuple[str, Rule]]:
    app = create_app(settings, make_services(settings))
    routes = [
        (method, rule)
        for rule in app.url_map.iter_rules()
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})
        if rule.rule.startswith("/v1/") and rule.arguments and (method, rule.rule) not in _OWN
    ]
    return sorted(routes, key=lambda route: route[0] == "DELETE")  # what deletes comes last


@pytest.fixture
def names(api: Api) -> dict[str, Any]:
    """Things of the first account, by the names that routes give to their ids."""
    received = api("POST", "/v1/calls", api.call_end(agent={"id": "theirs"})).json
    assert received is not None
    assert api("PUT", "/v1/surveys/theirs", {"active": False}).status_code == 200
    entry = api("POST", "/v1/roster", {"platform_agent_id": "1", "agent_id": "x", "from": "2026-01-01"}).json
    assert entry is not None
    connection = api("POST", "/v1/connections", {"platform": "generic", "name": "pbx"}).json
    assert connection is not None
    outage = {"from": "2026-01-01T00:00:00Z", "to": "2026-01-02T00:00:00Z", "reason": "an outage"}
    exclusion = api("POST", "/v1/exclusions", outage).json
    assert exclusion is not None
    number = api("POST", "/v1/numbers", {"number": "+442079460018", "listed_as": "internal"}).json
    assert number is not None
    return {
        "connection_id": connection["id"],
        "exclusion_id": exclusion["id"],
        "number_id": number["id"],
        "entry_id": entry["id"],
        "call_id": received["call"]["id"],
        "invitation_id": received["invitation"]["id"],
        "agent_id": "theirs",
        "key": "theirs",
        "message_id": message_of(api, received["invitation"]["id"]),
    }


def message_of(api: Api, invitation_id: str) -> str:
    """Its first text, which a person may decide about."""
    with api.sessions.begin() as session:
        message = session.scalars(select(Message).where(Message.invitation_id == UUID(invitation_id))).one()
        message.state = "quarantined"
        return str(message.id)


def test_every_route_by_id_is_404_to_another_account(
    api: Api, settings: Settings, names: dict[str, Any]
) -> None:
    stranger = api.headers(account_id=api.account("second"))
    routes = id_routes(settings)
    assert len(routes) >= 6
    for method, rule in routes:
        values = {name: names[name] for name in rule.arguments}
        with api.app.test_request_context():
            built = rule.build(values)
        assert built is not None
        body = _CHANGES.get(rule.rule) if method in ("PATCH", "POST", "PUT") else None
        foreign = api(method, built[1], body, headers=stranger)
        assert foreign.status_code == 404, (method, rule.rule, foreign.text)
        own = api(method, built[1], body)
        assert own.status_code in (200, 204, 409), (method, rule.rule, own.text)
