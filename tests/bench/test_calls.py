"""The reports of the benchmark are calls that the service takes, each of another customer."""

import json
from itertools import islice

from app.channels.phone import read_phone
from app.web.api.schemas.calls import CallEndSchema
from bench.calls import Reports, phone_of


def test_reports_are_valid_and_no_two_are_alike() -> None:
    reports = Reports("pc_key")
    requests = [each.partition(b"\r\n\r\n") for each in islice(reports.to("/v1/calls"), 40)]
    calls = [CallEndSchema().load(json.loads(body)) for _, _, body in requests]
    assert len({call.call_id for call in calls}) == len({call.phone for call in calls}) == 40
    assert [call.phone for call in calls] == [phone_of(number) for number in range(40)]
    assert all(f"content-length: {len(body)}".encode() in head for head, _, body in requests)


def test_their_customers_can_be_texted() -> None:
    numbers = [phone_of(number) for number in (*range(8), *range(2_999_992, 3_000_000))]
    assert [read_phone(number).e164 for number in numbers] == numbers
