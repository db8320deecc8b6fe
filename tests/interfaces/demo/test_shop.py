import contextlib
import http.client
import os
import signal
import subprocess
import sys
import time

import pytest

from serinus.interfaces.demo import faults, shop
from tests.interfaces.demo import shops

IMPORTS = """
import sys
import serinus.interfaces.demo.shop
allowed = ("serinus", "serinus.interfaces")
print(*sorted(name for name in sys.modules if name not in allowed
    and not name.startswith("serinus.interfaces.demo")
    and not name.startswith(("_", "sitecustomize", "usercustomize"))
    and name.partition(".")[0] not in sys.stdlib_module_names))
"""


def read(**environ: str) -> shop.Settings:
    return shop.read({"PORT": "9000", **environ})


def problems_of(**environ: str) -> list[str]:
    with pytest.raises(shop.SettingsError) as caught:
        shop.read(environ)
    return str(caught.value).split("\n  ")


def get(port: int, path: str = "/") -> int:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    with contextlib.closing(connection):
        connection.request("GET", path)
        return connection.getresponse().status


def test_a_replica_is_its_environment() -> None:
    settings = read(SHOP_VERSION="v2", SHOP_REPLICA="4f2a9c-12", SHOP_SEED="7", SHOP_GRACE="1s")

    assert settings == shop.Settings(9000, "v2", "4f2a9c-12", 7, 1.0)
    assert settings.index == 12


def test_in_a_container_it_serves_on_every_address() -> None:
    assert "0.0.0.0" == read(SHOP_ADDRESS="0.0.0.0").address  # noqa: S104 - nothing listens there
    assert "127.0.0.1" == read().address


def test_an_address_that_is_none_is_told() -> None:
    _, problem = problems_of(PORT="9000", SHOP_ADDRESS="everywhere")

    assert "SHOP_ADDRESS: found 'everywhere', want an IPv4 address such as 0.0.0.0" == problem


def test_a_replica_without_a_name_is_the_first() -> None:
    assert shop.Settings(9000) == read(PATH="/bin", SHOP_VERSION="")
    assert read().index == 0
    assert read(SHOP_REPLICA="odd").index == 0


def test_the_platform_may_name_the_replica_unless_its_environment_does() -> None:
    assert read(SERINUS_REPLICA="a-1").replica == "a-1"
    assert read(SERINUS_REPLICA="a-1", SHOP_REPLICA="b-2").replica == "b-2"


def test_only_the_unlucky_replica_has_faults() -> None:
    unlucky = {"SHOP_UNLUCKY": "1", "SHOP_ERRORS": "5%", "SHOP_LATENCY": "10ms"}

    lucky, poor = (read(SHOP_REPLICA=name, **unlucky).given for name in ("a-0", "a-1"))
    assert lucky == faults.Faults(latency_s=0.01)
    assert poor == faults.Faults(latency_s=0.01, errors=0.05)


def test_everything_that_is_wrong_is_told_at_once() -> None:
    first, *rest = problems_of(PORT="70000", SHOP_VERSION="a b", SHOP_TAIL="2", SHOP_COLOUR="x")

    assert first == "shop: 4 settings are wrong"
    assert ["PORT", "SHOP_COLOUR", "SHOP_TAIL", "SHOP_VERSION"] == sorted(
        problem.partition(":")[0] for problem in rest
    )


def test_a_port_is_wanted() -> None:
    assert ["shop: 1 setting is wrong", "PORT: not set, want the port to serve on"] == problems_of()


def test_an_unknown_name_is_told_which_are_known() -> None:
    _, problem = problems_of(PORT="0", SHOP_ERORS="5%")

    assert problem.startswith("SHOP_ERORS: no such setting; known: SHOP_ADDRESS, SHOP_COLD,")


def test_what_a_cluster_says_of_its_services_is_no_setting() -> None:
    read(SHOP_SERVICE_HOST="10.0.0.1", SHOP_PORT="tcp://10.0.0.1:80", SHOP_PORT_80_TCP_PORT="80")


def test_a_replica_imports_nothing_but_the_standard_library_and_its_folder() -> None:
    done = subprocess.run(
        [sys.executable, "-c", IMPORTS],
        env=shops.environment({}),
        capture_output=True,
        text=True,
        check=True,
    )

    assert done.stdout.split() == []


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_replica_that_is_told_to_stop_ends_well(number: signal.Signals) -> None:
    with shops.process(SHOP_VERSION="v1") as (replica, port):
        assert get(port) == 200
        replica.send_signal(number)

        assert replica.wait(5) == 0


def test_a_replica_that_is_told_to_stop_answers_what_is_in_flight() -> None:
    with shops.process(SHOP_LATENCY="300ms") as (replica, port):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        with contextlib.closing(connection):
            connection.request("GET", "/")
            time.sleep(0.05)
            replica.terminate()
            answer = connection.getresponse()
            answer.read()

        assert (200, "close") == (answer.status, answer.getheader("connection"))
        assert replica.wait(5) == 0


def test_a_request_that_hangs_does_not_hold_a_replica_beyond_its_grace() -> None:
    with shops.process(SHOP_HANG="100%", SHOP_GRACE="200ms") as (replica, port):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        with contextlib.closing(connection):
            connection.request("GET", "/")
            time.sleep(0.05)
            replica.terminate()

            assert replica.wait(5) == 0


def test_a_replica_crashes_at_the_request_that_it_was_told() -> None:
    with shops.process(SHOP_CRASH_AFTER="3") as (replica, port):
        assert [200, 200, 200] == [get(port), get(port), get(port, "/healthz")]
        with pytest.raises((http.client.RemoteDisconnected, ConnectionResetError)):
            get(port)

        assert replica.wait(5) == 1
        assert replica.stderr is not None
        assert replica.stderr.read() == "shop: died, as SHOP_CRASH_AFTER asked\n"


@pytest.mark.parametrize(
    ("name", "value"), [("SHOP_CRASH_AFTER", "100ms"), ("SHOP_LEAK", "20MB/s:4MB")]
)
def test_a_replica_dies_of_its_age(name: str, value: str) -> None:
    with shops.process(**{name: value}) as (replica, _):
        assert replica.wait(5) == 1
        assert replica.stderr is not None
        assert replica.stderr.read() == f"shop: died, as {name} asked\n"


def test_a_leak_takes_real_memory_up_to_its_limit_and_ends_in_errors() -> None:
    with shops.process(SHOP_LEAK="200MB/s:40MB:errors") as (replica, port):
        until = time.monotonic() + 5
        while get(port) != 500 and time.monotonic() < until:
            time.sleep(0.02)
        time.sleep(0.3)

        with open(f"/proc/{replica.pid}/statm") as statm:  # noqa: PTH123 - no file, a question
            resident = int(statm.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
        assert get(port, "/healthz") == 200
        assert 50e6 < resident < 90e6


def test_a_port_that_is_taken_is_told() -> None:
    with shops.process() as (_, port):
        second = subprocess.run(
            [sys.executable, "-m", shops.SHOP],
            env=shops.environment({"PORT": str(port)}),
            capture_output=True,
            text=True,
            timeout=5,
            check=False,
        )

    assert second.returncode == 1
    assert second.stderr == f"shop: cannot serve on 127.0.0.1:{port}: Address already in use\n"


def test_a_wrong_environment_ends_a_replica_with_2() -> None:
    done = subprocess.run(
        [sys.executable, "-m", shops.SHOP],
        env=shops.environment({"SHOP_ERRORS": "many"}),
        capture_output=True,
        text=True,
        timeout=5,
        check=False,
    )

    assert done.returncode == 2
    assert done.stderr.splitlines() == [
        "shop: 1 setting is wrong",
        "  SHOP_ERRORS: found 'many', want a share from 0% to 100%, such as 5%",
    ]


def test_every_setting_is_explained_in_the_page_of_the_module() -> None:
    assert shop.__doc__ is not None
    assert [] == [name for name in shop.known() if f"    {name} " not in shop.__doc__]
