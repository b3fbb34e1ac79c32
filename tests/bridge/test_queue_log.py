"""What queue_log says of the time in which nobody listened."""

from pathlib import Path

from app.bridge.queue_log import ended_between, read_lines

# as Asterisk 22.10.1 wrote it
LOG = """\
1795352768|1795352768.24|support|NONE|ENTERQUEUE||+447700900123|1
1795352768|1795352768.24|support|Ada|CONNECT|0|1795352768.26|0
1795352772|1795352768.24|support|Ada|COMPLETECALLER|0|4|1
1795352600|1795352600.8|empty|NONE|ENTERQUEUE||+447700900124|1
1795352603|1795352600.8|empty|NONE|ABANDON|1|1|3
1795353010|1795353010.62|support|NONE|ENTERQUEUE||+447700900125|1
1795353010|1795353010.62|support|Ada|CONNECT|0|1795353010.64|0
1795353013|1795353010.62|support|Ada|BLINDTRANSFER|700|in|0|3|1
1795353036|1795353036.76|support|Ada|CONNECT|0|1795353036.78|0
1795353041|1795353036.76|support|Ada|ATTENDEDTRANSFER|BRIDGE|9b087d17-5321-46da-aca1-6b45d29ebe90|0|5|1
"""
MEMBERS = {("support", "Ada"): "PJSIP/1001"}


def test_each_end_is_read_with_its_caller_and_agent() -> None:
    talked, gave_up, blind, attended = ended_between(LOG.splitlines(), 1795352000, 1795354000, MEMBERS)
    assert talked == {
        "Event": "COMPLETECALLER",
        "Uniqueid": "1795352768.24",
        "Queue": "support",
        "CallerIDNum": "+447700900123",
        "Interface": "PJSIP/1001",
        "MemberName": "Ada",
        "DestUniqueid": "1795352768.26",
        "HoldTime": "0",
        "TalkTime": "4",
        "EndTime": "1795352772",
    }
    assert (gave_up["Event"], gave_up["HoldTime"], "MemberName" in gave_up) == ("ABANDON", "3", False)
    assert (blind["Reason"], blind["TransferredTo"], blind["TalkTime"]) == ("transfer", "700", "3")
    assert (attended["Reason"], attended["TalkTime"], attended["CallerIDNum"]) == ("transfer", "5", "")


def test_only_what_ended_in_the_time_is_told() -> None:
    found = list(ended_between(LOG.splitlines(), 1795352700, 1795353012, MEMBERS))
    assert [one["Uniqueid"] for one in found] == ["1795352768.24"]
    assert found[0]["CallerIDNum"] == "+447700900123"


def test_lines_of_any_kind_do_no_harm() -> None:
    lines = [
        "",
        "|",
        "x|y|z|COMPLETECALLER",
        "1795352772|1|q|m|COMPLETEAGENT",
        "9" * 40 + "|1|q|m|ABANDON|1|1|1",
    ]
    (found,) = ended_between(lines, 0, 1795354000, {})
    assert (found["Interface"], found["TalkTime"]) == ("m", "")


def test_what_was_rotated_away_is_read_too(tmp_path: Path) -> None:
    log = tmp_path / "queue_log"
    log.write_text("b\n")
    log.with_name("queue_log.1").write_text("a\n")
    assert read_lines(log) == ["a", "b"]
