"""What a described gateway posts to us: is it that gateway, and what does it say."""

import base64
import hmac
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from app.channels.described import as_text, at
from app.channels.gateway_description import Gateway, HookFields, HookProof
from app.channels.phone import read_phone
from app.errors import Invalid

_MOST_FIELDS = 200
_LONGEST_ID = 128


@dataclass(frozen=True)
class GatewayReceipt:
    """`provider_id`, `reference`: the gateway's id of the text and ours, at least one of them."""

    provider_id: str | None
    reference: str | None
    status: str


@dataclass(frozen=True)
class GatewayReply:
    """`phone` as E.164; `text` as received: clean it before use."""

    provider_id: str
    phone: str = field(repr=False)
    text: str = field(repr=False)


def proves(proof: HookProof, secrets: Iterable[str], shown: str, body: bytes) -> bool:
    """Whether who has shown this, where the proof stands, knows one of `secrets`. Never raises."""
    given = shown.removeprefix(proof.prefix).encode("utf-8", "replace")
    # a sender without a secret must not be opened by nothing, or by a signature with an empty key
    expected = [_expected(proof, secret.encode(), body) for secret in secrets if secret]
    return any(hmac.compare_digest(given, one) for one in expected)


def _expected(proof: HookProof, secret: bytes, body: bytes) -> bytes:
    if proof.kind == "token":
        return secret
    digest = hmac.digest(secret, body, "sha256")
    return base64.b64encode(digest) if proof.encoding == "base64" else digest.hex().encode()


def read_form(body: bytes, charset: str) -> dict[str, str]:
    """Fields of a form; of one that is there twice the first. Raises Invalid."""
    try:
        pairs = parse_qsl(
            body.decode("latin-1"), keep_blank_values=True, encoding=charset, max_num_fields=_MOST_FIELDS
        )
    except ValueError as error:
        raise Invalid("The form can't be read.") from error
    return dict(reversed(pairs))


def read_receipts(gateway: Gateway, document: Any) -> list[GatewayReceipt]:
    """Those that say something. Raises Invalid when none of what came is a receipt."""
    found, read = [], 0
    for item, fields in _items(gateway.receipts, document):
        status = as_text(at(item, fields.names["status"]))
        provider_id, reference = _id(item, fields, "id"), _id(item, fields, "reference")
        if not status or not (provider_id or reference):
            continue
        read += 1
        word = fields.statuses.get(status, "ignore")
        if word != "ignore":
            found.append(GatewayReceipt(provider_id, reference, word))
    if not read:
        raise Invalid("No receipt is in it as the gateway's are described.")
    return found


def read_replies(gateway: Gateway, document: Any) -> list[GatewayReply]:
    """Raises Invalid when none of what came is a text."""
    found = []
    for item, fields in _items(gateway.replies, document):
        provider_id = _id(item, fields, "id")
        phone = read_phone(as_text(at(item, fields.names["from"])), gateway.region).e164
        text = at(item, fields.names["text"])
        if provider_id and phone and isinstance(text, str):
            found.append(GatewayReply(provider_id, phone, text))
    if not found:
        raise Invalid("No text is in it as the gateway's are described.")
    return found


def _items(fields: HookFields | None, document: Any) -> Iterator[tuple[Any, HookFields]]:
    if fields is None:
        return
    items = at(document, fields.items) if fields.items else document
    for item in items if isinstance(items, list) else [items]:
        yield item, fields


def _id(item: Any, fields: HookFields, name: str) -> str | None:
    found = as_text(at(item, fields.names[name])).strip() if name in fields.names else ""
    return found if found and len(found) <= _LONGEST_ID and found.isprintable() else None
