import os
import socket
from contextlib import closing

import pytest

from serinus.adapters.local import portnumbers
from serinus.ports.failures import Rejected


def test_chosen_ports_are_free_distinct_and_below_those_of_outgoing_connections() -> None:
    taken: set[int] = set()

    for _ in range(5):
        taken.add(portnumbers.choose(taken))

    lowest = int(portnumbers._EPHEMERAL.read_text().split()[0])
    assert 5 == len(taken)
    assert all(portnumbers.is_free("127.0.0.1", port) for port in taken)
    assert max(taken) < lowest or lowest < 22_000


def test_a_taken_port_is_refused_with_the_name_of_its_holder() -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        port = server.getsockname()[1]

        with pytest.raises(Rejected, match=rf"port {port} for tea is taken by .*pid {os.getpid()}"):
            portnumbers.demand("127.0.0.1", port, "tea", "drink coffee")


def test_a_free_port_is_not_refused() -> None:
    portnumbers.demand("127.0.0.1", portnumbers.choose(()), "tea", "drink coffee")


@pytest.mark.parametrize("host", ["192.0.2.77", "localhost", "nonsense", ""])
def test_what_is_no_address_of_this_machine_is_refused(host: str) -> None:
    with pytest.raises(Rejected, match=f"'{host}' for tea is no address of this machine"):
        portnumbers.demand(host, portnumbers.choose(()), "tea", "drink coffee")


def test_a_port_in_time_wait_is_free() -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        port = server.getsockname()[1]
        with closing(socket.create_connection(("127.0.0.1", port))):
            served, _ = server.accept()
            served.close()

    assert portnumbers.is_free("127.0.0.1", port)
