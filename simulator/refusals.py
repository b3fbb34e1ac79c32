"""Why the carrier says no: Twilio's error codes with their HTTP status and words.

Source: the error dictionary at https://www.twilio.com/docs/api/errors.
"""

CARRIER_PREFIX = "/2010-04-01/"

_REFUSALS: dict[int, tuple[int, str]] = {
    20001: (400, "Invalid parameter"),
    20003: (401, "Authenticate"),
    20404: (404, "The requested resource was not found"),
    20429: (429, "Too Many Requests"),
    20500: (500, "Internal Server Error"),
    21201: (400, "No 'To' number is specified"),
    21205: (400, "Url parameter is required, or is not a valid URL."),
    21210: (400, "The source phone number provided is not yet verified for your account."),
    21211: (400, "The 'To' number is not a valid phone number."),
    21213: (400, "No 'From' number is specified"),
    21216: (403, "Account not allowed to call this number."),
    21220: (400, "Invalid call state"),
    21408: (403, "Permission to send an SMS has not been enabled for the region of the 'To' number."),
    21602: (400, "Message body is required."),
    21603: (400, "A 'From' phone number is required."),
    21604: (400, "A 'To' phone number is required."),
    21606: (400, "The 'From' phone number is not a valid, message-capable number of this account."),
    21609: (400, "The 'StatusCallback' URL is not a valid URL."),
    21610: (400, "Attempt to send to unsubscribed recipient"),
    21611: (429, "This 'From' number has exceeded the maximum number of queued messages"),
    21614: (400, "The 'To' number is not a valid mobile number."),
    21617: (400, "The concatenated message body exceeds the 1600 character limit."),
    21624: (400, "Invalid validity period value"),
    21626: (400, "Invalid statusCallbackEvents"),
    30001: (429, "Queue overflow"),
}

# found out after accepting, and before the handset was tried: the message fails without having been sent
NEVER_SENT = frozenset({21610, 30001, 30002, 30032, 30034})


class Refusal(Exception):
    """Becomes the carrier's error body {code, message, more_info, status}."""

    def __init__(self, code: int, *, status: int | None = None, retry_after: float | None = None) -> None:
        known_status, self.message = _REFUSALS.get(code, (400, "The message was refused."))
        super().__init__(self.message)
        self.code = code
        self.status = status or known_status
        self.retry_after = retry_after
