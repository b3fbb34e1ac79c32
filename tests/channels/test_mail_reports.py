"""Reports as mail servers really write them."""

from uuid import UUID

import pytest

from app.channels.mail_reports import ReportKind, read_report
from tests.mails import report

ID = UUID("0190a0b0-c0d0-7e0f-8000-000000000001")
OURS = f"{ID.hex}@survey.example"

POSTFIX = f"""\
Return-Path: <>
Delivered-To: bounces@acme.example
Date: Sun, 22 Nov 2026 09:00:00 +0000 (UTC)
From: MAILER-DAEMON@mx.example (Mail Delivery System)
Subject: Undelivered Mail Returned to Sender
To: bounce+{ID.hex}@bounces.acme.example
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status;
\tboundary="4B1F.1700000000/mx.example"

This is a MIME-encapsulated message.

--4B1F.1700000000/mx.example
Content-Description: Notification
Content-Type: text/plain; charset=us-ascii

<ada@example.org>: host mail.example.org[192.0.2.1] said: 550 5.1.1 User unknown

--4B1F.1700000000/mx.example
Content-Description: Delivery report
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example
X-Postfix-Queue-ID: 4B1F
Arrival-Date: Sun, 22 Nov 2026 08:59:59 +0000 (UTC)

Final-Recipient: rfc822; ada@example.org
Original-Recipient: rfc822;ada@example.org
Action: failed
Status: 5.1.1
Remote-MTA: dns; mail.example.org
Diagnostic-Code: smtp; 550 5.1.1 User unknown

--4B1F.1700000000/mx.example
Content-Description: Undelivered Message Headers
Content-Type: text/rfc822-headers

Message-ID: <{OURS}>
From: Acme <feedback@acme.example>

--4B1F.1700000000/mx.example--
"""

EXCHANGE = f"""\
From: postmaster@example.org
To: bounces@acme.example
Subject: Undeliverable: How did we do on your call?
Content-Type: multipart/report; report-type=delivery-status; boundary="_xyz_"
MIME-Version: 1.0

--_xyz_
Content-Type: multipart/alternative; boundary="_abc_"

--_abc_
Content-Type: text/plain

Delivery has failed to these recipients
--_abc_
Content-Type: text/html

<p>Delivery has failed</p>
--_abc_--
--_xyz_
Content-Type: message/delivery-status

Reporting-MTA: dns;mail.example.org
Original-Envelope-Id: {OURS}

Final-recipient: RFC822;ada@example.org
Action: failed
Status: 5.0.0
Diagnostic-Code: smtp;550 5.4.1 Recipient address rejected: Access denied

--_xyz_
Content-Type: message/rfc822

Message-ID:
 <{OURS}>
Subject: How did we do on your call?

Hello
--_xyz_--
"""

FEEDBACK = f"""\
From: <abusedesk@example.com>
To: <feedback-loop@acme.example>
Subject: FW: How did we do on your call?
MIME-Version: 1.0
Content-Type: multipart/report; report-type=feedback-report; boundary="part1_13d"

--part1_13d
Content-Type: text/plain; charset="US-ASCII"

This is an email abuse report.

--part1_13d
Content-Type: message/feedback-report

Feedback-Type: abuse
User-Agent: SomeGenerator/1.0
Version: 1
Original-Mail-From: <bounce+{ID.hex}@bounces.acme.example>

--part1_13d
Content-Type: message/rfc822
Content-Disposition: inline

From: <feedback@acme.example>
Message-ID: <{OURS}>

redacted
--part1_13d--
"""


@pytest.mark.parametrize("ends", ["\n", "\r\n"])
@pytest.mark.parametrize(
    ("text", "kind", "code"),
    [
        (POSTFIX, ReportKind.FAILED, 501001),
        (EXCHANGE, ReportKind.FAILED, 504001),  # 5.0.0 says nothing, the server has said more
        (FEEDBACK, ReportKind.COMPLAINT, None),
    ],
)
def test_what_it_says_of_which_mail(text: str, kind: ReportKind, code: int | None, ends: str) -> None:
    read = read_report(text.replace("\n", ends).encode())
    assert (read.kind, read.code, read.messages) == (kind, code, (ID,))


@pytest.mark.parametrize("gone", ["bounce+", "Message-ID"])
def test_one_of_its_names_is_enough(gone: str) -> None:
    text = "\n".join(line for line in POSTFIX.split("\n") if gone not in line)
    assert read_report(text.encode()).messages == (ID,)


def test_cut_off_after_the_machines_part_it_says_as_much() -> None:
    text = POSTFIX[: POSTFIX.index("Content-Description: Undelivered")]
    assert read_report(text.encode()).messages == (ID,)
    assert read_report(text.encode()).code == 501001


@pytest.mark.parametrize(
    ("fields", "kind", "code"),
    [
        ("Action: delayed\r\nStatus: 4.4.1\r\n", ReportKind.DELAYED, 404001),
        ("Action: failed (for good)\r\nStatus: 5.1.1 (no such user)\r\n", ReportKind.FAILED, 501001),
        ("Action: failed\r\nDiagnostic-Code: smtp; 550 sorry\r\n", ReportKind.FAILED, 550),
        ("Action: failed\r\n", ReportKind.FAILED, None),
        ("Action: delivered\r\nStatus: 2.0.0\r\n", ReportKind.OTHER, None),
        ("Action: relayed\r\nStatus: 2.0.0\r\n", ReportKind.OTHER, None),
        ("Status: 5.1.1\r\n", ReportKind.OTHER, None),
        ("Action: delayed\r\n\r\nAction: failed\r\nStatus: 5.2.1\r\n", ReportKind.FAILED, 502001),
    ],
)
def test_what_became_of_the_recipient(fields: str, kind: ReportKind, code: int | None) -> None:
    read = read_report(report("", fields=f"Reporting-MTA: dns; mx\r\n\r\n{fields}"))
    assert (read.kind, read.code) == (kind, code)


@pytest.mark.parametrize(
    "raw", [b"", b"Subject: I am away\r\n\r\nAction: failed\r\nStatus: 5.1.1", b"\x00" * 99]
)
def test_what_is_no_report_says_nothing(raw: bytes) -> None:
    assert read_report(raw).kind is ReportKind.OTHER


def test_what_a_customer_writes_into_a_mail_is_not_taken_for_a_report() -> None:
    returned = "Message-ID: <x@y>\r\n\r\nFeedback-Type: abuse\r\nAction: failed\r\nStatus: 5.1.1\r\n"
    read = read_report(report(returned, fields="Action: delayed\r\nStatus: 4.4.1\r\n"))
    assert read.kind is ReportKind.DELAYED
