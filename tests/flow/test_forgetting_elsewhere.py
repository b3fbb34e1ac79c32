"""What else tells of a person: their voice, here and at the carrier, and what a platform posted of their call."""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.flow.forget_customer import Forgotten, forget_customer
from app.ids import new_id
from app.store.connection_events import ConnectionEvent, keep_event
from app.store.connections import Connection, ConnectionFacts
from tests.flow.test_spoken_comments import (
    ORDER,
    Writer,
    commented,
    is_at_the_carrier,
    the_recording,
    until_ready,
    until_transcribed,
)
from tests.house import PHONE, House
from tests.telephone import Telephony


def forget(house: House, account_id: UUID) -> Forgotten:
    @contextmanager
    def unit() -> Iterator[Session]:
        with house.sessions.begin() as session:
            yield session

    return forget_customer(
        unit, account_id=account_id, actor="tests", by="phone", value=PHONE, opt_out=False, units=9
    )


def test_a_voice_that_is_kept_is_gone(telephony: Telephony) -> None:
    account = telephony.account(order_ivr=ORDER, language="zh")
    commented(telephony, account, "态度很好", language="zh")
    until_ready(telephony)
    telephony.write_down()
    assert the_recording(telephony).audio is not None
    assert forget(telephony.house, account).recordings == 1
    assert (the_recording(telephony).state, the_recording(telephony).audio) == ("dropped", None)
    assert telephony.words(account) is None


def test_a_voice_at_the_carrier_is_deleted_there_unheard(telephony: Telephony) -> None:
    account = telephony.account(order_ivr=ORDER, language="zh", keep_audio=True)
    telephony.has_transcriber()
    commented(telephony, account, "态度很好", language="zh")
    until_ready(telephony)
    forget(telephony.house, account)
    writer = Writer()
    telephony.write_down(writer)
    assert writer.asked == []
    assert (the_recording(telephony).state, the_recording(telephony).audio) == ("dropped", None)
    assert not is_at_the_carrier(telephony)
    assert telephony.words(account) is None


def test_words_that_a_carrier_writes_down_later_are_not_taken(telephony: Telephony) -> None:
    account = telephony.account(order_ivr=ORDER)
    commented(telephony, account, "You were great")
    forget(telephony.house, account)
    until_transcribed(telephony)
    assert telephony.words(account) is None
    telephony.write_down()
    assert not is_at_the_carrier(telephony)


def test_what_a_platform_posted_of_the_call_is_emptied_and_of_other_calls_not(house: House) -> None:
    account_id = house.account()
    with house.sessions.begin() as session:
        connection = Connection(
            account_id=account_id, id=new_id(), platform="generic", name="desk", source="desk", settings={}
        )
        session.add(connection)
        session.flush()
        facts = ConnectionFacts(account_id, connection.id, "generic", "desk", "desk", {}, ())
        for call_id in ("theirs", "another"):
            event, _ = keep_event(
                session, facts, event_key=call_id.encode(), content={"body": f"{PHONE} has called"}
            )
            event.call_id = call_id
    house.hang_up(account_id, call_id="theirs", source="desk", phone=PHONE)
    house.hang_up(account_id, call_id="another", source="desk", phone="+447700900124")
    forget(house, account_id)
    with house.sessions() as session:
        rows = session.execute(select(ConnectionEvent.call_id, ConnectionEvent.content.is_not(None)))
        assert dict(tuple(row) for row in rows) == {"theirs": False, "another": True}
