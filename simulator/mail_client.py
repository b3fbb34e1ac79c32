"""What happens to a mail once it is there: it bounces after all, is called spam, unsubscribed from, or scanned."""

import re
from typing import Any

from flask import Blueprint, Response, jsonify, request
from werkzeug.exceptions import BadRequest, Conflict, NotFound

from simulator.doors import read_json
from simulator.mail_reports import bounce, complaint
from simulator.mailboxes import Mail, Mailboxes, brief, full
from simulator.service import Reply, Service

_STATUS = re.compile(r"[45]\.[0-9]{1,3}\.[0-9]{1,3}")
_HEAD = re.compile(r"<head\b[^>]*>", re.IGNORECASE)
# links of a mail open beside the mail client
_BASE = '<base target="_blank">'
_SCANS = 5
# a mail brings its own styles; it runs nothing, fetches nothing, and only a click leaves it
_MAIL_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; form-action 'none'; frame-ancestors 'self';"
    " sandbox allow-popups allow-popups-to-escape-sandbox"
)


class MailClient:
    def __init__(self, mailboxes: Mailboxes, service: Service) -> None:
        self._mailboxes = mailboxes
        self._service = service

    def find(self, address: str, mail_id: str) -> Mail:
        """Raises NotFound."""
        mail = self._mailboxes.get(address, mail_id)
        if mail is None:
            raise NotFound("There is no such mail.")
        return mail

    def bounce(self, mail: Mail, order: dict[str, Any]) -> Reply:
        """The provider finds out later that nobody takes it. Raises BadRequest."""
        status, action = order.get("status", "5.1.1"), order.get("action", "failed")
        if not isinstance(status, str) or not _STATUS.fullmatch(status):
            raise BadRequest("status: an enhanced status code like 5.1.1")
        if action not in {"failed", "delayed"}:
            raise BadRequest("action: failed or delayed")
        return self._service.post_mail_report(bounce(mail, status, action), mail.author)

    def complain(self, mail: Mail) -> Reply:
        return self._service.post_mail_report(complaint(mail), mail.author)

    def unsubscribe(self, mail: Mail) -> Reply:
        """A click on the mail client's own button. Raises Conflict where the mail offers none."""
        if mail.one_click is None:
            raise Conflict("The mail has no List-Unsubscribe with List-Unsubscribe-Post.")
        return self._service.post_one_click(mail.one_click)

    def scan(self, mail: Mail) -> list[dict[str, Any]]:
        """Fetch every link as a security scanner does, before anybody has read the mail."""
        return [
            {
                "url": link,
                **{
                    method: [self._service.fetch(method, link).status for _ in range(_SCANS)]
                    for method in ("GET", "HEAD")
                },
            }
            for link in mail.links
        ]


def mail_room(mailboxes: Mailboxes, client: MailClient) -> Blueprint:
    room = Blueprint("mail", __name__)
    one = "/mailboxes/<address>/messages/<mail_id>"

    @room.get("/mails.json")
    def mails() -> Response:
        """All that the mail server took, oldest first."""
        return jsonify([brief(mail) for mail in mailboxes.all()])

    @room.get("/mailboxes.json")
    def boxes() -> Response:
        lines = [
            {"address": mail.to, "count": count, "last": brief(mail)} for mail, count in mailboxes.newest()
        ]
        return jsonify(lines)

    @room.get("/mailboxes/<address>/messages.json")
    def messages(address: str) -> Response:
        return jsonify([full(mail) for mail in mailboxes.of(address)])

    @room.get(f"{one}.eml")
    def raw(address: str, mail_id: str) -> Response:
        """The mail as it came."""
        return Response(client.find(address, mail_id).raw, content_type="message/rfc822")

    @room.get(f"{one}.html")
    def body(address: str, mail_id: str) -> Response:
        """Its HTML alone, for a frame of the page."""
        html = client.find(address, mail_id).html or ""
        opened, heads = _HEAD.subn(lambda head: head[0] + _BASE, html, count=1)
        response = Response(opened if heads else _BASE + html, content_type="text/html; charset=utf-8")
        response.headers["Content-Security-Policy"] = _MAIL_POLICY
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Referrer-Policy"] = "no-referrer"
        return response

    @room.post(f"{one}/bounce")
    def bounced(address: str, mail_id: str) -> tuple[Response, int]:
        order = read_json("status", "action") if request.content_length else {}
        return _told(client.bounce(client.find(address, mail_id), order))

    @room.post(f"{one}/complain")
    def complained(address: str, mail_id: str) -> tuple[Response, int]:
        return _told(client.complain(client.find(address, mail_id)))

    @room.post(f"{one}/unsubscribe")
    def unsubscribed(address: str, mail_id: str) -> tuple[Response, int]:
        return _told(client.unsubscribe(client.find(address, mail_id)))

    @room.post(f"{one}/scan")
    def scanned(address: str, mail_id: str) -> Response:
        return jsonify(client.scan(client.find(address, mail_id)))

    return room


def _told(reply: Reply) -> tuple[Response, int]:
    """What the service answered: 200, or 502 when it did not answer."""
    told = {"status": reply.status, "body": reply.body, "error": reply.error}
    return jsonify(told), 200 if reply.status is not None else 502
