"""What a mail provider reports back about a mail: that it could not be delivered, or that it was called spam.

Formats: RFC 3464 (delivery status) and RFC 5965 (feedback), both in a multipart/report of RFC 6522.
"""

import uuid
from datetime import UTC, datetime
from email.utils import format_datetime

from simulator.mailboxes import Mail

HOST = "mail.simulator"


def bounce(mail: Mail, status: str = "5.1.1", action: str = "failed") -> bytes:
    """A delivery status notification to the envelope's sender. `action` is failed or delayed."""
    diagnosis = f"{'550' if status.startswith('5') else '450'} {status} {_why(status)}"
    fate = "could not be delivered" if action == "failed" else "has not been delivered yet; we keep trying"
    report = "\r\n".join(
        (
            f"Reporting-MTA: dns; {HOST}",
            f"Arrival-Date: {format_datetime(mail.at)}",
            "",
            f"Final-Recipient: rfc822; {mail.to}",
            f"Action: {action}",
            f"Status: {status}",
            f"Remote-MTA: dns; {HOST}",
            f"Diagnostic-Code: smtp; {diagnosis}",
            f"Last-Attempt-Date: {format_datetime(datetime.now(UTC))}",
            "",
        )
    )
    return _report(
        to=mail.envelope_from,
        sender=f"Mail Delivery System <MAILER-DAEMON@{HOST}>",
        subject="Undelivered Mail Returned to Sender" if action == "failed" else "Delayed Mail",
        words=f"Your message to <{mail.to}> {fate}: {diagnosis}",
        kind="delivery-status",
        report=report,
        original=mail.raw,
    )


def complaint(mail: Mail) -> bytes:
    """An abuse report, as a provider sends when somebody presses "This is spam"."""
    report = "\r\n".join(
        (
            "Feedback-Type: abuse",
            "User-Agent: Postcall-Simulator/1",
            "Version: 1",
            f"Original-Mail-From: <{mail.envelope_from}>",
            f"Original-Rcpt-To: <{mail.to}>",
            f"Arrival-Date: {format_datetime(mail.at)}",
            f"Reporting-MTA: dns; {HOST}",
            "",
        )
    )
    return _report(
        to=mail.envelope_from,
        sender=f"Feedback Loop <feedback@{HOST}>",
        subject="Abuse report",
        words="This is an abuse report for a message that one of our users called spam.",
        kind="feedback-report",
        report=report,
        original=mail.raw,
    )


def _why(status: str) -> str:
    return {"5.1.1": "No such mailbox here", "5.2.2": "Mailbox full", "4.4.7": "Delivery time expired"}.get(
        status, "Delivery failed"
    )


def _report(
    *, to: str, sender: str, subject: str, words: str, kind: str, report: str, original: bytes
) -> bytes:
    boundary = f"report-{uuid.uuid4().hex}"
    head = (
        f"From: {sender}\r\n"
        f"To: <{to}>\r\n"
        f"Subject: {subject}\r\n"
        f"Date: {format_datetime(datetime.now(UTC))}\r\n"
        f"Message-ID: <{uuid.uuid4().hex}@{HOST}>\r\n"
        "Auto-Submitted: auto-replied\r\n"
        "MIME-Version: 1.0\r\n"
        f'Content-Type: multipart/report; report-type={kind};\r\n\tboundary="{boundary}"\r\n'
        "\r\n"
        f"--{boundary}\r\n"
        "Content-Type: text/plain; charset=utf-8\r\n"
        "Content-Transfer-Encoding: 8bit\r\n"
        "\r\n"
        f"{words}\r\n"
        "\r\n"
        f"--{boundary}\r\n"
        f"Content-Type: message/{kind}\r\n"
        "\r\n"
        f"{report}\r\n"
        f"--{boundary}\r\n"
        "Content-Type: message/rfc822\r\n"
        "Content-Transfer-Encoding: 8bit\r\n"
        "\r\n"
    )
    return head.encode() + original + f"\r\n--{boundary}--\r\n".encode()
