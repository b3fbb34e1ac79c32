"""Surveys by a gateway that an operator has described, from the first text to the last answer."""

import dataclasses
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from app.channels.gateway_hooks import GatewayReceipt, GatewayReply
from app.errors import Invalid, NotFound
from app.flow.gateways import (
    change_gateway,
    create_gateway,
    find_gateway,
    record_gateway_receipt,
    record_gateway_text,
)
from app.store.accounts import Account
from app.store.rechecks import recheck
from app.store.senders import Sender
from tests.channels.gateway_server import HOOK_SECRET, SECRET, GatewayServer, description, gateway_server
from tests.flow.steps import is_free, outcomes, the_message, the_state
from tests.house import House
from workers.delivery import look_up_doubts

PHONE = "+8613800138000"


@pytest.fixture
def server() -> Iterator[GatewayServer]:
    with gateway_server() as server:
        yield server


@dataclasses.dataclass
class Shop:
    """An account whose texts go by the gateway."""

    house: House
    account_id: UUID
    name: str
    sender_id: UUID
    server: GatewayServer

    def hang_up(self) -> None:
        self.house.hang_up(self.account_id, phone=PHONE)
        self.house.send()

    def reports(self, status: str, provider_id: str | None = None, reference: str | None = None) -> None:
        with self.house.sessions.begin() as session:
            known = find_gateway(session, self.sender_id)
            assert known is not None
            record_gateway_receipt(session, known.sender, GatewayReceipt(provider_id, reference, status))

    def customer_texts(self, text: str, number: int = 1) -> None:
        with self.house.sessions.begin() as session:
            known = find_gateway(session, self.sender_id)
            assert known is not None
            record_gateway_text(session, known.sender, GatewayReply(str(number), PHONE, text))
        self.house.send()

    def describe(self, **changes: Any) -> None:
        with self.house.sessions.begin() as session:
            change_gateway(
                session,
                account_name=self.name,
                sender_id=self.sender_id,
                description=description(self.server.url, **changes),
                secret=None,
                hook_secret=None,
            )
        # what is known of a sender may be a second old
        self.house.parts = self.house.worker()

    @property
    def texts(self) -> list[str]:
        return [asked.json["content"] for asked in self.server.asked]


def open_shop(house: House, server: GatewayServer, *, language: str = "zh", **changes: Any) -> Shop:
    house.settings = dataclasses.replace(house.settings, outbound_allow=(server.place,))
    house.parts = house.worker()
    account_id = house.account(language=language)
    with house.sessions.begin() as session:
        name = session.get_one(Account, account_id).name
        sender_id = create_gateway(
            session,
            account_name=name,
            description=description(server.url, **changes),
            secret=SECRET,
            hook_secret=HOOK_SECRET,
            per_second=1000,
            burst=1000,
            opt_out_suffix=None,
        )
    return Shop(house, account_id, name, sender_id, server)


def test_a_conversation_by_a_gateway(house: House, server: GatewayServer) -> None:
    shop = open_shop(house, server)
    shop.hang_up()
    assert the_state(house, shop.account_id) == ("asked", "accepted")
    shop.reports("delivered", "1001")
    assert the_state(house, shop.account_id) == ("asked", "delivered")
    shop.customer_texts("5")
    assert house.invitations(shop.account_id)[0].state == "started"
    assert len(shop.texts) == 2  # the next question
    assert house.ledger() == []  # nothing by the account's older sender


def test_a_text_that_the_gateway_hands_on_twice_is_one(house: House, server: GatewayServer) -> None:
    shop = open_shop(house, server)
    shop.hang_up()
    shop.customer_texts("5")
    shop.customer_texts("5")
    assert len(shop.texts) == 2


def test_a_no_is_confirmed_by_us_for_the_gateway_says_nothing(house: House, server: GatewayServer) -> None:
    shop = open_shop(house, server, language="en")
    shop.hang_up()
    shop.customer_texts("STOP")
    assert house.contact(shop.account_id, PHONE).opted_out_at is not None
    assert len(shop.texts) == 2
    shop.hang_up()
    assert len(shop.texts) == 2


@pytest.mark.parametrize(
    "says", [None, (502, b"bad gateway"), (200, b"nonsense"), (200, {"code": 0})], ids=str
)
def test_what_ends_unclear_is_in_doubt_at_once_and_never_sent_again(
    house: House, server: GatewayServer, says: Any
) -> None:
    shop = open_shop(house, server)
    server.says = [says]
    shop.hang_up()
    assert the_state(house, shop.account_id) == ("in_doubt", "in_doubt")
    assert outcomes(house, shop.account_id) == ["unknown"]
    for _ in range(3):
        house.settle()
        look_up_doubts(house.parts)
        house.send()
        house.pass_time(minutes=11)
    assert len(server.asked) == 1
    assert the_message(house, shop.account_id).state == "in_doubt"


def test_a_receipt_settles_a_doubt_by_our_reference(house: House, server: GatewayServer) -> None:
    shop = open_shop(house, server)
    server.says = [None]
    shop.hang_up()
    reference = server.asked[0].json["extra"]["uid"]
    shop.reports("delivered", reference=reference)
    assert the_state(house, shop.account_id) == ("asked", "delivered")
    shop.reports("delivered", reference="f" * 32)
    shop.reports("delivered", reference="not ours")
    assert len(house.messages(shop.account_id)) == 1


def test_receipts_by_reference_move_a_text_that_has_an_id_of_theirs(
    house: House, server: GatewayServer
) -> None:
    shop = open_shop(house, server)
    shop.hang_up()
    reference = server.asked[0].json["extra"]["uid"]
    shop.reports("sent", reference=reference)
    shop.reports("undelivered", reference=reference)
    shop.reports("sent", "1001", reference)
    assert the_state(house, shop.account_id) == ("failed", "failed")
    assert the_message(house, shop.account_id).provider_status == "undelivered"


def test_a_receipt_that_comes_before_our_record_waits_for_it(house: House, server: GatewayServer) -> None:
    shop = open_shop(house, server)
    shop.reports("delivered", "1001")
    shop.hang_up()
    assert the_state(house, shop.account_id) == ("asked", "delivered")


def test_a_busy_gateway_is_asked_again_and_a_mended_one_too(house: House, server: GatewayServer) -> None:
    shop = open_shop(house, server)
    server.says = [(200, {"code": 42}), (200, {"code": 43}), (200, {"code": 0, "data": {"msgid": "a"}})]
    shop.hang_up()
    assert the_message(house, shop.account_id).state == "due"
    for _ in range(2):
        house.pass_time(minutes=20)
        house.send()
    assert outcomes(house, shop.account_id) == ["rejected", "rejected", "accepted"]


def test_what_a_gateway_refuses_for_good_has_failed_and_its_customer_is_free(
    house: House, server: GatewayServer
) -> None:
    shop = open_shop(house, server)
    server.says = [(200, {"code": 77})]
    shop.hang_up()
    assert the_state(house, shop.account_id) == ("failed", "failed")
    assert "code 77" in (the_message(house, shop.account_id).detail or "")
    assert is_free(house.contact(shop.account_id, PHONE))


def test_a_gateway_that_is_not_there_was_not_asked(house: House, server: GatewayServer) -> None:
    shop = open_shop(house, server)
    house.settings = dataclasses.replace(house.settings, outbound_allow=("127.0.0.1:9", server.place))
    shop.describe(request={"url": "http://127.0.0.1:9/", "json": {"to": "{to}", "text": "{text}"}})
    shop.hang_up()
    assert outcomes(house, shop.account_id) == ["not_sent"]
    shop.describe()
    house.pass_time(minutes=1)
    house.send()
    assert outcomes(house, shop.account_id) == ["not_sent", "accepted"]


def test_a_worker_that_is_lost_with_its_request_leaves_a_doubt(house: House, server: GatewayServer) -> None:
    shop = open_shop(house, server)

    def end(_: str) -> None:
        raise SystemExit

    house.parts.answered = end
    shop.hang_up()
    assert the_message(house, shop.account_id).state == "claimed"
    shop.describe()
    house.pass_time(seconds=31)
    house.settle()
    house.send()
    assert the_state(house, shop.account_id) == ("in_doubt", "in_doubt")
    assert len(server.asked) == 1


def test_a_carrier_that_signs_gets_texts_without_the_brand(house: House, server: GatewayServer) -> None:
    signed, unsigned = open_shop(house, server), open_shop(house, server, signature="carrier")
    signed.hang_up()
    unsigned.hang_up()
    first, second = signed.texts
    assert first.startswith("【Acme】")
    assert second == first.removeprefix("【Acme】")


def test_a_text_waits_for_its_template_and_goes_out_once_that_is_approved(
    house: House, server: GatewayServer
) -> None:
    request = {
        "url": f"{server.url}/send",
        "json": {"mobile": "{to}", "content": "{text}", "template": "{template_id}"},
    }
    shop = open_shop(house, server, request=request, templates={})
    shop.hang_up()
    assert server.asked == []
    assert "no template ask/csat/zh" in (the_message(house, shop.account_id).detail or "")
    template: dict[str, Any] = {"id": "T-17", "approved": False}
    for change, why in (
        ({}, "is not approved yet"),
        ({"approved": True, "wording_version": "an-older-one"}, "another wording"),
    ):
        template |= change
        shop.describe(request=request, templates={"ask/csat/zh": template})
        house.pass_time(minutes=20)
        house.send()
        assert server.asked == []
        assert why in (the_message(house, shop.account_id).detail or "")
    template["wording_version"] = the_message(house, shop.account_id).wording_version
    shop.describe(request=request, templates={"ask/csat/zh": template})
    house.pass_time(minutes=20)
    house.send()
    (asked,) = server.asked
    assert asked.json["template"] == "T-17"
    assert outcomes(house, shop.account_id) == ["rejected", "rejected", "rejected", "accepted"]


def test_two_gateways_may_give_the_same_id(house: House, server: GatewayServer) -> None:
    server.says = [(200, {"code": 0, "data": {"msgid": 1}})]
    first = open_shop(house, server)
    first.hang_up()
    with house.sessions.begin() as session:
        create_gateway(
            session,
            account_name=first.name,
            description=description(server.url),
            secret=SECRET,
            hook_secret=HOOK_SECRET,
            per_second=1000,
            burst=1000,
            opt_out_suffix=None,
        )
    house.hang_up(first.account_id, phone="+8613800138001")
    house.send()
    assert [message.state for message in house.messages(first.account_id)] == ["accepted", "accepted"]
    first.reports("undelivered", "1")
    assert sorted(message.state for message in house.messages(first.account_id)) == ["accepted", "failed"]


def test_a_reply_counts_for_the_gateway_that_asked_alone(house: House, server: GatewayServer) -> None:
    shop, other = open_shop(house, server), open_shop(house, server)
    shop.hang_up()
    other.customer_texts("5")
    assert house.invitations(shop.account_id)[0].state == "asked"


def test_secrets_are_sealed_and_the_hooks_old_one_is_believed_for_a_while(
    house: House, server: GatewayServer
) -> None:
    shop = open_shop(house, server)
    with house.sessions.begin() as session:
        sender = session.scalars(select(Sender).where(Sender.id == shop.sender_id)).one()
        assert SECRET not in repr(sender.settings)
        assert SECRET.encode() not in sender.credentials
        change_gateway(
            session,
            account_name=shop.name,
            sender_id=shop.sender_id,
            description=description(server.url),
            secret="another secret",
            hook_secret="another of their secrets",
        )
        known = find_gateway(session, shop.sender_id)
        assert known is not None
        assert known.secrets == ("another of their secrets", HOOK_SECRET)
        assert known.sender.auth_token == "another secret"
    shop.describe()
    shop.hang_up()
    assert server.asked[0].headers["Authorization"] == "Bearer another secret"


def test_a_gateway_that_posts_to_us_needs_a_secret_and_belongs_to_one_account(
    house: House, server: GatewayServer
) -> None:
    shop, other = open_shop(house, server), open_shop(house, server)
    changed = {"description": description(server.url), "secret": None, "hook_secret": None}
    with house.sessions() as session:
        with pytest.raises(NotFound):
            change_gateway(session, account_name=other.name, sender_id=shop.sender_id, **changed)
        with pytest.raises(Invalid):
            create_gateway(
                session,
                account_name=shop.name,
                description=description(server.url),
                secret="",
                hook_secret="too short",
                per_second=1,
                burst=1,
                opt_out_suffix=None,
            )


QUERY = {
    "found": {"path": "found", "equals": True},
    "absent": {"path": "found", "equals": False},
    "id": "msgid",
}


def askable_shop(house: House, server: GatewayServer) -> Shop:
    url = f"{server.url}/status?uid={{reference}}"
    return open_shop(house, server, query={"request": {"method": "GET", "url": url}, **QUERY})


def test_a_gateway_that_can_be_asked_is_asked_and_its_word_adopted(
    house: House, server: GatewayServer
) -> None:
    shop = askable_shop(house, server)
    server.says = [None, (500, b""), (200, {"found": True, "msgid": "late"})]
    shop.hang_up()
    assert the_state(house, shop.account_id) == ("scheduled", "unknown")
    house.settle()
    assert the_message(house, shop.account_id).state == "unknown"  # what failed proves nothing
    house.pass_time(minutes=2)
    house.settle()
    assert the_state(house, shop.account_id) == ("asked", "accepted")
    asked = server.asked[0].json["extra"]["uid"]
    assert [one.path for one in server.asked[1:]] == [f"/status?uid={asked}"] * 2
    shop.reports("delivered", "late")
    assert the_message(house, shop.account_id).state == "delivered"


def test_what_the_gateway_twice_knows_nothing_of_is_sent_once_more(
    house: House, server: GatewayServer
) -> None:
    shop = askable_shop(house, server)
    absent = (200, {"found": False})
    server.says = [None, absent, absent, (200, {"code": 0, "data": {"msgid": "second"}})]
    shop.hang_up()
    house.settle()
    house.send()
    assert outcomes(house, shop.account_id) == ["unknown", "accepted"]
    assert [one.method for one in server.asked] == ["POST", "GET", "GET", "POST"]


def test_after_a_restore_a_gateway_that_cannot_be_asked_leaves_a_doubt(
    house: House, server: GatewayServer
) -> None:
    shop = open_shop(house, server)
    house.hang_up(shop.account_id, phone=PHONE)
    with house.sessions.begin() as session:
        assert recheck(session, shop.account_id, 10) == 1
    house.settle()
    house.send()
    assert the_message(house, shop.account_id).state == "unknown"
    house.pass_time(hours=19)
    house.settle()
    assert the_state(house, shop.account_id) == ("in_doubt", "in_doubt")
    assert (server.asked, house.ledger()) == ([], [])
