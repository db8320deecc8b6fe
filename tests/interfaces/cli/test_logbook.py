import httpx2
import msgspec
import pytest

from serinus.boot.settings import Server, Settings
from serinus.interfaces.cli import listening, logbook
from serinus.interfaces.cli.logbook import Wanted
from serinus.interfaces.cli.trouble import Code
from serinus.interfaces.cli.wire import Wire
from serinus.ports import failures
from tests import builders
from tests.builders import SHOP
from tests.interfaces.cli.conftest import Cli


@pytest.mark.usefixtures("filled")
def test_logs_carry_the_names_of_their_replicas(cli: Cli, settings: Settings) -> None:
    folder = settings.logs / "shop~local"
    folder.mkdir(parents=True)
    (folder / f"{builders.OLD[:10]}-0.log").write_text("one\ntwo\n")
    (folder / f"{builders.NEW[:10]}-0.log").write_text("boom\n")

    assert "a1b2c3d4e5-0  one\na1b2c3d4e5-0  two\nd4e5f6a7b8-0  boom\n" == cli("logs shop")[1]
    assert "d4e5f6a7b8-0  boom\n" == cli("logs shop --candidate")[1]
    assert "a1b2c3d4e5-0  two\nd4e5f6a7b8-0  boom\n" == cli("logs shop -n 1")[1]


def test_fewer_lines_than_none_are_no_number(cli: Cli) -> None:
    code, _, err = cli("logs shop -n -1")

    assert Code.USAGE == code
    assert "error: --lines: -1 lines; wanted 0 or more\n" == err


# --- through a dashboard ------------------------------------------------------------------------

GONE = b'event: problem\ndata: {"status":404,"detail":"shop is not there any more"}\n\n'


def line(text: str) -> bytes:
    return b"data: " + msgspec.json.encode({"replica": "a1-0", "text": text}) + b"\n\n"


@pytest.mark.anyio
async def test_lines_go_on_when_the_dashboard_comes_back_and_the_gap_is_told(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listening, "AGAIN_S", 0.0)
    asked: list[str] = []
    answers = [line("one") + line("two"), None, None, line("three") + GONE]

    def answer(request: httpx2.Request) -> httpx2.Response:
        asked.append(str(request.url.query.decode()))
        content = answers.pop(0)
        if content is None:
            raise httpx2.ConnectError("connection refused")
        return httpx2.Response(200, content=content)

    async with Wire(Server("http://127.0.0.1:7070", "x"), httpx2.MockTransport(answer)) as far:
        with pytest.raises(failures.Missing, match="shop is not there any more"):
            await logbook._follow(far, SHOP, Wanted(20, candidate=True, follow=True))

    out, err = capsys.readouterr()
    assert ["a1-0  one", "a1-0  two", "a1-0  three"] == out.splitlines()
    address = "http://127.0.0.1:7070"
    assert [
        f"The dashboard at {address} does not answer: what is written meanwhile is not shown.",
        "It answers again.",
    ] == err.splitlines()
    assert ["lines=20&candidate=1&follow=1", "lines=0&candidate=1&follow=1"] == asked[:2]


@pytest.mark.anyio
async def test_a_dashboard_that_is_not_there_at_first_is_an_error() -> None:
    def answer(_: httpx2.Request) -> httpx2.Response:
        raise httpx2.ConnectError("connection refused")

    async with Wire(Server("http://127.0.0.1:7070", "x"), httpx2.MockTransport(answer)) as far:
        with pytest.raises(failures.Unavailable, match="does not answer"):
            await logbook._follow(far, SHOP, Wanted(20, candidate=False, follow=True))
