"""What comes in: signatures, replays, sizes. Each check by its number in the security list."""

import ast
import re
from pathlib import Path
from urllib.parse import urlencode
from uuid import uuid4

import pytest
from sqlalchemy import func, select

from app.store.calls import Call
from app.store.keyring import Keyring
from app.store.provider_events import ProviderEvent
from app.store.senders import add_sender
from app.web.json import MAX_DEPTH, MAX_VALUES
from tests.security.twilio import DOORS, MESSAGE_SID, PUBLIC_URL, RECEIPT, TEXT, post, signature
from tests.web.conftest import ACCOUNT_SID, MAX_BODY_BYTES, NUMBER, Api

APP = Path(__file__).parent.parent.parent / "app"
# what came in from outside, or what it is compared with
_SECRET = re.compile(r"signature|hmac|digest|\btag\b|token|password|presented", re.IGNORECASE)
# looked up by hash: how long that takes tells nothing of the token; and words that are no secrets
_HARMLESS = {
    "Message.token_hash == hash_token(token)",
    "hash_token(token) == token_hash",
    "token in message.body",
    "before != token",  # what an operator gives beside what was there
}


def count(api: Api, model: type) -> int:
    with api.sessions() as session:
        return session.scalar(select(func.count()).select_from(model)) or 0


BODIES = (
    ("application/x-www-form-urlencoded", urlencode(TEXT).encode()),
    ("application/json", b'{"AccountSid": "AC", "event": "call.ended"}'),
    ("message/rfc822", b"From: a@example.org\r\n\r\nx"),
)


def hooks(api: Api) -> list[str]:
    """Every door that is not ours to knock at, from the routes themselves; names in them are made up."""
    with api.app.test_request_context():
        return [
            rule.build({name: str(uuid4()) for name in rule.arguments})[1]  # type: ignore[index]
            for rule in api.app.url_map.iter_rules()
            if rule.rule.startswith("/hooks/")
        ]


def test_01_no_hook_takes_what_nobody_has_signed(api: Api) -> None:
    """Signatures over the raw bytes, with an id and the time, are tried in test_mail_reports.py and, those of
    calls, in tests/platforms/test_generic.py, by this list's numbers."""
    assert len(hooks(api)) > 10
    for path in hooks(api):
        answers = {
            kind: api.client.post(path, data=body, content_type=kind).status_code for kind, body in BODIES
        }
        # some say first that they speak another language
        assert set(answers.values()) <= {403, 404, 415}, (path, answers)
        assert {403, 404} & set(answers.values()), (path, answers)
    assert count(api, ProviderEvent) == 0


def test_02_a_replay_returns_the_first_result(api: Api) -> None:
    report = api.call_end()
    first, again = (api("POST", "/v1/calls", report) for _ in range(2))
    assert (first.status_code, again.status_code) == (202, 200)
    assert first.json is not None
    assert again.json is not None
    assert again.json["invitation"]["id"] == first.json["invitation"]["id"]
    for path, form in DOORS.items():
        answers = [post(api, path, form) for _ in range(3)]
        assert len({(answer.status_code, answer.data) for answer in answers}) == 1
    assert (count(api, Call), count(api, ProviderEvent)) == (1, 2)


def test_03_two_secrets_verify_during_a_rotation(api: Api) -> None:
    with api.sessions.begin() as session:
        add_sender(
            session,
            api.account_id,
            provider_account=ACCOUNT_SID,
            auth_token="the next token",
            number="+15005550007",
        )
    for path, form in DOORS.items():
        assert post(api, path, form).status_code < 300
        assert post(api, path, form, signed=signature(path, form, "the next token")).status_code < 300
        assert post(api, path, form, signed=signature(path, form, "one before")).status_code == 403


def test_03_what_the_old_key_sealed_and_hashed_is_found_with_the_new_one_in_front(api: Api) -> None:
    old, new = (f"{name}:{name[0] * 43}=" for name in ("ABC", "ECB"))
    before, after = Keyring(old), Keyring(f"{new},{old}")
    assert (
        after.open("contact.value", api.account_id, before.seal("contact.value", api.account_id, "x")) == "x"
    )
    assert before.lookups("a")[0] in after.lookups("a")


def test_04_secrets_are_compared_in_constant_time() -> None:
    careless = {
        ast.unparse(node)
        for path in APP.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Compare)
        and any(isinstance(operator, (ast.Eq, ast.NotEq, ast.In)) for operator in node.ops)
        and any(_SECRET.search(_named(side)) for side in (node.left, *node.comparators))
    }
    assert careless - _HARMLESS == set()


def _named(node: ast.AST) -> str:
    """The names in an expression; what is asked of a name (its length, its table) is not the secret itself."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Call):
        return _named(node.func)
    return node.attr if isinstance(node, ast.Attribute) else ""


@pytest.mark.parametrize("path", DOORS)
@pytest.mark.parametrize(
    "signed", [None, "", "=", "?", "AAAA", "\u00e9", "AAAAAAAAAAAAAAAAAAAAAAAAAAA=", "x" * 5000]
)
def test_05_a_missing_or_broken_signature_is_a_403(api: Api, path: str, signed: str | None) -> None:
    assert post(api, path, DOORS[path], signed=signed).status_code == 403
    assert count(api, ProviderEvent) == 0


def test_06_fields_that_run_into_each_other_are_refused(api: Api) -> None:
    """Names and values are signed without separators: the form below has the signature of a right one."""
    joined = {name: value for name, value in TEXT.items() if name not in ("Body", "From")}
    joined["Body"] = f"5From{TEXT['From']}"
    assert signature("/hooks/twilio/inbound", joined) == signature("/hooks/twilio/inbound", TEXT)
    assert post(api, "/hooks/twilio/inbound", joined).status_code == 422


def test_07_json_is_refused_whatever_its_signature(api: Api) -> None:
    for path, form in DOORS.items():
        for signed in (signature(path, {}), signature(path, form)):
            answer = api.client.post(path, json=form, headers={"X-Twilio-Signature": signed})
            assert answer.status_code == 415
    assert count(api, ProviderEvent) == 0


def test_08_an_older_text_is_not_taken_for_another(api: Api) -> None:
    """Form signatures carry no time: the message's id is what tells a repeat, whatever else was changed."""
    post(api, "/hooks/twilio/inbound", TEXT)
    changed = {**TEXT, "Body": "1"}
    assert (
        post(
            api, "/hooks/twilio/inbound", changed, signed=signature("/hooks/twilio/inbound", TEXT)
        ).status_code
        == 403
    )
    assert post(api, "/hooks/twilio/inbound", changed).status_code == 200
    assert count(api, ProviderEvent) == 1


@pytest.mark.parametrize(
    "header", ["Host", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Forwarded-Port", "Forwarded"]
)
def test_09_the_signed_address_is_the_configured_one(api: Api, header: str) -> None:
    path = "/hooks/twilio/status"
    claimed = {header: "host=attacker.example" if header == "Forwarded" else "attacker.example"}
    assert post(api, path, RECEIPT, headers=claimed).status_code == 204
    theirs = signature(path, RECEIPT, base="http://attacker.example")
    assert post(api, path, RECEIPT, headers=claimed, signed=theirs).status_code == 403


@pytest.mark.parametrize("query", ["a=%20b+c", "a=%2F%2f", "b=1&a=2&b=", "%", "a=%E4%B8%AD", "q=?&&="])
def test_10_the_query_is_kept_as_it_came(api: Api, query: str) -> None:
    assert post(api, f"/hooks/twilio/status?{query}", RECEIPT).status_code == 204


def test_11_large_bodies_are_refused_everywhere(api: Api) -> None:
    huge = {**TEXT, "Body": "x" * MAX_BODY_BYTES}
    assert post(api, "/hooks/twilio/inbound", huge).status_code == 413
    assert api("POST", "/v1/calls", {"call_id": "x" * MAX_BODY_BYTES}).status_code == 413
    token = api.invite()
    assert api.client.post(f"/s/{token}", data={"comment": "x" * MAX_BODY_BYTES}).status_code == 413


@pytest.mark.parametrize(
    "body",
    [
        b'{"tags":' * 30_000,
        b'{"a":' * 2000 + b"1" + b"}" * 2000,
        b'{"a":' * (MAX_DEPTH + 1) + b"1" + b"}" * (MAX_DEPTH + 1),
        b"[" + b"1," * MAX_VALUES + b"1]",
        b'{"talk_seconds": NaN}',
        b'{"talk_seconds": 1e400}',
        b'{"call_id": "\\ud83d"}',
    ],
)
def test_11_deep_wide_and_impossible_json_is_a_400(api: Api, body: bytes) -> None:
    body = body[: MAX_BODY_BYTES - 1]
    answer = api.client.post("/v1/calls", data=body, content_type="application/json", headers=api.headers())
    assert answer.status_code == 400


def test_12_slow_clients_are_tried_on_real_processes() -> None:
    """Not here: a test client can't be slow. tests/overload/test_slow_clients.py is check 12."""
    tried = (APP.parent / "tests/overload/test_slow_clients.py").read_text()
    assert "def test_clients_that_send_slowly_hold_up_nobody" in tried
    assert "def test_clients_that_do_not_read_hold_up_nobody" in tried


def test_the_simulated_requests_are_right_ones(api: Api) -> None:
    assert (PUBLIC_URL, len(MESSAGE_SID), NUMBER) == ("http://survey.example", 34, TEXT["To"])
    assert [post(api, path, form).status_code for path, form in DOORS.items()] == [200, 204]
