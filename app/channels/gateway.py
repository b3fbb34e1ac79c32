"""Texts by a gateway that an operator has described. None of it is sent twice: an unclear end is in doubt."""

import base64
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote, urlencode

import orjson
import phonenumbers

from app.channels.described import as_text, at
from app.channels.gateway_description import Gateway, Query, RequestTemplate, Test
from app.channels.guarded_http import Answer, ForbiddenAddress, GuardedHttp
from app.channels.http_connection import NeverSent, NoAnswer
from app.channels.parcel import GatewayParcel, GatewaySender
from app.channels.twilio_listing import Listed
from app.domain.delivery import Action, Outcome, SendResult, classify
from app.errors import ProviderUnreadable

_PLACEHOLDER = re.compile(r"\{([a-z_]+)\}")
# 【Acme】 before a text, which Chinese carriers ask for, and some put there themselves
_BRAND = re.compile(r"^【[^】]{1,60}】\s*")
# an operator's patterns are not tried on more
_MOST_SEARCHED = 4096
_LONGEST_ID = 128
_CODE = re.compile(r"[0-9A-Za-z._:-]{1,64}")
_SECONDS = re.compile(r"[0-9]{1,6}")
# the request may have been read and acted upon
_UNCLEAR_STATUSES = frozenset({408, 425})


class GatewayTexts:
    """Thread-safe. Never raises for what the gateway or the network does."""

    def __init__(self, http: GuardedHttp) -> None:
        self._http = http

    def send(self, parcel: GatewayParcel) -> SendResult:
        """One request, one try."""
        if parcel.held is not None:
            # no request is made: held like any other refusal that somebody has to mend
            return SendResult(Outcome.REJECTED, detail=parcel.held, action=Action.CONFIGURATION)
        gateway = parcel.sender.gateway
        try:
            method, url, headers, body = _filled(gateway.request, parcel)
            answer = self._http.request(method, url, headers=headers, body=body)
        except ForbiddenAddress as error:
            return SendResult(Outcome.REJECTED, detail=str(error), action=Action.CONFIGURATION)
        except NeverSent as error:
            return SendResult(Outcome.NOT_SENT, detail=str(error))
        except NoAnswer as error:
            return SendResult(Outcome.UNKNOWN, detail=str(error))
        except (ValueError, UnicodeError) as error:
            # what the description makes of this text can't be written: never sent, and it won't be otherwise
            detail = f"the request can't be made: {type(error).__name__}"
            return SendResult(Outcome.REJECTED, detail=detail, action=Action.CONFIGURATION)
        return read_answer(gateway, answer, parcel)

    def find(self, sender: GatewaySender, references: Sequence[str], to: str) -> list[Listed]:
        """What the gateway has of these requests to `to`. Raises ProviderUnreadable when it can't tell of one."""
        query = sender.gateway.query
        if query is None:
            raise ProviderUnreadable("the gateway can't be asked")
        found = [self._look(sender, query, reference, to) for reference in references]
        return [one for one in found if one is not None]

    def _look(self, sender: GatewaySender, query: Query, reference: str, to: str) -> Listed | None:
        method, url, headers, body = _filled(query.request, GatewayParcel(sender, to, "", "", reference))
        answer = self._http.request(method, url, headers=headers, body=body)
        document = _json(answer.body)
        if passes(query.absent, answer, document):
            return None
        if not passes(query.found, answer, document):
            raise ProviderUnreadable(f"the gateway's answer is of no known form: HTTP {answer.status}")
        given = as_text(at(document, query.id_path)).strip() if query.id_path else reference
        if not given or len(given) > _LONGEST_ID or not given.isprintable():
            raise ProviderUnreadable("the gateway's answer names no id")
        return Listed(sender.named(given), to, "", "accepted", datetime.now(UTC), None)


def read_answer(gateway: Gateway, answer: Answer, parcel: GatewayParcel) -> SendResult:
    """What an answer says of the text; whatever can't be told is unknown."""
    document = _json(answer.body)
    if passes(gateway.success, answer, document):
        return _taken(gateway, answer, parcel, document)
    code = as_text(at(document, gateway.code_path)) if gateway.code_path else ""
    code = code if _CODE.fullmatch(code) else ""
    detail = f"the gateway answered HTTP {answer.status}" + (f", code {code}" if code else "")
    action = gateway.actions.get(code) or _by_status(answer.status, gateway.otherwise if code else None)
    if action is None:
        return SendResult(Outcome.UNKNOWN, http_status=answer.status, detail=detail)
    asked = answer.headers.get("retry-after", "")
    return SendResult(
        Outcome.REJECTED,
        http_status=answer.status,
        retry_after=float(asked) if _SECONDS.fullmatch(asked) else None,
        detail=detail,
        action=action,
    )


def _taken(gateway: Gateway, answer: Answer, parcel: GatewayParcel, document: Any) -> SendResult:
    given = parcel.reference
    if gateway.id_path is not None:
        given = as_text(at(document, gateway.id_path)).strip()
    if not given or len(given) > _LONGEST_ID or not given.isprintable():
        detail = "the gateway's answer names no id"
        return SendResult(Outcome.UNKNOWN, http_status=answer.status, detail=detail)
    return SendResult(Outcome.ACCEPTED, parcel.sender.named(given), http_status=answer.status)


def _by_status(status: int, otherwise: Action | None) -> Action | None:
    """What a refusal without a known code asks of us; None where it may be none. `otherwise`: it has a code."""
    if status >= 500 or status in _UNCLEAR_STATUSES:
        return None
    if status < 300:
        # it says why not, in words that the description does not know; without any, nothing can be told
        return otherwise
    # redirects are not followed: an address that has to be mended
    return Action.CONFIGURATION if status < 400 else classify(None, status)


def passes(test: Test, answer: Answer, document: Any) -> bool:
    if not test.least <= answer.status <= test.most:
        return False
    if test.path is None:
        if test.matches is None:
            return True
        return test.matches.search(answer.body[:_MOST_SEARCHED].decode("utf-8", "replace")) is not None
    found = as_text(at(document, test.path))
    return found in test.equals or (
        test.matches is not None and test.matches.search(found[:_MOST_SEARCHED]) is not None
    )


def text_without_brand(text: str) -> str:
    return _BRAND.sub("", text)


def _filled(template: RequestTemplate, parcel: GatewayParcel) -> tuple[str, str, dict[str, str], bytes]:
    """(method, url, headers, body). Raises ValueError for what can't be written in the gateway's letters."""
    values = _values(parcel)
    headers = {name: _fill(text, values) for name, text in template.headers.items()}
    body = b""
    if template.basic_user is not None:
        pair = f"{template.basic_user}:{parcel.sender.secret}".encode()
        headers["Authorization"] = f"Basic {base64.b64encode(pair).decode()}"
    if template.form is not None:
        fields = {name: _fill(text, values) for name, text in template.form.items()}
        body = urlencode(fields, encoding=template.charset).encode()
        headers.setdefault("Content-Type", f"application/x-www-form-urlencoded; charset={template.charset}")
    elif template.json is not None:
        body = orjson.dumps(_fill_all(template.json, values))
        headers.setdefault("Content-Type", "application/json")
    url = _fill(template.url, values, lambda value: quote(value, safe="", encoding=template.charset))
    return template.method, url, headers, body


def _values(parcel: GatewayParcel) -> dict[str, str]:
    number = phonenumbers.parse(parcel.to)
    return {
        "to": parcel.to,
        "to_digits": parcel.to.removeprefix("+"),
        "to_national": phonenumbers.national_significant_number(number),
        "from": parcel.sender.gateway.number,
        "text": parcel.body,
        "link": parcel.link,
        "reference": parcel.reference,
        "template_id": parcel.template_id,
        "secret": parcel.sender.secret,
    }


def _fill(text: str, values: Mapping[str, str], quoted: Callable[[str], str] = str) -> str:
    # at once: what a value holds is no placeholder
    return _PLACEHOLDER.sub(lambda found: quoted(values[found[1]]), text)


def _fill_all(value: Any, values: Mapping[str, str]) -> Any:
    if isinstance(value, str):
        return _fill(value, values)
    if isinstance(value, list):
        return [_fill_all(one, values) for one in value]
    return {key: _fill_all(one, values) for key, one in value.items()} if isinstance(value, dict) else value


def _json(body: bytes) -> Any:
    try:
        return orjson.loads(body)
    except ValueError:
        return None
