"""What Twilio posts to us: whose it is, and what it says."""

import hmac
from base64 import b64encode
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from werkzeug.datastructures import ImmutableMultiDict, MultiDict

from app.channels.twilio_hooks import (
    EMPTY_RESPONSE,
    InboundText,
    StatusReport,
    read_inbound,
    read_status,
)
from app.errors import Invalid
from app.signatures.twilio import signed_url, verify

TOKEN = "12345678901234567890123456789012"
URL = "https://postcall.example/hooks/twilio/status?attempt=0199"
MESSAGE = "SM" + "0a" * 16
ACCOUNT = "AC" + "1B" * 16
STATUS = {
    "AccountSid": ACCOUNT,
    "MessageSid": MESSAGE,
    "MessageStatus": "delivered",
    "SmsSid": MESSAGE,
    "From": "+15005550006",
    "To": "+8613800138000",
}
INBOUND = {
    "AccountSid": ACCOUNT,
    "MessageSid": MESSAGE,
    "From": "+8613800138000",
    "To": "+15005550006",
    "Body": "5 谢谢 🙂",
    "NumMedia": "0",
}


def sign(url: str, fields: Mapping[str, list[str]], token: str = TOKEN) -> str:
    """The formula as Twilio publishes it, written out once more."""
    text = url + "".join(name + value for name in sorted(fields) for value in sorted(set(fields[name])))
    return b64encode(hmac.new(token.encode(), text.encode(), "sha1").digest()).decode()


def signed(form: Mapping[str, str], url: str = URL, token: str = TOKEN) -> str:
    return sign(url, {name: [value] for name, value in form.items()}, token)


def test_a_signature_worked_out_elsewhere_verifies() -> None:
    # printf 'https://example.com/hook?a=1BodyhiFrom+15005550006' | openssl sha1 -hmac token -binary | base64
    form = {"From": "+15005550006", "Body": "hi"}
    assert verify("https://example.com/hook?a=1", form, "7qL7poRqbuYG4IhcgVXYL5s75t4=", ["token"])


def test_what_twilio_signed_verifies() -> None:
    assert verify(URL, STATUS, signed(STATUS), [TOKEN])
    assert verify(URL, INBOUND, signed(INBOUND), [TOKEN])


@pytest.mark.parametrize("kind", [MultiDict, ImmutableMultiDict])
def test_a_repeated_field_counts_once_per_value_in_order(kind: type[MultiDict[str, str]]) -> None:
    fields = {"MessageStatus": ["sent", "queued", "sent"], "To": ["+8613800138000"]}
    form = kind([(name, value) for name, values in fields.items() for value in values])
    assert verify(URL, form, sign(URL, fields), [TOKEN])
    assert not verify(URL, form.to_dict(), sign(URL, fields), [TOKEN])


def test_both_tokens_verify_while_one_replaces_the_other() -> None:
    assert verify(URL, STATUS, signed(STATUS, token="old"), iter(["new", "old"]))
    assert not verify(URL, STATUS, signed(STATUS, token="older"), ["new", "old"])


@pytest.mark.parametrize(
    ("told", "signed_for"),
    [
        ("https://postcall.example/hook", "https://postcall.example:443/hook"),
        ("https://postcall.example:443/hook", "https://postcall.example/hook"),
        ("https://postcall.example:8443/hook?a=%20+b", "https://postcall.example/hook?a=%20+b"),
        ("http://postcall.example/hook", "http://postcall.example:80/hook"),
        ("http://[::1]:8000/hook", "http://[::1]:8000/hook"),
    ],
)
def test_the_port_may_be_in_the_signed_url_or_not(told: str, signed_for: str) -> None:
    assert verify(told, STATUS, signed(STATUS, signed_for), [TOKEN])


@pytest.mark.parametrize(
    "tampered",
    [
        URL.replace("0199", "0198"),
        URL.replace("https", "http"),
        URL.replace("?", "?x=1&"),
        URL.replace("status", "inbound"),
        URL.split("?", maxsplit=1)[0],
    ],
)
def test_another_url_does_not_verify(tampered: str) -> None:
    assert not verify(tampered, STATUS, signed(STATUS), [TOKEN])


@pytest.mark.parametrize("change", [{"MessageStatus": "failed"}, {"New": ""}, {"To": "+8613800138001"}])
def test_another_form_does_not_verify(change: dict[str, str]) -> None:
    assert not verify(URL, STATUS | change, signed(STATUS), [TOKEN])


def test_escapes_in_the_query_are_signed_as_they_came() -> None:
    url = signed_url("https://postcall.example/", "/hooks/twilio/status", b"a=%20b+c%2F&d=%e4%bd%a0")
    assert url == "https://postcall.example/hooks/twilio/status?a=%20b+c%2F&d=%e4%bd%a0"
    assert verify(url, STATUS, signed(STATUS, url), [TOKEN])
    assert not verify(url.replace("%20", "+"), STATUS, signed(STATUS, url), [TOKEN])


def test_a_url_without_a_query_has_no_question_mark() -> None:
    assert signed_url("http://127.0.0.1:8000", "/hooks", b"") == "http://127.0.0.1:8000/hooks"


@pytest.mark.parametrize("signature", [None, "", "x", "é" * 28, "\udcff", "A" * 10_000])
def test_no_signature_or_nonsense_does_not_verify(signature: str | None) -> None:
    assert not verify(URL, STATUS, signature, [TOKEN])


@pytest.mark.parametrize(
    "body",
    [
        b"MessageSid=1",
        '{"MessageSid": "1"}',
        None,
        [],
        {},
        MultiDict(),
        {"MessageSid": 5},
        {"MessageSid": ["a", "b"]},
        {"MessageSid": None},
        {5: "MessageSid", "a": "b"},
        {"Body": "\ud83d"},
    ],
)
def test_what_is_not_a_form_of_texts_does_not_verify(body: Any) -> None:
    # even when signed as an empty form, which is what a JSON body looks like to a form parser
    assert not verify(URL, body, sign(URL, {}), [TOKEN])


@pytest.mark.parametrize("url", ["", "https://postcall.example:port/", "https://[::1", "::", "\udcff"])
def test_a_url_that_makes_no_sense_does_not_verify(url: str) -> None:
    assert not verify(url, STATUS, signed(STATUS), [TOKEN])


def test_a_sender_without_a_token_verifies_nothing() -> None:
    assert not verify(URL, STATUS, signed(STATUS, token=""), ["", ""])
    assert not verify(URL, STATUS, signed(STATUS), [])


_anything = st.none() | st.text() | st.binary() | st.integers() | st.lists(st.text(), max_size=2)


@settings(deadline=None)  # a busy machine is no failure
@given(st.text(), _anything | st.dictionaries(st.text(), _anything, max_size=3), st.none() | st.text())
def test_verifying_never_raises_and_never_says_yes_to_noise(
    url: str, form: Any, signature: str | None
) -> None:
    assert not verify(url, form, signature, [TOKEN])


def test_a_status_report_is_read() -> None:
    report = read_status(MultiDict(STATUS | {"RawDlrDoneDate": "2603020900"}))
    assert report == StatusReport(
        message_sid=MESSAGE,
        status="delivered",
        error_code=None,
        account_sid=ACCOUNT,
        raw=STATUS | {"RawDlrDoneDate": "2603020900"},
    )
    assert "13800138000" not in repr(report)


@pytest.mark.parametrize(("given_code", "code"), [("30003", 30003), ("", None), ("0", 0)])
def test_a_status_reports_code_is_a_number_or_nothing(given_code: str, code: int | None) -> None:
    assert read_status(STATUS | {"ErrorCode": given_code}).error_code == code


def test_a_status_that_is_new_to_us_is_read_all_the_same() -> None:
    assert read_status(STATUS | {"MessageStatus": "partially_delivered"}).status == "partially_delivered"
    assert read_status(STATUS | {"MessageStatus": "half-way"}).status == "half-way"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("MessageSid", "SM1"),
        ("MessageSid", MESSAGE + "\n"),
        ("MessageSid", "CA" + "0a" * 16),
        ("MessageSid", ""),
        ("AccountSid", MESSAGE),
        ("MessageStatus", ""),
        ("MessageStatus", "Delivered!"),
        ("MessageStatus", "d" * 40),
        ("ErrorCode", "3000x"),
        ("ErrorCode", "٣٠٠٠٣"),
        ("ErrorCode", "-1"),
    ],
)
def test_a_malformed_status_report_names_the_field_and_not_its_content(field: str, value: str) -> None:
    with pytest.raises(Invalid) as refused:
        read_status(STATUS | {field: value})
    assert refused.value.fields == {field: "is malformed"}


def test_all_that_is_missing_is_named_at_once() -> None:
    with pytest.raises(Invalid) as refused:
        read_status({"To": "+8613800138000"})
    assert refused.value.fields == dict.fromkeys(["MessageSid", "AccountSid", "MessageStatus"], "is missing")


def test_a_field_that_says_two_things_says_nothing() -> None:
    form = MultiDict(STATUS)
    form.add("MessageStatus", "failed")
    with pytest.raises(Invalid) as refused:
        read_status(form)
    assert refused.value.fields == {"MessageStatus": "is there more than once"}


def test_an_inbound_text_is_read() -> None:
    service = "MG" + "2c" * 16
    text = read_inbound(
        MultiDict(INBOUND | {"MessagingServiceSid": service, "NumMedia": "2", "OptOutType": "STOP"})
    )
    assert text == InboundText(
        message_sid=MESSAGE,
        sender="+8613800138000",
        to="+15005550006",
        body="5 谢谢 🙂",
        account_sid=ACCOUNT,
        messaging_service_sid=service,
        opt_out_type="STOP",
        num_media=2,
    )
    assert "13800138000" not in repr(text)
    assert "谢谢" not in repr(text)


def test_an_inbound_text_needs_few_fields() -> None:
    text = read_inbound({name: INBOUND[name] for name in ("AccountSid", "MessageSid", "From", "To", "Body")})
    assert (text.messaging_service_sid, text.opt_out_type, text.num_media) == (None, None, 0)


def test_a_picture_comes_without_words_and_a_text_may_have_lines() -> None:
    assert read_inbound(INBOUND | {"Body": "", "NumMedia": "1"}).body == ""
    assert read_inbound(INBOUND | {"Body": "5\nthanks"}).body == "5\nthanks"


def test_our_number_may_be_a_short_code() -> None:
    assert read_inbound(INBOUND | {"To": "10690"}).to == "10690"


def test_an_unknown_kind_of_opt_out_is_left_to_the_words() -> None:
    assert read_inbound(INBOUND | {"OptOutType": "PAUSE"}).opt_out_type is None


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("From", "8613800138000"),
        ("From", "+0123456789"),
        ("From", "+86 138 0013 8000"),
        ("From", "+8613800138000\n"),
        ("From", "+٨٦١٣٨٠٠١٣٨٠٠٠"),
        ("From", "10690"),
        ("From", "whatsapp:+8613800138000"),
        ("To", "Postcall"),
        ("To", "12"),
        ("MessagingServiceSid", "MG1"),
        ("NumMedia", "many"),
        ("MessageSid", "SM"),
        ("AccountSid", ""),
    ],
)
def test_a_malformed_inbound_text_names_the_field(field: str, value: str) -> None:
    with pytest.raises(Invalid) as refused:
        read_inbound(INBOUND | {field: value})
    assert refused.value.fields == {field: "is malformed"}


def test_fields_that_ran_together_under_one_signature_are_refused() -> None:
    apart = {
        "AccountSid": ACCOUNT,
        "Body": "5",
        "From": "+8613800138000",
        "MessageSid": MESSAGE,
        "To": "+15005550006",
    }
    together = {
        "AccountSid": ACCOUNT,
        "Body": "5From+8613800138000",
        "MessageSid": MESSAGE,
        "To": "+15005550006",
    }
    assert verify(URL, together, signed(apart), [TOKEN])  # which is why a signature is not enough
    with pytest.raises(Invalid):
        read_inbound(together)


def test_the_empty_response_is_twiml_that_says_nothing() -> None:
    assert EMPTY_RESPONSE == b'<?xml version="1.0" encoding="UTF-8"?><Response />'
