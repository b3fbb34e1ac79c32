from simulator.ledger import Ledger, Message, new_message


def message(body: str, phone: str) -> Message:
    return new_message(
        "AC", sender="+15005550006", recipient=phone, body=body, direction="outbound-api", status="queued"
    )


def test_the_oldest_messages_are_forgotten_everywhere() -> None:
    ledger = Ledger(limit=3)
    messages = [ledger.add(message(str(n), f"+4477009001{n % 2:02}")) for n in range(5)]
    assert [kept.body for kept in ledger.all()] == ["2", "3", "4"]
    assert [kept.body for kept in ledger.of("+447700900100")] == ["2", "4"]
    assert ledger.get(messages[0].sid) is None
    assert ledger.change(messages[0].sid, status="sent") is None
    assert {number: count for number, _, count in ledger.parties()} == {
        "+15005550006": 3,
        "+447700900100": 2,
        "+447700900101": 1,
    }


def test_a_number_without_messages_is_forgotten_with_its_last() -> None:
    ledger = Ledger(limit=1)
    ledger.add(message("1", "+447700900100"))
    ledger.add(message("2", "+447700900101"))
    assert ledger.of("+447700900100") == []
    assert "+447700900100" not in {number for number, _, _ in ledger.parties()}


def test_a_message_to_oneself_is_listed_once() -> None:
    ledger = Ledger(limit=1)
    ledger.add(message("1", "+15005550006"))
    assert len(ledger.of("+15005550006")) == 1
    ledger.add(message("2", "+15005550006"))
    assert [kept.body for kept in ledger.of("+15005550006")] == ["2"]
