"""`postcall recording`: a spoken comment to listen to, and who did."""

from pathlib import Path

from tests.cli.conftest import Command
from tests.flow.test_spoken_comments import ORDER, commented, until_ready, until_transcribed
from tests.telephone import Telephony


def test_a_kept_comment_is_written_to_a_file_and_audited(
    telephony: Telephony, command: Command, tmp_path: Path
) -> None:
    account = telephony.account(order_ivr=ORDER, language="zh")
    commented(telephony, account, "态度很好", language="zh")
    (call_id,) = [str(invitation.call_id) for invitation in telephony.house.invitations(account)]
    file = tmp_path / "comment.wav"
    assert "No recording" in command("recording", call_id, str(file))
    assert not file.exists()
    until_ready(telephony)
    telephony.write_down()
    assert "Written" in command("recording", call_id, str(file))
    assert file.read_bytes().startswith(b"RIFF")
    assert "recording.heard" in command("audit", "--account", telephony.name_of(account))
    assert "No call" in command("recording", "nothing", str(file))


def test_the_story_of_a_call_tells_what_was_pressed(telephony: Telephony, command: Command) -> None:
    account = telephony.account(order_ivr=ORDER)
    commented(telephony, account, "You were great")
    until_transcribed(telephony)
    said = command("why", str(telephony.invitation(account).call_id))
    order = [
        "call to them (ask csat): delivered",
        "on the telephone: start",
        "answered csat: 5 by ivr",
        "the call to them ended: heard",
    ]
    places = [said.index(words) for words in order]
    assert places == sorted(places), said
    assert "writing down what was spoken: completed" in said
    assert "You were great" not in said
