import pytest

from simulator.twiml import BadTwiml, Gather, Hangup, Heard, Record, read_twiml


@pytest.mark.parametrize(
    ("document", "complaint"),
    [
        ("<Response>", "12100"),
        ("", "12100"),
        ("<Reply/>", "12102"),
        ("<Response><Ask/></Response>", "12200: <Ask> is no verb"),
        ("<Response><Gather numdigits='1'/></Response>", "no attribute numdigits"),
        ("<Response><Gather numDigits='0'/></Response>", "numDigits"),
        ("<Response><Gather timeout='-1'/></Response>", "timeout"),
        ("<Response><Gather input='voice'/></Response>", "13335"),
        ("<Response><Gather finishOnKey='12'/></Response>", "13310"),
        ("<Response><Gather><Record/></Gather></Response>", "holds no <Record>"),
        ("<Response><Gather actionOnEmptyResult='1'/></Response>", "actionOnEmptyResult"),
        ("<Response><Record finishOnKey='x'/></Response>", "13613"),
        ("<Response><Record method='PUT'/></Response>", "method"),
        ("<Response><Say> </Say></Response>", "13511"),
        ("<Response><Play/></Response>", "13420"),
        ("<Response><Redirect/></Response>", "13710"),
        (f"<Response><Say>{'a' * 5000}</Say></Response>", "13520"),
        (f"<Response>{' ' * 70_000}</Response>", "11750"),
    ],
)
def test_a_document_that_the_carrier_would_not_follow(document: str, complaint: str) -> None:
    with pytest.raises(BadTwiml, match=complaint):
        read_twiml(document)


def test_verbs_come_in_order_with_twilios_defaults() -> None:
    say, gather, record, hangup = read_twiml(
        "<Response><Say>Hi</Say><Gather/><Record transcribe='true'/><Hangup/></Response>"
    )
    assert isinstance(say, Heard)
    assert isinstance(gather, Gather)
    assert (gather.input, gather.timeout, gather.finish_on_key, gather.num_digits) == ("dtmf", 5, "#", None)
    assert not gather.action_on_empty_result
    assert isinstance(record, Record)
    assert (record.timeout, record.max_length, record.method) == (5, 120, "POST")
    assert "5" in record.finish_on_key
    assert isinstance(hangup, Hangup)


def test_what_is_said_is_what_is_heard() -> None:
    heard = read_twiml(
        "<Response><Say loop='2'>A  b\n<break/>c <prosody rate='slow'>d</prosody> "
        "<sub alias='World Wide'>WW</sub> e</Say><Play>https://example.com/a.mp3</Play></Response>"
    )
    assert [verb.words for verb in heard if isinstance(verb, Heard)] == [
        "A b c d World Wide e",
        "A b c d World Wide e",
        "[https://example.com/a.mp3]",
    ]


def test_chinese_takes_longer_to_say_by_the_character() -> None:
    (chinese,) = read_twiml("<Response><Say>您好</Say></Response>")
    (english,) = read_twiml("<Response><Say>Hi</Say></Response>")
    assert isinstance(chinese, Heard)
    assert isinstance(english, Heard)
    assert chinese.seconds > english.seconds
