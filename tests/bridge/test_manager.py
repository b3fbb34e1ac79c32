"""The line protocol, however its bytes come."""

import socket
import ssl
import threading
from contextlib import closing
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.bridge.manager import Address, LoginRefused, ManagerError, Packet, PacketReader, connect
from tests.bridge.exchange import PASSWORD, USER, Exchange, call, packet, recorded
from tests.channels.mail_servers import make_certificate


def read(*pieces: bytes) -> list[Packet]:
    reader = PacketReader()
    return [one for piece in pieces for one in reader.feed(piece)]


@given(cuts=st.lists(st.integers(0, 3000), max_size=12))
def test_however_it_is_cut_it_is_the_same(cuts: list[int]) -> None:
    said = recorded("blind_to_queue")
    places = [0, *sorted(cut for cut in cuts if cut < len(said)), len(said)]
    pieces = [said[begin:end] for begin, end in pairwise(places)]
    assert read(*pieces) == read(said)


def test_several_packets_in_one_piece_and_one_in_many() -> None:
    said = packet(Event="A", X="1") + packet(Event="B")
    assert [one["Event"] for one in read(said)] == ["A", "B"]
    assert [one["Event"] for one in read(*(bytes([byte]) for byte in said))] == ["A", "B"]


def test_a_channels_variables_are_one_value() -> None:
    (found,) = read(
        b"Event: A\r\nChanVariable: REF=c=7\r\nChanVariable: EMPTY=\r\nChanVariable: LANG=en\r\n\r\n"
    )
    assert found["ChanVariable"] == {"REF": "c=7", "LANG": "en"}


def test_garbage_is_left_out_and_what_follows_is_read() -> None:
    said = b"\xff\xfe\x00 no colon\r\n\r\n\r\nEvent: A\r\nname\xff: \xff\xe9\r\nX: a: b\r\n\r\n"
    found = read(said)
    assert (found[-1]["Event"], found[-1]["X"]) == ("A", "a: b")


def test_an_endless_line_costs_its_packet_that_line_alone_and_us_no_memory() -> None:
    reader = PacketReader()
    found = reader.feed(b"Event: A\r\nCallerIDName: ")
    for _ in range(100):
        found += reader.feed(b"x" * 10_000)
        assert len(reader._rest) < 20_000
    found += reader.feed(b"\r\nUniqueid: 1.1\r\n\r\n")
    assert found == [{"Event": "A", "Uniqueid": "1.1"}]
    assert reader.dropped_lines == 1


def test_a_packet_of_endless_lines_is_bounded() -> None:
    reader = PacketReader()
    for number in range(2000):
        reader.feed(f"X{number}: 1\r\n".encode())
    (found,) = reader.feed(b"\r\n")
    assert len(found) == 500


def test_the_password_is_never_on_the_line(exchange: Exchange) -> None:
    with closing(connect(Address("127.0.0.1", exchange.port), USER, PASSWORD)):
        exchange.waits_for_login(1)
    assert not any(PASSWORD in action for action in exchange.hears)


def test_a_wrong_password_is_told_apart(exchange: Exchange) -> None:
    with pytest.raises(LoginRefused, match="Authentication failed"):
        connect(Address("127.0.0.1", exchange.port), USER, "another")


def test_nobody_there_or_somebody_else(exchange: Exchange) -> None:
    exchange.banner = b"220 mail.example ESMTP\r\n"
    with pytest.raises(ManagerError, match="no manager interface"):
        connect(Address("127.0.0.1", exchange.port), USER, PASSWORD)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with pytest.raises(ManagerError, match="can't be reached"):
        connect(Address("127.0.0.1", port), USER, PASSWORD)


def hang_up_at_once(server: socket.socket) -> None:
    server.accept()[0].close()


def test_whoever_is_not_permitted_is_hung_up_on() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=hang_up_at_once, args=(server,), daemon=True).start()
        with pytest.raises(ManagerError, match=r"permitted in manager\.conf"):
            connect(Address("127.0.0.1", server.getsockname()[1]), USER, PASSWORD)


def test_one_who_says_nothing_is_not_waited_for() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, pytest.raises(ManagerError):
        connect(Address("127.0.0.1", server.getsockname()[1]), USER, PASSWORD, seconds=0.05)


def test_tls_where_it_is_spoken_and_by_whom_it_should_be(exchange: Exchange, tmp_path: Path) -> None:
    with pytest.raises(ManagerError):
        connect(Address("127.0.0.1", exchange.port, ssl.create_default_context()), USER, PASSWORD)
    exchange.tls, trusting = make_certificate(tmp_path)
    with pytest.raises(ManagerError, match="certificate"):
        connect(Address("127.0.0.1", exchange.port, ssl.create_default_context()), USER, PASSWORD)
    assert exchange.logins == 0
    with closing(connect(Address("127.0.0.1", exchange.port, trusting), USER, PASSWORD)):
        exchange.waits_for_login(1)


@pytest.mark.parametrize("kind", ["plain", "tls"])
def test_what_has_come_is_still_read_after_hanging_up(exchange: Exchange, tmp_path: Path, kind: str) -> None:
    context = None
    exchange.says_first = call()
    if kind == "tls":
        exchange.tls, context = make_certificate(tmp_path)
    manager = connect(Address("127.0.0.1", exchange.port, context), USER, PASSWORD)
    packets = manager.packets()
    seen = [next(packets)["Event"]]
    exchange.waits_for_login(1)
    manager.hang_up()
    with pytest.raises(ManagerError), closing(manager):
        seen.extend(str(one["Event"]) for one in packets)
    assert seen == ["FullyBooted", "AgentConnect", "AgentComplete", "Hangup"]
