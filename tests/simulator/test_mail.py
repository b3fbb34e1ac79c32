import threading

import pytest

from simulator.mailboxes import Mail, Mailboxes
from tests.simulator.post import ADA, BEN, SENDER, conversation, inbox, letter, post, subjects
from tests.simulator.world import World


def test_a_mail_is_in_its_mailbox_once_it_is_accepted(world: World) -> None:
    mail = letter("Wie war’s? 满意")
    mail.add_alternative("<p>满意吗？</p>", subtype="html")
    post(world, mail)
    (kept,) = inbox(world)
    assert kept["subject"] == "Wie war’s? 满意"
    assert kept["text"] == "How satisfied are you?\n\n.5 is best\n"
    assert kept["html"] == "<p>满意吗？</p>\n"
    assert kept["from"] == "Postcall <survey@postcall.test>"
    assert (kept["to"], kept["envelope_from"]) == (ADA, SENDER)
    assert kept["message_id"] == "<m1@postcall.test>"


def test_repeated_headers_are_all_there_and_the_first_stands_for_its_name(world: World) -> None:
    mail = letter()
    mail["X-Note"] = "first"
    mail["X-Note"] = "second"
    post(world, mail)
    (kept,) = inbox(world)
    assert kept["headers"]["X-Note"] == "first"
    assert [value for name, value in kept["all_headers"] if name == "X-Note"] == ["first", "second"]


def test_each_recipient_has_the_mail_in_a_mailbox_of_their_own(world: World) -> None:
    post(world, letter("to both"), ADA, BEN)
    post(world, letter("to Ben"), BEN)
    assert [mail["subject"] for mail in inbox(world)] == ["to both"]
    assert [mail["subject"] for mail in inbox(world, BEN)] == ["to both", "to Ben"]
    assert subjects(world) == ["to both", "to both", "to Ben"]
    boxes = world.get("/mailboxes.json")
    assert [(box["address"], box["count"], box["last"]["subject"]) for box in boxes] == [
        (BEN, 2, "to Ben"),
        (ADA, 1, "to both"),
    ]


def test_an_address_is_the_same_in_capitals(world: World) -> None:
    post(world, letter(), "Ada@Example.COM")
    assert len(inbox(world, ADA)) == 1
    assert inbox(world, "ADA@example.com")[0]["to"] == "Ada@Example.COM"


def test_a_mailbox_that_got_nothing_is_empty(world: World) -> None:
    assert inbox(world) == []
    assert world.get("/mailboxes.json") == []


def test_the_raw_mail_is_what_was_sent_with_its_lines_that_begin_with_a_dot(world: World) -> None:
    mail = letter()
    post(world, mail)
    (kept,) = inbox(world)
    raw = world.request("GET", f"/mailboxes/{ADA}/messages/{kept['id']}.eml").data
    assert raw == mail.as_bytes().replace(b"\n", b"\r\n")
    assert kept["size"] == len(raw)
    assert world.request("GET", f"/mailboxes/{BEN}/messages/{kept['id']}.eml").status == 404


def test_several_mails_go_over_one_connection_and_several_connections_at_once(world: World) -> None:
    def several() -> None:
        with conversation(world) as smtp:
            for _ in range(5):
                smtp.send_message(letter(), SENDER, ADA)

    threads = [threading.Thread(target=several) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({mail["id"] for mail in inbox(world)}) == 20


def test_any_user_name_and_password_will_do(world: World) -> None:
    with conversation(world) as smtp:
        assert smtp.login("somebody", "a password")[0] == 235
        smtp.send_message(letter(), SENDER, ADA)
    assert len(inbox(world)) == 1


def test_a_character_set_that_nobody_knows_hides_no_mail(world: World) -> None:
    mail = letter()
    mail.replace_header("Content-Type", 'text/plain; charset="klingon"')
    post(world, mail)
    assert "How satisfied" in inbox(world)[0]["text"]


@pytest.mark.parametrize(
    ("html", "links"),
    [
        ("<a href=\"http://s.test/a?csat=5&amp;l=en\">5</a> <A class=x HREF='http://s.test/b'>4</A>", 2),
        ('<a href="mailto:ada@example.com">write</a> <link href="http://s.test/style.css">', 0),
        ('<a href="http://s.test/a">1</a><a href="http://s.test/a">again</a>', 1),
    ],
)
def test_the_links_of_a_mail_are_what_its_reader_can_click(world: World, html: str, links: int) -> None:
    mail = letter()
    mail.add_alternative(html, subtype="html")
    post(world, mail)
    found = inbox(world)[0]["links"]
    assert len(found) == links
    assert all("&amp;" not in link for link in found)


def test_links_stand_in_the_text_and_in_the_header_too(world: World) -> None:
    mail = letter(List_Unsubscribe="<https://s.test/u/1>, <mailto:leave@postcall.test>")
    mail.set_content("Answer at http://s.test/a?csat=5. Thanks\n")
    post(world, mail)
    assert inbox(world)[0]["links"] == ["http://s.test/a?csat=5", "https://s.test/u/1"]


def test_html_is_shown_where_it_can_run_nothing_and_fetch_nothing(world: World) -> None:
    mail = letter()
    mail.add_alternative("<html><head><title>x</title></head><body>Hello</body></html>", subtype="html")
    post(world, mail)
    page = world.request("GET", f"/mailboxes/{ADA}/messages/{inbox(world)[0]['id']}.html")
    policy = page.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "sandbox" in policy
    assert "allow-scripts" not in policy
    assert page.data.startswith(b'<html><head><base target="_blank"><title>')


def test_the_oldest_mails_are_forgotten_everywhere() -> None:
    boxes = Mailboxes(limit=3)
    mails = [Mail(to=[ADA, BEN][n % 2], envelope_from=SENDER, raw=b"Subject: %d\n\n" % n) for n in range(5)]
    for mail in mails:
        boxes.add(mail)
    assert boxes.all() == mails[2:]
    assert boxes.of(ADA) == [mails[2], mails[4]]
    assert boxes.get(ADA, mails[0].id) is None
    for mail in mails[2:]:
        boxes.add(Mail(to="new@example.com", envelope_from=SENDER, raw=mail.raw))
    assert [(mail.to, count) for mail, count in boxes.newest()] == [("new@example.com", 3)]
