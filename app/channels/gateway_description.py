"""A gateway for texts as an operator describes it: what it is asked, how its answers are read, what it posts to us.

docs/gateways.md is about the same, for those who write one.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from app.channels.described import Part, Problems
from app.domain.delivery import Action
from app.errors import Invalid

PLACEHOLDERS = (
    "to",
    "to_digits",
    "to_national",
    "from",
    "text",
    "link",
    "reference",
    "template_id",
    "secret",
)
_PLACEHOLDER = re.compile(r"\{([a-z_]+)\}")
_METHODS = ("GET", "POST", "PUT")
_CHARSETS = ("utf-8", "gbk", "gb18030", "iso-8859-1")
_SENDER = re.compile(r"\+?[0-9A-Za-z][0-9A-Za-z ]{0,19}")
_REGION = re.compile(r"[A-Z]{2}")
_WORD = re.compile(r"[!-~]{1,100}")
# what a refusal may ask of us, see app.domain.delivery.Action
_ACTIONS = tuple(action.value for action in Action if action is not Action.LOOP)
# what a receipt may say, in the words that are kept of any carrier's
_STATUSES = ("sent", "delivered", "undelivered", "failed", "ignore")
# of the receipts of SMPP, which most gateways hand on
_USUAL_STATUSES = {
    "DELIVRD": "delivered",
    "EXPIRED": "undelivered",
    "DELETED": "undelivered",
    "UNDELIV": "undelivered",
    "REJECTD": "undelivered",
    "ACCEPTD": "sent",
    "ENROUTE": "sent",
    "UNKNOWN": "ignore",
}


@dataclass(frozen=True)
class RequestTemplate:
    """`form`, `json`: the body, at most one of them. Placeholders stand in braces in any text of it."""

    method: str
    url: str
    headers: Mapping[str, str]
    form: Mapping[str, str] | None
    json: Any
    charset: str
    basic_user: str | None

    def texts(self) -> list[str]:
        """All that placeholders may stand in."""
        form = [*self.form.values()] if self.form else []
        return [self.url, *self.headers.values(), *form, *_strings(self.json)]


@dataclass(frozen=True)
class Test:
    """What an answer is known by: its status, and if `path` or `matches` is set its body too.

    `path` into JSON ("data.0.code"), whose value is one of `equals` or found by `matches`; without a path `matches`
    is looked for in the whole body.
    """

    least: int
    most: int
    path: str | None
    equals: frozenset[str]
    matches: re.Pattern[str] | None


@dataclass(frozen=True)
class Query:
    """How it is asked what has become of a request, by {reference}: an answer that is neither `found` nor `absent`
    proves nothing. `id_path`: where its id of the text stands; None: ours is its id."""

    request: RequestTemplate
    found: Test
    absent: Test
    id_path: str | None


@dataclass(frozen=True)
class HookFields:
    """`items`: the path of a list where one request brings many. `names`: ours -> theirs, paths too."""

    items: str | None
    names: Mapping[str, str]
    statuses: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class HookProof:
    """How the gateway proves that it is it: `kind` "hmac-sha256" of the body, in a header, or "token", the secret
    itself in a header or in the query's field of that name."""

    kind: str
    header: str | None
    query: str | None
    encoding: str
    prefix: str


@dataclass(frozen=True)
class TextTemplate:
    """A text that the gateway's operator has to approve: of that wording, or of any."""

    id: str
    approved: bool
    wording_version: str | None


@dataclass(frozen=True)
class Gateway:
    """`templates`: by purpose/question/language ("ask/csat/zh", "thanks/-/en"); None where none are needed.

    `carrier_signs`: the carrier puts the 【brand】 before each text, so ours is left out.
    """

    number: str
    region: str | None
    request: RequestTemplate
    query: Query | None
    success: Test
    id_path: str | None
    code_path: str | None
    actions: Mapping[str, Action]
    otherwise: Action
    receipts: HookFields | None
    replies: HookFields | None
    proof: HookProof | None
    answer_status: int
    answer_body: str
    carrier_signs: bool
    templates: Mapping[str, TextTemplate] | None


def read_gateway(description: object) -> Gateway:
    """Raises Invalid, which names the place of all that is wrong."""
    problems: Problems = {}
    whole = Part(description, "", problems)
    whole.takes(
        *("from", "region", "request", "query", "success", "id", "errors", "receipts", "replies"),
        *("proof", "answer", "signature", "templates"),
    )
    errors, answer = whole.part("errors", optional=True), whole.part("answer", optional=True)
    errors.takes("code", "actions", "otherwise")
    answer.takes("status", "body")
    gateway = Gateway(
        number=whole.text("from", _SENDER, "is a number or a name of up to 20 letters and digits"),
        region=whole.optional_text("region", _REGION, "is a country such as CN"),
        request=_request(whole.part("request")),
        query=_query(whole),
        success=_test(whole.part("success", optional=True)),
        id_path=whole.optional_text("id", _WORD),
        code_path=errors.optional_text("code", _WORD),
        actions={
            code: Action(action)
            for code, action in errors.words("actions", _ACTIONS).items()
            if action in _ACTIONS
        },
        otherwise=Action(errors.choice("otherwise", _ACTIONS, Action.PERMANENT.value)),
        receipts=_receipts(whole),
        replies=_replies(whole),
        proof=_proof(whole),
        answer_status=answer.number("status", 200, 299, 200),
        answer_body=answer.optional_text("body") or "",
        carrier_signs=whole.choice("signature", ("in_text", "carrier"), "in_text") == "carrier",
        templates=_templates(whole),
    )
    if (gateway.receipts or gateway.replies) and gateway.proof is None:
        problems["proof"] = "is needed where the gateway posts to us"
    if problems:
        raise Invalid("The gateway can't be used as it is described.", problems)
    return gateway


_TO_SEND = ({"to", "to_digits", "to_national"}, {"text", "template_id"})


def _request(part: Part, needs: Sequence[set[str]] = _TO_SEND) -> RequestTemplate:
    part.takes("method", "url", "headers", "form", "json", "charset", "basic_user")
    template = RequestTemplate(
        method=part.choice("method", _METHODS, "POST"),
        url=part.text("url"),
        headers=part.texts("headers"),
        form=part.texts("form") if part.has("form") else None,
        json=part.raw("json"),
        charset=part.choice("charset", _CHARSETS, "utf-8"),
        basic_user=part.optional_text("basic_user", _WORD),
    )
    if template.form is not None and template.json is not None:
        part.refuse("json", "can't be there beside a form")
    if template.method == "GET" and (template.form is not None or template.json is not None):
        part.refuse("method", "GET has no body: let its fields stand in the URL")
    _check_placeholders(part, template, needs)
    return template


def _query(whole: Part) -> Query | None:
    if not whole.has("query"):
        return None
    part = whole.part("query")
    part.takes("request", "found", "absent", "id")
    return Query(
        _request(part.part("request"), needs=({"reference"},)),
        _test(part.part("found")),
        _test(part.part("absent")),
        part.optional_text("id", _WORD),
    )


def _check_placeholders(part: Part, template: RequestTemplate, needs: Sequence[set[str]]) -> None:
    used = {name for text in template.texts() for name in _PLACEHOLDER.findall(text)}
    if unknown := sorted(used - set(PLACEHOLDERS)):
        part.refuse("", f"has placeholders that there are not: {', '.join(unknown)}")
    for either in needs:
        if not used & either:
            part.refuse("", f"has to hold {' or '.join(f'{{{name}}}' for name in sorted(either))}")


def _test(part: Part) -> Test:
    part.takes("status", "path", "equals", "matches")
    least, most = part.pair("status", (200, 299))
    test = Test(
        least,
        most,
        part.optional_text("path", _WORD),
        frozenset(part.strings("equals")),
        part.pattern("matches"),
    )
    if test.path and not test.equals and not test.matches:
        part.refuse("path", "needs what its value equals, or matches")
    if test.equals and not test.path:
        part.refuse("equals", "needs the path of a value")
    return test


def _receipts(whole: Part) -> HookFields | None:
    if not whole.has("receipts"):
        return None
    part = whole.part("receipts")
    part.takes("items", "id", "reference", "status", "statuses")
    names = {name: value for name in ("id", "reference") if (value := part.optional_text(name, _WORD))}
    if not names:
        part.refuse("id", "or reference is needed: which text it is about")
    names["status"] = part.text("status", _WORD)
    statuses = {**_USUAL_STATUSES, **part.words("statuses", _STATUSES)}
    return HookFields(part.optional_text("items", _WORD), names, statuses)


def _replies(whole: Part) -> HookFields | None:
    if not whole.has("replies"):
        return None
    part = whole.part("replies")
    part.takes("items", "id", "from", "text")
    names = {name: part.text(name, _WORD) for name in ("id", "from", "text")}
    return HookFields(part.optional_text("items", _WORD), names)


def _proof(whole: Part) -> HookProof | None:
    if not whole.has("proof"):
        return None
    part = whole.part("proof")
    part.takes("kind", "header", "query", "encoding", "prefix")
    proof = HookProof(
        kind=part.choice("kind", ("hmac-sha256", "token"), None),
        header=part.optional_text("header", _WORD),
        query=part.optional_text("query", _WORD),
        encoding=part.choice("encoding", ("hex", "base64"), "hex"),
        prefix=part.optional_text("prefix", _WORD) or "",
    )
    if (proof.header is None) == (proof.query is None):
        part.refuse("header", "or query is needed, and not both")
    if proof.kind == "hmac-sha256" and proof.header is None:
        part.refuse("header", "is needed: where the body's signature stands")
    return proof


def _templates(whole: Part) -> dict[str, TextTemplate] | None:
    if not whole.has("templates"):
        return None
    part, templates = whole.part("templates"), {}
    for key in part.names():
        one = part.part(key)
        one.takes("id", "approved", "wording_version")
        templates[key] = TextTemplate(
            one.text("id", _WORD), one.flag("approved"), one.optional_text("wording_version", _WORD)
        )
    return templates


def _strings(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    if isinstance(value, dict):
        value = list(value.values())
    return [text for one in value for text in _strings(one)] if isinstance(value, list) else []
