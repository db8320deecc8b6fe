"""
Ask at a web address whether a release may go on::

    gates:
    - webhook: {url: https://gate.example/shop, secret: smoke}

The question is signed as the Standard Webhooks specification says, version 1.0.0
(https://www.standardwebhooks.com): whoever is asked can tell that it comes from us and is fresh.
The answer is not signed. It can open the gate or keep it closed and give a reason; it is believed
in nothing else: redirects are not followed, no more than 64 KiB are read, in no more than the
question's time, and of the words some 200 characters are kept.
"""

import base64
import binascii
import hashlib
import hmac
import re
import unicodedata

import anyio
import httpx2
import msgspec

from serinus.core.spec import address
from serinus.core.state.gates import GateAnswer, Opening, Question
from serinus.ports.clock import Clock
from serinus.ports.failures import Rejected
from serinus.ports.secrets import Secret, Secrets

LARGEST = 64 * 1024
"""How many bytes of an answer are read at most."""

WORDS = 200
"""How many characters of a reason are kept at most."""

KEY_BYTES = range(24, 65)
"""How long a key may be, as the specification says."""

_PREFIX = "whsec_"
_WAIT = frozenset({202, 408, 425, 429})
_PLAIN_ID = re.compile(r"[\w/#:@-]{1,200}", re.ASCII)


class _Body(msgspec.Struct, frozen=True):
    """What an answer may say; all else in it is ignored."""

    open: bool | None = None
    wait: bool = False
    reason: str = ""


class _Asked(msgspec.Struct, frozen=True, rename="camel"):
    """What is sent."""

    type: str
    id: str
    application: str
    environment: str
    release: int
    step: int
    version: str
    stable_version: str
    share: float


class Gate:
    """
    Ask over HTTP; see :class:`serinus.ports.gate.Gate` for the contract.

    There is no client but its transport alone: it follows nothing, asks no proxy, and writes no
    address into a log.
    """

    def __init__(self, secrets: Secrets, clock: Clock) -> None:
        self._secrets = secrets
        self._clock = clock
        self._transport: httpx2.AsyncHTTPTransport | None = None

    async def ask(self, question: Question) -> GateAnswer:
        """Ask, within the question's time."""
        opening, sentence = Opening.ERROR, "no answer"
        try:
            request = self._request(question)
        except Rejected as refusal:
            sentence = " – ".join(part for part in (str(refusal), refusal.hint) if part)
        else:
            opening, sentence = await self._asked(request, question)
        return GateAnswer(question.id, opening, self._clock.now(), sentence)

    def _request(self, question: Question) -> httpx2.Request:
        wrong = address.wrong(question.url)
        if wrong:
            raise Rejected(wrong)
        body = msgspec.json.encode(
            _Asked(
                type="gate.question",
                id=question.id,
                application=question.application,
                environment=question.environment,
                release=question.release,
                step=question.step,
                version=question.version,
                stable_version=question.stable_version,
                share=question.share,
            )
        )
        headers = {
            "accept": "application/json",
            "accept-encoding": "identity",
            "content-type": "application/json",
            "user-agent": "serinus",
        }
        key = _key(self._secrets.get(question.secret)) if question.secret else None
        headers |= signature(key, question.id, int(self._clock.now().timestamp()), body)
        try:
            return httpx2.Request("POST", question.url, headers=headers, content=body)
        except (httpx2.InvalidURL, ValueError):
            # Without its cause, which holds the address.
            raise Rejected("the address cannot be used") from None

    async def _asked(self, request: httpx2.Request, question: Question) -> tuple[Opening, str]:
        where = address.shown(question.url)
        try:
            with anyio.fail_after(question.timeout_s):
                status, kind, body = await self._exchange(request)
        except TimeoutError:
            return Opening.ERROR, f"{where} did not answer within {question.timeout_s:g} s"
        except httpx2.ConnectError as exc:
            return Opening.ERROR, f"{where} cannot be reached: {words(str(exc))}"
        except httpx2.ProtocolError:
            return Opening.ERROR, f"{where} did not answer as HTTP does"
        except (httpx2.HTTPError, OSError, ValueError) as exc:
            return Opening.ERROR, f"{where} cannot be asked: {type(exc).__name__}"
        opening, sentence = read(status, kind, body)
        return opening, f"{where} {sentence}" if opening is Opening.ERROR else sentence

    async def _exchange(self, request: httpx2.Request) -> tuple[int, str, bytes | None]:
        """Return status, content type and body of the answer; None for a body that is too large."""
        if self._transport is None:
            # Nothing is kept open between two questions: they are minutes apart.
            limits = httpx2.Limits(max_keepalive_connections=0)
            self._transport = httpx2.AsyncHTTPTransport(limits=limits)
        response = await self._transport.handle_async_request(request)
        try:
            body = bytearray()
            async for chunk in response.aiter_raw():
                body += chunk
                if len(body) > LARGEST:
                    return response.status_code, "", None
        finally:
            await response.aclose()
        return response.status_code, response.headers.get("content-type", ""), bytes(body)


def signature(key: bytes | None, identity: str, at: int, body: bytes) -> dict[str, str]:
    """
    Return the headers that Standard Webhooks asks for; without a key they sign nothing.

    An identity that a header cannot hold, or that has a full stop, which would make the signed text
    ambiguous, is replaced by its hash.
    """
    if not _PLAIN_ID.fullmatch(identity):
        identity = hashlib.sha256(identity.encode(errors="surrogatepass")).hexdigest()
    headers = {"webhook-id": identity, "webhook-timestamp": str(at)}
    if key is not None:
        digest = hmac.new(key, f"{identity}.{at}.".encode() + body, hashlib.sha256).digest()
        headers["webhook-signature"] = f"v1,{base64.b64encode(digest).decode()}"
    return headers


def read(status: int, kind: str, body: bytes | None) -> tuple[Opening, str]:
    """
    Return what an answer means, and its reason.

    ``kind`` is its content type; ``body`` is None when it was too large. Words that are no JSON are
    never repeated: whoever reads them did not ask to see another server's pages.
    """
    said = _said(body)
    reason = words(said.reason) if said is not None else ""
    if status in _WAIT:
        return Opening.WAIT, reason
    match status // 100:
        case 2:
            return _success(status, kind, body, said)
        case 4:
            return Opening.REFUSED, reason or f"answered {status}"
        case 3:
            return Opening.ERROR, f"answered {status}: redirects are not followed"
        case _:
            return Opening.ERROR, f"answered {status}"


def words(text: str) -> str:
    """Return a text from outside in one line, without control characters, and not too long."""
    shown = (" " if unicodedata.category(c)[0] in "CZ" else c for c in text[: 20 * WORDS])
    line = " ".join("".join(shown).split())
    return line if len(line) <= WORDS else line[: WORDS - 1] + "…"


def _success(status: int, kind: str, body: bytes | None, said: _Body | None) -> tuple[Opening, str]:
    if body is None:
        return Opening.ERROR, f"answered {status} with more than {LARGEST // 1024} KiB"
    if not body.strip() or kind.partition(";")[0].strip().lower() == "text/plain":
        return Opening.OPEN, ""
    if said is None or (said.wait and said.open is not None):
        wanted = 'nothing, {"open": true}, {"open": false, "reason": "…"} or {"wait": true}'
        return Opening.ERROR, f"answered {status} with something else than {wanted}"
    if said.wait:
        return Opening.WAIT, words(said.reason)
    if said.open is False:
        return Opening.REFUSED, words(said.reason) or "refused"
    return Opening.OPEN, words(said.reason)


def _said(body: bytes | None) -> _Body | None:
    try:
        return msgspec.json.decode(body or b"", type=_Body)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return None


def _key(secret: Secret) -> bytes:
    """Return the key that a secret is the text of."""
    try:
        key = base64.b64decode(secret.text.strip().removeprefix(_PREFIX), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if len(key) not in KEY_BYTES:
        # Without a cause, which may hold the text.
        raise Rejected(
            f"the secret '{secret.name}' is no key: want 24 to 64 bytes in base64",
            hint='a new one: echo "whsec_$(openssl rand -base64 32)"',
        ) from None
    return key
