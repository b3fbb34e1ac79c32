"""What a client of the API should know before its first request; shown above the operations at /docs/."""


def about(requests_per_minute: int) -> str:
    """Markdown. `requests_per_minute` of one key; 0 is no limit."""
    limit = (
        f"A key may make {requests_per_minute:,} requests a minute. Every answer to it says what is left:"
        ' `RateLimit: "default";r=417;t=12` is 417 requests for the next 12 seconds. Above that the answer is 429'
        " with `Retry-After`, and nothing was done: send the request again."
        if requests_per_minute
        else "There is no limit on this service."
    )
    return f"{_START}\n\n### How often\n\n{limit}\n\n{_VERSIONS}"


_START = """\
After a call, the customer is asked how it went; results are read here, each with how far it may be relied on.

### Start here

Ask your operator for a key (`postcall keys create`), press **Authorize** below and paste it, `pc_` included; then
**Try it out**. On a command line:

```
curl https://survey.example/v1/calls -H "Authorization: Bearer pc_..." \\
     -H "Content-Type: application/json" -d @call.json
```

1. Report each call when it ends: `POST /v1/calls`. The answer is the decision: an invitation, or why there is none.
2. See what became of it: `GET /v1/invitations/{id}`.
3. Collect answers: `GET /v1/responses`, and come back with its `cursor`. Or read figures: `GET /v1/results`.

### Errors

Every error is `application/problem+json` (RFC 9457). A 422 names each field in `errors`, by `pointer` in the body
or by `parameter` in the query. 5xx and 429 may be sent again as they are; other 4xx need another request. With
`request_id` your operator finds it in the log.

### Repeats

A call is known by `source` and `call_id`. The same report again is 200 with the decision of the first time, so
retry as often as you like. Another report of the same call is 409: amend it with PATCH.

### Pages

Every list takes `limit` (1 to 500, usually 100) and `cursor`, and answers `items`, `next_cursor` and `cursor`.
Go on with `next_cursor` until it is null. Keep `cursor` to go on from there another time. Cursors are opaque.

### Times

ISO 8601 with an offset, both ways (`2026-03-02T09:30:00-05:00`). Days are days in the account's time zone.
Durations are seconds."""

_VERSIONS = """\
### Versions

This is version 1, and so are all paths under `/v1`. Fields, operations, reasons and states may be added at any
time: ignore what you don't know. Nothing is taken away or changes its meaning within a version without a year's
notice. What is going to end is marked *deprecated* here, and its answers carry `Deprecation` (RFC 9745) and
`Sunset` (RFC 8594).
"""
