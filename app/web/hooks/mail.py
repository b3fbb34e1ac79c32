"""The mail server's door: mails that came back, and complaints, each posted as the mail that it is.

    POST /hooks/mail/reports?sender=feedback@acme.example
    Content-Type: message/rfc822
    webhook-id: anything that names this delivery, printable ASCII
    webhook-timestamp: unix seconds, at most 5 minutes off
    webhook-signature: v1,<base64 of HMAC-SHA256(secret, id + "." + timestamp + "." + body)>

    the report as it was received, all of it or its first 60,000 bytes

Signed as Standard Webhooks 1.0.0 says. `sender` is the from address of a mail sender (its `provider_account`); the
secret is one of those that stand under its password in the sender's credentials: `whsec_` and, in base64, the 24 to
64 bytes that are the key. Two may be in force while one takes the other's place.

Answers 200 with {"understood": ...}: failed, undeliverable (failed, and no mail goes to that address any more),
delayed, complaint, other (not a report), unmatched (of no mail of that sender's). A report that comes again gets
the first answer again. 403: not signed. 415: not message/rfc822. 413: longer than MAX_BODY_BYTES.
"""

import hashlib
import time

from flask import Blueprint, jsonify, request
from werkzeug.exceptions import UnsupportedMediaType
from werkzeug.wrappers import Response

from app.channels.mail_reports import read_report
from app.db import run_unit
from app.errors import Forbidden
from app.flow.mail_reports import record_mail_report
from app.signatures.standard_webhooks import WebhookSignature
from app.store.senders import HookSecrets, hook_secrets
from app.web.unit import services, unit_of_work

_MAIL = "message/rfc822"
_LONGEST_NAME = 320
_PARTS = ("id", "timestamp", "signature")

blueprint = Blueprint("mail", __name__, url_prefix="/hooks/mail")


@blueprint.post("/reports")
def reports() -> Response:
    if request.mimetype != _MAIL:
        raise UnsupportedMediaType(f"Send the report as {_MAIL}.")
    body = request.get_data()
    senders = _who_signed(body)
    understood = run_unit(
        services().sessions,
        record_mail_report,
        read_report(body),
        senders=senders,
        digest=hashlib.sha256(body).hexdigest(),
        public_url=services().settings.public_url,
    )
    services().ring()
    return jsonify({"understood": understood})


def _who_signed(body: bytes) -> list[HookSecrets]:
    """The senders of that name whose secret signed this. Raises Forbidden for none."""
    name = request.args.get("sender", "")[:_LONGEST_NAME]
    with unit_of_work() as session:
        named = hook_secrets(session, name) if name and "\x00" not in name else []
    signature = WebhookSignature(*(request.headers.get(f"webhook-{part}", "") for part in _PARTS))
    signed = [one for one in named if signature.covers(body, one.secrets, time.time())]
    if not signed:
        services().failure_limit.note(request.remote_addr)
        raise Forbidden("This request is not signed with a secret of the sender that it names.")
    return signed
