"""A mail as it goes over the wire (RFC 5322): text first, the same in HTML after it."""

import re
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP, EmailPolicy
from typing import Any

from app.channels.parcel import Mail

_LONGEST_LINE = 998
_LINE_END = re.compile(rb"\r\n|\r|\n")
# in a header, what ends it, and what no header is made of: also the separators that only some readers break at
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")


class _Plain(EmailPolicy):
    """Writes ASCII headers as they are. The standard library would encode a URL that is longer than a line, and
    nobody reads List-Unsubscribe then."""

    def fold(self, name: str, value: Any) -> str:
        line = f"{name}: {value}{self.linesep}"
        return line if line.isascii() and len(line) <= _LONGEST_LINE else super().fold(name, value)

    def fold_binary(self, name: str, value: Any) -> bytes:
        line = f"{name}: {value}{self.linesep}"
        if line.isascii() and len(line) <= _LONGEST_LINE:
            return line.encode()
        return super().fold_binary(name, value)


_POLICY = _Plain() + SMTP


def bytes_of_mail(mail: Mail, from_address: str, to: str) -> bytes:
    """Lines end in CRLF, all of them. Raises ValueError for a header that would be more than one."""
    for value in (mail.message_id, mail.from_name, mail.subject, from_address, to, *mail.headers.values()):
        if _CONTROL.search(value):
            raise ValueError("a header is one line")
    message = EmailMessage(policy=_POLICY if to.isascii() else _POLICY.clone(utf8=True))
    # first: it takes away what is there of headers named Content-...
    message.set_content(mail.text, cte="quoted-printable" if mail.text.isascii() else "base64")
    message.add_alternative(mail.html, subtype="html", cte="base64")
    message["Message-ID"] = mail.message_id
    message["From"] = Address(mail.from_name, addr_spec=from_address)
    name, _, domain = to.rpartition("@")
    message["To"] = Address(username=name, domain=domain)
    message["Subject"] = mail.subject
    for name, value in mail.headers.items():
        message[name] = value
    # a lone CR or LF within a mail is the end of it to some servers, and not to others
    return _LINE_END.sub(b"\r\n", message.as_bytes())
