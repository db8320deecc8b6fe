import json
import math
from pathlib import Path
from typing import Any

import msgspec
import pytest

from serinus.adapters.metrics import prometheus
from serinus.adapters.metrics.prometheus import Basic, Settings, Source
from serinus.core.errors import Severity
from serinus.core.state.sample import Series
from serinus.ports import failures
from tests.adapters.metrics import server

HERE = "http://127.0.0.1:9090"
RECORDED = Path(__file__).parent / "prometheus"


def recorded(case: str) -> bytes:
    body: str = json.loads((RECORDED / f"{case}.json").read_text())["body"]
    return body.encode()


def answer(result: Any, kind: str = "vector") -> bytes:
    return json.dumps(
        {"status": "success", "data": {"resultType": kind, "result": result}}
    ).encode()


def wrong(**given: Any) -> list[str]:
    return [str(p) for p in prometheus.review(Settings(**{"url": HERE, **given}))]


# --- settings -----------------------------------------------------------------------------------


def test_settings_as_people_write_them_are_read() -> None:
    written = {"url": "https://p.example", "clientCert": "/a.pem", "clientKey": "/a.key"}

    found = msgspec.convert(written, Settings)

    assert "10s" == found.timeout
    assert [] == list(prometheus.review(found))


@pytest.mark.parametrize(
    "url", ["", "prometheus:9090", "ftp://p", "http://", "http://p:x", "http://a b", "http://[::1"]
)
def test_an_address_that_is_none_is_told(url: str) -> None:
    assert ["url: wanted an address such as http://127.0.0.1:9090"] == wrong(url=url)


def test_a_password_in_the_address_is_refused_without_showing_it() -> None:
    (said,) = wrong(url="https://ada:hunter2@p.example")

    assert "credentials do not belong into an address" in said
    assert "hunter2" not in said


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"url": f"{HERE}/?query=up"}, "url: wanted an address without '?' and '#'"),
        ({"ca": "/ca.pem"}, "url: 'ca' is for https"),
        ({"bearer": "a", "basic": Basic("u", "p")}, "basic: it stands beside 'bearer'"),
        ({"bearer": "eyJhbGciOi.J9"}, "bearer: wanted the name of a secret"),
        ({"basic": Basic("u", "Pa$$")}, "basic.password: wanted the name of a secret"),
        ({"basic": Basic("u:v", "p")}, "basic.user: a user holds no ':'"),
        ({"url": "https://p", "clientKey": "/k"}, "clientKey: 'clientCert' is missing"),
        ({"url": "https://p", "clientCert": "/k"}, "clientCert: 'clientKey' is missing"),
        ({"url": "https://p", "ca": "ca.pem"}, "ca: 'ca.pem' is not an absolute path"),
        ({"timeout": "10m"}, "timeout: 10m is not within 100ms–5m"),
    ],
)
def test_what_is_wrong_with_settings_is_told_at_its_place(given: dict[str, Any], said: str) -> None:
    written = msgspec.to_builtins({"url": HERE, **given})

    (found,) = prometheus.review(msgspec.convert(written, Settings))

    assert str(found).startswith(said)


def test_a_secret_does_not_go_over_the_network_unencrypted_without_a_word() -> None:
    near = list(prometheus.review(Settings("http://localhost:9090", bearer="token")))
    (far,) = prometheus.review(Settings("http://prometheus.example:9090", bearer="token"))

    assert [] == near
    assert Severity.WARNING is far.severity
    assert "unencrypted" in far.message


# --- answers ------------------------------------------------------------------------------------


def test_a_recorded_value_is_read() -> None:
    (series,) = prometheus.parse(recorded("value"))

    assert {} == series.labels
    assert 1.0 == series.points[0][1]


def test_labels_are_kept_and_warnings_are_not() -> None:
    payload = msgspec.json.decode(answer([{"metric": {"pod": "a"}, "value": [1.5, "0.25"]}]))
    payload["warnings"] = ["a store was away"]

    found = prometheus.parse(msgspec.json.encode(payload))

    assert (Series({"pod": "a"}, ((1.5, 0.25),)),) == found


def test_a_scalar_is_a_series_without_labels() -> None:
    assert (Series({}, ((1795761909.429, 1.0),)),) == prometheus.parse(recorded("scalar"))


def test_what_is_no_number_is_read_as_it_is() -> None:
    (nan,) = prometheus.parse(recorded("not_a_number"))
    (infinite,) = prometheus.parse(recorded("infinite"))

    assert math.isnan(nan.points[0][1])
    assert math.inf == infinite.points[0][1]


def test_a_text_is_rejected() -> None:
    with pytest.raises(failures.Rejected, match="a string, where numbers are wanted"):
        prometheus.parse(recorded("text"))


def test_a_native_histogram_is_rejected_with_what_to_ask_instead() -> None:
    with pytest.raises(failures.Rejected, match="histogram_quantile"):
        prometheus.parse(answer([{"metric": {}, "histogram": [1.5, {"count": "3"}]}]))


def test_more_series_than_are_read_are_unavailable() -> None:
    many = [{"metric": {"n": str(n)}, "value": [1, "1"]} for n in range(prometheus.MOST + 1)]

    with pytest.raises(failures.Unavailable, match="1001 series"):
        prometheus.parse(answer(many))


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"{}",
        b"[1, 2]",
        b'{"status": "success"}',
        b'{"status": "success", "data": null}',
        b"\xff\xfe",
        b"[" * 100_000,
        b'{"x": ' + b"[" * 100_000,
        answer([{"metric": {}, "value": [1, "many"]}]),
        answer([{"metric": {}, "value": [1, 2, 3]}]),
        answer([{"metric": {"a": 1}, "value": [1, "2"]}]),
        answer(7, "scalar"),
        answer({"a": 1}),
    ],
    ids=range(13),
)
def test_what_is_no_answer_is_unavailable(payload: bytes) -> None:
    with pytest.raises(failures.Unavailable, match="Prometheus answered with"):
        prometheus.parse(payload)


def test_millions_of_tiny_parts_are_not_taken_apart() -> None:
    payload = answer([]).replace(b"[]", b"[%s1]" % (b"1," * (prometheus.LARGEST // 3)))

    with pytest.raises(failures.Unavailable, match="too many parts"):
        prometheus.parse(payload)


# --- questions ----------------------------------------------------------------------------------


async def test_a_question_is_a_form_below_the_address() -> None:
    async with server.serving(server.answers(answer([]))) as asked:
        source = Source(Settings(f"{asked.url}/prom/"), lambda _: "")
        await source.instant('sum(up{a="ü"})', 1000.5)
        await source.range("up", 990, 1000, 5)

    one, two = asked.heads
    assert one.startswith("POST /prom/api/v1/query HTTP/1.1")
    assert two.startswith("POST /prom/api/v1/query_range HTTP/1.1")
    assert "application/x-www-form-urlencoded" in one
    assert "authorization" not in one.lower()
    assert {
        "query": ['sum(up{a="ü"})'],
        "time": ["1000.500"],
        "timeout": ["10000ms"],
    } == asked.forms[0]
    assert ["990.000"] == asked.forms[1]["start"]
    assert ["5.000"] == asked.forms[1]["step"]


async def test_a_secret_is_asked_for_by_its_name_each_time() -> None:
    secrets = iter(["first", "second\n"])
    names = []

    def secret(name: str) -> str:
        names.append(name)
        return next(secrets)

    async with server.serving(server.answers(answer([]))) as asked:
        source = Source(Settings(asked.url, bearer="prometheus-token"), secret)
        await source.instant("up", 1)
        await source.instant("up", 2)

    assert ["prometheus-token"] * 2 == names
    assert "authorization: bearer first\r\n" in asked.heads[0].lower()
    assert "authorization: bearer second\r\n" in asked.heads[1].lower()


async def test_a_user_and_a_password_are_sent_as_basic() -> None:
    async with server.serving(server.answers(answer([]))) as asked:
        source = Source(Settings(asked.url, basic=Basic("ada", "password")), lambda _: "lové")
        await source.instant("up", 1)

    assert "Basic YWRhOmxvdsOp" in asked.heads[0]


@pytest.mark.parametrize("secret", ["", " ", "to\nken", "tök"])
async def test_a_secret_that_no_header_can_carry_is_rejected_by_its_name(secret: str) -> None:
    source = Source(Settings(HERE, bearer="prometheus-token"), lambda _: secret)

    with pytest.raises(failures.Rejected, match="the secret 'prometheus-token'") as raised:
        await source.instant("up", 1)

    assert "öken" not in str(raised.value)
