import base64
import hashlib
import hmac
import json
import logging

import pytest
from hypothesis import given
from hypothesis import strategies as st

from serinus.adapters.gates import webhook
from serinus.adapters.memory.clock import Clock
from serinus.core.state.gates import GateAnswer, Opening, Question
from tests.adapters import wire
from tests.adapters.gates.asked import EXAMPLE, TOKEN, Secrets, question

pytestmark = pytest.mark.anyio


async def ask(asked: Question, **secrets: str) -> GateAnswer:
    return await webhook.Gate(Secrets(**secrets), Clock()).ask(asked)


async def answered(answering: wire.Answering, timeout_s: float = 5.0) -> GateAnswer:
    async with wire.serving(answering) as server:
        return await ask(question(f"{server.url}/{TOKEN}", timeout_s=timeout_s))


# --- the signature --------------------------------------------------------------------------------


def test_the_example_of_the_specifications_libraries_is_signed_as_they_sign_it() -> None:
    key = base64.b64decode(EXAMPLE.removeprefix("whsec_"))
    headers = webhook.signature(
        key, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}'
    )

    assert {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    } == headers


@pytest.mark.parametrize("secret", [EXAMPLE, EXAMPLE.removeprefix("whsec_"), f" {EXAMPLE} "])
async def test_whoever_is_asked_can_verify_the_question(secret: str) -> None:
    async with wire.serving(wire.answers()) as server:
        await ask(question(server.url, secret="smoke"), smoke=secret)
    (received,) = server.received
    signed = (
        f"{received.headers['webhook-id']}.{received.headers['webhook-timestamp']}.".encode()
        + received.body
    )
    key = base64.b64decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    digest = base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()

    assert f"v1,{digest}" == received.headers["webhook-signature"]
    assert str(int(Clock().now().timestamp())) == received.headers["webhook-timestamp"]


async def test_a_question_without_a_secret_is_not_signed() -> None:
    async with wire.serving(wire.answers()) as server:
        await ask(question(server.url))

    assert "webhook-signature" not in server.received[0].headers


@pytest.mark.parametrize("identity", ["shop/local#7.2", "", "é", "a\r\nb: c", "\ud800", "x" * 201])
def test_an_identity_that_a_header_or_the_signed_text_cannot_hold_is_hashed(identity: str) -> None:
    found = webhook.signature(None, identity, 0, b"")["webhook-id"]

    assert 64 == len(found)
    assert found.isalnum()
    assert found == webhook.signature(None, identity, 9, b"x")["webhook-id"]


@pytest.mark.parametrize("secret", ["", "whsec_", "c2hvcnQ=", "not base64 at all!", "A" * 120])
async def test_a_secret_that_is_no_key_is_told_without_showing_it(secret: str) -> None:
    found = await ask(question("http://127.0.0.1:9", secret="smoke"), smoke=secret)

    assert Opening.ERROR is found.opening
    assert (
        "the secret 'smoke' is no key: want 24 to 64 bytes in base64 – "
        'a new one: echo "whsec_$(openssl rand -base64 32)"' == found.sentence
    )


async def test_a_missing_secret_asks_nobody_and_says_how_to_give_it() -> None:
    async with wire.serving(wire.answers()) as server:
        found = await ask(question(server.url, secret="smoke"))

    assert (Opening.ERROR, "there is no secret 'smoke' – cat > secrets/smoke") == (
        found.opening,
        found.sentence,
    )
    assert [] == server.received


# --- the question ---------------------------------------------------------------------------------


async def test_the_question_says_what_it_is_about_and_neither_address_nor_secret() -> None:
    async with wire.serving(wire.answers()) as server:
        await ask(question(f"{server.url}/{TOKEN}", secret="smoke"), smoke=EXAMPLE)
    (received,) = server.received

    assert f"POST /{TOKEN} HTTP/1.1" == received.line
    assert "application/json" == received.headers["content-type"]
    assert {
        "type": "gate.question",
        "id": "shop/local#7/2/0",
        "application": "shop",
        "environment": "local",
        "release": 7,
        "step": 3,
        "version": "v2",
        "stableVersion": "v1",
        "share": 0.25,
    } == json.loads(received.body)


@pytest.mark.parametrize(
    "url",
    ["ftp://gate/T0KEN", "http://user:T0KEN@127.0.0.1/", "http://exa mple/T0KEN", "/T0KEN", ""],
)
async def test_an_address_that_cannot_be_asked_is_an_error_that_does_not_show_it(url: str) -> None:
    found = await ask(question(url))

    assert Opening.ERROR is found.opening
    assert "the address" in found.sentence
    assert TOKEN not in found.sentence


async def test_a_host_that_nobody_can_find_is_an_error() -> None:
    long = f"http://{'a' * 80}.invalid/{TOKEN}"
    found = [await ask(question(url)) for url in (f"http://127.0.0.1:1/{TOKEN}", long)]

    assert [Opening.ERROR] * 2 == [answer.opening for answer in found]
    assert "http://127.0.0.1:1 cannot be reached" in found[0].sentence
    assert TOKEN not in f"{found}"


async def test_no_log_shows_the_path_of_the_address(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    await answered(wire.answers(403))

    assert TOKEN not in caplog.text


# --- the answer -----------------------------------------------------------------------------------

MEANINGS = [
    (200, b"", Opening.OPEN, ""),
    (204, b"", Opening.OPEN, ""),
    (201, b'{"open": true, "reason": "42 tests passed"}', Opening.OPEN, "42 tests passed"),
    (200, b"{}", Opening.OPEN, ""),
    (200, b'{"open": false}', Opening.REFUSED, "refused"),
    (200, b'{"open": false, "reason": "2 of 9 failed"}', Opening.REFUSED, "2 of 9 failed"),
    (200, b'{"wait": true, "reason": "3 of 9 done"}', Opening.WAIT, "3 of 9 done"),
    (202, b"", Opening.WAIT, ""),
    (202, b'{"open": true}', Opening.WAIT, ""),
    (403, b'{"reason": "not today"}', Opening.REFUSED, "not today"),
    (409, b"", Opening.REFUSED, "answered 409"),
    (422, b"<html>T0KEN", Opening.REFUSED, "answered 422"),
    (404, b"", Opening.REFUSED, "answered 404"),
    (408, b"", Opening.WAIT, ""),
    (425, b"", Opening.WAIT, ""),
    (429, b"", Opening.WAIT, ""),
    (500, b'{"open": true}', Opening.ERROR, "answered 500"),
    (503, b"", Opening.ERROR, "answered 503"),
    (200, b"not JSON", Opening.ERROR, "answered 200 with something else than"),
    (200, b"[]", Opening.ERROR, "answered 200 with something else than"),
    (200, b'{"open": "no"}', Opening.ERROR, "answered 200 with something else than"),
    (200, b'{"open": true, "wait": true}', Opening.ERROR, "answered 200 with something else than"),
    (200, b"\xff\xfe", Opening.ERROR, "answered 200 with something else than"),
    (200, b"[" * 60_000, Opening.ERROR, "answered 200 with something else than"),
    (200, b'{"x":' * 9_000, Opening.ERROR, "answered 200 with something else than"),
]


@pytest.mark.parametrize(
    ("status", "body", "opening", "sentence"),
    MEANINGS,
    ids=[f"{status} {body[:40]!r}" for status, body, _, _ in MEANINGS],
)
async def test_an_answer_means(status: int, body: bytes, opening: Opening, sentence: str) -> None:
    found = await answered(wire.answers(status, body))

    assert opening is found.opening
    assert sentence in found.sentence
    assert bool(sentence) == bool(found.sentence)
    assert TOKEN not in found.sentence


async def test_a_plain_text_of_success_opens_and_is_not_repeated() -> None:
    found = await answered(wire.answers(200, b"OK, T0KEN\n", "text/plain; charset=utf-8"))

    assert (Opening.OPEN, "") == (found.opening, found.sentence)


async def test_a_page_for_people_opens_nothing() -> None:
    page = b"<!doctype html><title>Please sign in</title>"
    found = await answered(wire.answers(200, page, "text/html"))

    assert Opening.ERROR is found.opening
    assert "sign in" not in found.sentence


async def test_a_redirect_is_not_followed() -> None:
    async with wire.serving(wire.answers()) as elsewhere:
        found = await answered(wire.answers(307, location=f"{elsewhere.url}/{TOKEN}"))

    assert Opening.ERROR is found.opening
    assert "answered 307: redirects are not followed" in found.sentence
    assert [] == elsewhere.received


async def test_a_compressed_answer_is_not_unpacked() -> None:
    found = await answered(
        wire.answers(200, b"\x1f\x8b" + b"0" * 99, **{"content-encoding": "gzip"})
    )

    assert Opening.ERROR is found.opening


HOSTILE = {
    "never answers": "did not answer within 0.3 s",
    "hangs up": "did not answer as HTTP does",
    "drips": "did not answer within 0.3 s",
    "drips headers": "did not answer within 0.3 s",
    "floods": "answered 200 with more than 64 KiB",
    "floods headers": "did not answer as HTTP does",
    "babbles": "did not answer as HTTP does",
}


@pytest.mark.parametrize("manner", wire.HOSTILE)
async def test_a_hostile_server_is_an_error_within_the_time(manner: str) -> None:
    timeout_s = 0.3 if "0.3" in HOSTILE[manner] else 5.0
    found = await answered(wire.HOSTILE[manner], timeout_s)

    assert Opening.ERROR is found.opening
    assert HOSTILE[manner] in found.sentence
    assert found.sentence.startswith("http://127.0.0.1:")
    assert TOKEN not in found.sentence


async def test_words_of_an_answer_are_one_short_line_without_control_characters() -> None:
    body = json.dumps({"open": False, "reason": "no\r\n\x1b[31mred\x07 \u202eleft " + "x" * 999})
    found = await answered(wire.answers(200, body.encode()))

    assert found.sentence.startswith("no [31mred left xxx")
    assert webhook.WORDS == len(found.sentence)
    assert found.sentence.isprintable()


@given(st.integers(100, 599), st.text(), st.binary() | st.none())
def test_no_answer_is_too_strange(status: int, kind: str, body: bytes | None) -> None:
    opening, sentence = webhook.read(status, kind, body)

    assert not (opening is Opening.OPEN and status // 100 != 2)
    assert len(sentence) <= webhook.WORDS
    assert sentence.isprintable()
