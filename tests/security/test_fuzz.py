"""Webhooks and the survey page with whatever may arrive: never a 5xx, and nothing taken that was not signed."""

from typing import Any
from uuid import UUID

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.security.twilio import DOORS, TEXT, post
from tests.web.conftest import Api
from tests.web.test_gateway_hooks import add as add_gateway
from tests.web.test_gateway_hooks import post as sign_and_post

FEW = settings(
    max_examples=15,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
    deadline=None,
)
# what a form can carry: any text but lone surrogates, which no client can encode
words = st.text(st.characters(exclude_categories=("Cs",)), max_size=60)
odd = st.sampled_from(
    ["", "0", "-1", "AC" + "0" * 32, "SM" + "0" * 32, "+447700900123", "\x00", "٣", "²", "5️⃣", "delivered"]
)
value = st.one_of(words, odd)
known = st.sampled_from(
    [*TEXT, "MessageStatus", "ErrorCode", "NumMedia", "OptOutType", "MessagingServiceSid", "AccountSid"]
)
forms = st.dictionaries(st.one_of(known, words), value, max_size=12)


@FEW
@given(
    path=st.sampled_from(sorted(DOORS)),
    form=forms,
    signature=st.one_of(st.none(), words.filter(str.isprintable)),
)
def _unsigned(api: Api, path: str, form: dict[str, str], signature: str | None) -> None:
    headers = {"X-Twilio-Signature": signature.encode().decode("latin-1")} if signature else {}
    assert api.client.post(path, data=form, headers=headers).status_code in (400, 403, 415)


def test_nothing_unsigned_is_taken(api: Api) -> None:
    _unsigned(api)


@FEW
@given(path=st.sampled_from(sorted(DOORS)), changes=forms, query=st.text("abc%=&?+/é中 \t", max_size=30))
def _signed(api: Api, path: str, changes: dict[str, str], query: str) -> None:
    # a carrier that has gone mad, but signs: whatever it says is taken, or refused as what it is
    form = {**DOORS[path], **changes, "AccountSid": TEXT["AccountSid"]}
    assert post(api, path, form).status_code in (200, 204, 422)


def test_whatever_is_signed_is_taken_or_refused(api: Api) -> None:
    api.invite()
    _signed(api)


@FEW
@given(
    body=st.binary(max_size=300),
    kind=st.sampled_from(
        [
            "application/x-www-form-urlencoded",
            "application/json",
            "multipart/form-data; boundary=x",
            "text/plain",
            "nonsense",
        ]
    ),
)
def _bytes(api: Api, token: str, body: bytes, kind: str) -> None:
    for path in (*DOORS, f"/s/{token}"):
        assert api.client.post(path, data=body, content_type=kind).status_code < 500
    answer = api.client.post("/v1/calls", data=body, content_type=kind, headers=api.headers())
    assert answer.status_code in (400, 413, 415, 422)


def test_bytes_that_mean_nothing_are_no_error(api: Api) -> None:
    _bytes(api, api.invite())


@FEW
@given(
    form=st.dictionaries(
        st.one_of(st.sampled_from(["csat", "ownership", "nps", "comment"]), words), value, max_size=6
    )
)
def _page(api: Api, token: str, form: dict[str, Any]) -> None:
    assert api.client.post(f"/s/{token}", data=form).status_code in (303, 422)


def test_whatever_a_form_says_is_taken_or_shown_again(api: Api) -> None:
    _page(api, api.invite())


@FEW
@given(token=words)
def _token(api: Api, token: str) -> None:
    path = "/s/" + token.replace("/", "").replace("?", "").replace("#", "")
    assert api.client.get(path).status_code in (308, 404)


def test_no_made_up_link_opens_anything(api: Api) -> None:
    _token(api)


numbers = st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False)
scalars = st.none() | st.booleans() | numbers | value
names = st.sampled_from(["msgid", "uid", "stat", "moid", "mobile", "content", "reports"]) | words
documents = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(names, inner, max_size=6),
    max_leaves=12,
)


@FEW
@given(document=documents, door=st.sampled_from(["receipts", "replies"]))
def _gateway(api: Api, gateway: UUID, document: Any, door: str) -> None:
    path = f"/hooks/gateway/{gateway}/{door}"
    # like the carrier above: it signs whatever it says, and that is taken or refused
    assert sign_and_post(api, path, document).status_code in (200, 400, 422)
    assert sign_and_post(api, path, {"reports": [document]}).status_code in (200, 400, 422)
    reply = {"moid": document, "mobile": "13800138000", "content": document}
    assert sign_and_post(api, path, reply).status_code in (200, 400, 422)


def test_whatever_a_gateway_signs_is_taken_or_refused(api: Api) -> None:
    api.invite()
    _gateway(api, add_gateway(api))
