"""Who may see what: accounts, keys, tokens and how often somebody may try."""

import re
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select, text

from app.flow.accounts import create_key, revoke_key
from app.flow.asking import SURVEY_KEY
from app.settings import Settings
from app.store.accounts import ApiKey, find_api_key
from app.store.base import keyring
from app.store.messages import Message
from app.web.auth import PUBLIC_ROUTES, unguarded_routes
from tests.web.conftest import Api
from tests.web.document import document_of_nothing, operations
from tests.web.test_tenancy import names  # noqa: F401  # a fixture
from tests.web.test_tenancy import (
    test_every_route_by_id_is_404_to_another_account as test_17_another_accounts_ids_are_not_found,
)

__all__ = ["test_17_another_accounts_ids_are_not_found"]

OPEN_TO_ALL = {
    *("/healthz", "/readyz", "/metrics"),  # kept off the public network by the proxy
    *("/v1/openapi.json", "/docs/", "/docs/<path:filename>", "/static/<path:filename>"),
    *("/s/<token>", "/unsubscribe/<token>"),
}
WRITING = [each for each in operations(document_of_nothing()) if "requestBody" in each.content]


def test_18_every_route_asks_who_is_there_or_is_known_to_be_public(api: Api) -> None:
    # hooks prove themselves by signatures: test_inbound.py asks each of them
    assert {route for route in PUBLIC_ROUTES if not route.startswith("/hooks/")} == OPEN_TO_ALL
    assert unguarded_routes(api.app) == []
    some = {"uuid": str(uuid4()), "default": "default", "key": "default", "string": "x"}
    for rule in api.app.url_map.iter_rules():
        if rule.rule in PUBLIC_ROUTES:
            continue
        with api.app.test_request_context():
            values: Any = {
                name: some["uuid"] if type(converter).__name__ == "UUIDConverter" else "x"
                for name, converter in rule._converters.items()
            }
            built = rule.build(values)
        assert built is not None
        for method in (rule.methods or set()) - {"OPTIONS"}:
            assert api.client.open(built[1], method=method).status_code == 401, (method, rule.rule)


def test_19_a_key_is_256_random_bits_and_only_its_hash_is_kept(api: Api) -> None:
    with api.sessions.begin() as session:
        shown = {
            create_key(session, account_name="first", name=f"k{n}", scopes=["calls:read"]) for n in range(5)
        }
        keyring_of = keyring(session)
        kept = {key.prefix: key for key in session.scalars(select(ApiKey))}
        whole = str(session.execute(text("select array_agg(api_key::text) from api_key")).scalar())
    assert len(shown) == 5
    for key in shown:
        assert len(key.removeprefix("pc_")) * 6 >= 256
        row = kept[key[:11]]
        assert row.key_hash in keyring_of.lookups("api_key", key)
        assert key not in whole
        assert key[11:] not in whole


def test_19_a_revoked_key_and_a_key_without_the_scope_do_nothing(api: Api) -> None:
    with api.sessions.begin() as session:
        key = create_key(session, account_name="first", name="pbx", scopes=["calls:read"])
        assert find_api_key(session, key) is not None
        revoke_key(session, "first", key[:11])
        assert find_api_key(session, key) is None
    assert api("POST", "/v1/calls", api.call_end(), headers=api.headers("calls:read")).status_code == 403


@pytest.mark.parametrize("operation", WRITING, ids=repr)
def test_20_what_is_nobodys_to_set_is_refused_by_name(api: Api, operation: Any) -> None:
    described = operation.content["requestBody"]["content"]
    if "application/json" not in described:
        # a file, whose columns are known ones
        assert api(operation.method, operation.path, {}).status_code == 415
        return
    body: Any = described["application/json"].get("example", {})
    ids = re.findall(r"{(\w+)}", operation.path)
    path = operation.path.format_map({name: str(uuid4()) for name in ids} | {"key": SURVEY_KEY})
    for field in ("account_id", "status", "score", "is_admin", "__class__"):
        if not isinstance(body, dict) or field in body:
            continue
        answer = api(operation.method, path, {**body, field: "x"})
        assert answer.status_code == 422, (operation, field, answer.text)
        assert field in answer.text


def token_and_invitation(api: Api) -> tuple[str, UUID]:
    token = api.invite()
    with api.sessions() as session:
        message = session.scalars(select(Message)).one()
        assert keyring(session).token(message.id) == token
        return token, message.invitation_id


def test_21_a_token_is_128_bits_hashed_at_rest(api: Api) -> None:
    token, _ = token_and_invitation(api)
    assert len(token) == 22
    assert 62**22 >= 2**128
    with api.sessions() as session:
        tables = session.scalars(text("select tablename from pg_tables where schemaname = 'public'")).all()
        for table in tables:
            rows = session.execute(text(f'select t::text from "{table}" t')).scalars()  # noqa: S608
            assert not any(token in row for row in rows), table


def test_21_wrong_and_expired_tokens_look_the_same(api: Api) -> None:
    token, invitation_id = token_and_invitation(api)
    assert api.client.get(f"/s/{token}").status_code == 200
    with api.sessions.begin() as session:
        session.execute(
            text(
                "update invitation set edit_until = clock_now(), close_at = null, state = 'finished' where id = :id"
            ),
            {"id": invitation_id},
        )
    expired, wrong = api.client.get(f"/s/{token}"), api.client.get(f"/s/{token[::-1]}")
    assert (expired.status_code, expired.data) == (wrong.status_code, wrong.data)
    assert expired.status_code == 404


def test_22_limits_are_those_that_are_written_down(settings: Settings) -> None:
    """What they do, with Valkey and without, is tried in test_limits_of_strangers.py and tests/test_limits.py."""
    assert settings.api_requests_per_minute == 30_000
    assert settings.failed_requests_per_minute == 60
    assert settings.texts_per_minute == 20
