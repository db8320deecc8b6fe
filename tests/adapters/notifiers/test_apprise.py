import json
import sys

import pytest
from apprise.manager_plugins import NotificationManager

from serinus.adapters.notifiers import apprise
from serinus.ports import failures
from serinus.ports.notifier import Message
from tests.adapters import wire
from tests.adapters.gates.asked import TOKEN, Secrets

pytestmark = [
    pytest.mark.anyio,
    pytest.mark.timeout(60),  # a process is started for each message
    pytest.mark.filterwarnings(
        "ignore::DeprecationWarning"
    ),  # of what the library's plugins import
]

MESSAGE = Message(
    "shop: held", "Held at 0: <b>errors</b> & *more*.\n> serinus retry shop", "warning"
)


def at(port: int) -> Secrets:
    return Secrets(chat=f"json://127.0.0.1:{port}/{TOKEN}")


async def told(answering: wire.Answering) -> tuple[wire.Server, failures.PortFailure | None]:
    async with wire.serving(answering) as server:
        try:
            await apprise.Notifier("chat", at(server.port)).send(MESSAGE)
        except failures.PortFailure as failure:
            return server, failure
    return server, None


async def test_a_message_arrives_word_for_word() -> None:
    server, failure = await told(wire.answers())
    body = json.loads(server.received[0].body)

    assert failure is None
    assert f"POST /{TOKEN} HTTP/1.1" == server.received[0].line
    assert (MESSAGE.title, MESSAGE.body, "warning") == (
        body["title"],
        body["message"],
        body["type"],
    )


@pytest.mark.parametrize(
    ("status", "kind"),
    [(404, failures.Rejected), (503, failures.Unavailable)],
)
async def test_a_place_that_refuses_is_told_by_its_name_and_status(
    status: int, kind: type[failures.PortFailure]
) -> None:
    _, failure = await told(wire.answers(status, TOKEN.encode()))

    assert kind is type(failure)
    assert f"the place 'chat' did not take the message: it answered {status}" == str(failure)


async def test_a_redirect_is_not_followed() -> None:
    async with wire.serving(wire.answers()) as elsewhere:
        _, failure = await told(wire.answers(307, location=f"{elsewhere.url}/{TOKEN}"))

    assert isinstance(failure, failures.Unavailable)
    assert [] == elsewhere.received


REFUSED = {
    "exec://T0KEN": "exec:// does not send over the network",
    "file:///tmp/T0KEN": "file:// does not send over the network",
    "dbus://": "dbus:// does not send over the network",
    "gnome://": "gnome:// does not send over the network",
    "SYSLOG://": "syslog:// does not send over the network",
    "windows://": "windows:// does not send over the network",
    "macosx://": "macosx:// does not send over the network",
    "T0KEN://somewhere": "its kind of address is not used here",
    "T0KEN": "is not the address of a place",
    "": "is not the address of a place",
}


@pytest.mark.parametrize("address", REFUSED)
async def test_what_does_not_send_over_the_network_is_refused_without_a_process(
    address: str,
) -> None:
    with pytest.raises(failures.Rejected) as caught:
        await apprise.Notifier("chat", Secrets(chat=address)).send(MESSAGE)

    assert REFUSED[address] in str(caught.value)
    assert TOKEN not in f"{caught.value} {caught.value.why} {caught.value.hint}"


@pytest.mark.parametrize(
    ("address", "word"),
    [
        ("https://example.com/T0KEN", "unknown"),
        ("slack://T0KEN", "unknown"),
        ("dbus://", "refused"),
        ("json://127.0.0.1:1/T0KEN", "failed"),
    ],
)
def test_the_process_that_sends_says_a_word(address: str, word: str) -> None:
    message = {"title": "t", "body": "b", "severity": "info"}

    assert word == apprise.deliver(address, message)


def test_the_log_of_the_library_stays_silent(
    caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(0)
    apprise.deliver(f"json://127.0.0.1:1/{TOKEN}", {"title": "t", "body": "b", "severity": "info"})

    assert TOKEN not in caplog.text
    assert ("", "") == capfd.readouterr()


def test_where_the_library_is_missing_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "apprise", None)
    word = apprise.deliver("json://127.0.0.1:1", {})
    failure = apprise.outcome("chat", word)

    assert isinstance(failure, failures.Rejected)
    assert "pip install 'serinus[notify]'" == failure.hint


@pytest.mark.parametrize("word", ["", "Traceback", "T0KEN", "failed", "500"])
def test_whatever_else_the_process_says_is_a_failure_for_now(word: str) -> None:
    failure = apprise.outcome("chat", word)

    assert isinstance(failure, failures.Unavailable)
    assert TOKEN not in str(failure)


def test_every_kind_of_address_is_known_to_the_library_and_none_is_of_this_machine() -> None:
    manager = NotificationManager()  # type: ignore[no-untyped-call]  # it has no types
    known = set(manager.schemas())  # type: ignore[no-untyped-call]  # the same
    local = {"dbus", "qt", "kde", "glib", "gio", "gnome", "macosx", "syslog", "windows", "blink1"}

    assert set() == apprise.SCHEMAS - known
    assert set() == apprise.SCHEMAS & local
