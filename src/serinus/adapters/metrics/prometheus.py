"""
Prometheus, by its HTTP API, which others offer too (Thanos, Mimir, VictoriaMetrics).

::

    metrics:
      prometheus:
        url: https://prometheus.example.org/prom   # what stands before /api/v1/query
        bearer: prometheus-token                   # the name of a secret; or
        basic: {user: serinus, password: prometheus-password}   # the name of a secret
        ca: /etc/ssl/own-ca.pem                    # who vouches for the server
        clientCert: /etc/serinus/client.pem
        clientKey: /etc/serinus/client.key
        timeout: 10s                               # of one question, from end to end

What comes back is trusted in nothing: its size, its time and its form are bounded, no redirect is
followed, and no proxy of the environment is asked. Messages name the address, never a credential.
"""

import ipaddress
import math
import socket
import ssl
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import anyio
import httpx2
import msgspec

from serinus.core.errors import Problem, Severity
from serinus.core.spec import duration, formats
from serinus.core.spec.formats import Duration
from serinus.core.state.sample import Series
from serinus.ports import failures

LARGEST = 8 << 20
"""Bytes of one answer."""

MOST = 1000
"""Series of one answer."""

_PARTS = LARGEST // 12  # commas: a moment and its number have two of them, in at least 25 bytes

LONGEST_S = 300.0
"""How long a question may take, and for how long a server may ask us to stay away."""

_SHORTEST_S = 0.1
_SAID = 240
_MILLISECOND = 1000


class _Written(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="camel"):
    """As it is written in an Environment: camelCase, nothing unknown."""


class Basic(_Written, frozen=True):
    """A user, and the name of the secret that holds the password."""

    user: str
    password: str


class Settings(_Written, frozen=True):
    """Where a Prometheus is, and how it knows us. Secrets are here by name only."""

    url: str
    bearer: str | None = None
    basic: Basic | None = None
    ca: str | None = None
    client_cert: str | None = None
    client_key: str | None = None
    timeout: Duration = "10s"

    @property
    def files(self) -> tuple[tuple[str, str], ...]:
        """The files that are named, by their field."""
        named = (("ca", self.ca), ("clientCert", self.client_cert), ("clientKey", self.client_key))
        return tuple((field, path) for field, path in named if path is not None)


def review(settings: Settings) -> Iterator[Problem]:
    """Yield what is wrong with settings of the right form; paths begin below the source's name."""
    yield from _address(settings)
    if settings.bearer is not None and settings.basic is not None:
        yield Problem("basic", "it stands beside 'bearer'; keep one of them")
    secrets = [("bearer", settings.bearer)]
    if settings.basic is not None:
        secrets.append(("basic.password", settings.basic.password))
        if ":" in settings.basic.user or not settings.basic.user.isprintable():
            yield Problem("basic.user", "a user holds no ':' and no control character")
    for path, name in secrets:
        if name is not None and formats.wrong("name", name):
            yield Problem(path, "wanted the name of a secret (a–z, 0–9 and '-'), not the secret")
    if (settings.client_cert is None) != (settings.client_key is None):
        there, lacks = ("clientCert", "clientKey")[:: 1 if settings.client_cert else -1]
        yield Problem(there, f"'{lacks}' is missing beside it")
    for field, path in settings.files:
        if not Path(path).is_absolute():
            yield Problem(field, f"{path!r} is not an absolute path")
    if not _SHORTEST_S <= duration.seconds(settings.timeout) <= LONGEST_S:
        yield Problem("timeout", f"{settings.timeout} is not within 100ms–5m")


def _address(settings: Settings) -> Iterator[Problem]:
    try:
        url = urlsplit(settings.url)
        known = url.scheme in {"http", "https"} and bool(url.hostname) and url.port != 0
        httpx2.URL(settings.url)
    except (ValueError, httpx2.InvalidURL):
        known, url = False, urlsplit("")
    if not known or any(letter.isspace() for letter in settings.url):
        yield Problem("url", "wanted an address such as http://127.0.0.1:9090")
    elif "@" in url.netloc:  # not shown again: it holds a password
        yield Problem("url", "credentials do not belong into an address; use 'basic' or 'bearer'")
    elif url.query or url.fragment:
        yield Problem("url", "wanted an address without '?' and '#'; queries stand in checks")
    elif url.scheme == "http":
        if settings.files:
            yield Problem("url", f"'{settings.files[0][0]}' is for https, and the address is http")
        if (settings.bearer or settings.basic) and not _is_here(str(url.hostname)):
            message = "the credentials go over the network unencrypted; wanted https"
            yield Problem("url", message, Severity.WARNING)


def _is_here(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


# --- asking -------------------------------------------------------------------------------------


class Source:
    """
    Ask one Prometheus; see :class:`serinus.ports.metrics.Source` for the contract.

    ``secret`` returns a secret by its name. It is asked before each question, and certificates are
    read again when their files were written, so that both can be renewed while the program runs.
    Each question has a connection of its own: they are half a minute apart.
    """

    def __init__(self, settings: Settings, secret: Callable[[str], str]) -> None:
        self.settings = settings
        self._secret = secret
        self._url = settings.url.rstrip("/")
        self._timeout_s = duration.seconds(settings.timeout)
        self._trust: tuple[tuple[float, ...], ssl.SSLContext] | None = None

    async def instant(self, query: str, at: float) -> tuple[Series, ...]:
        """Return each series with its one value."""
        return await self._ask("query", {"query": query, "time": f"{at:.3f}"})

    async def range(
        self, query: str, start: float, end: float, step_s: float
    ) -> tuple[Series, ...]:
        """Return each series between two instants."""
        between = {"start": f"{start:.3f}", "end": f"{end:.3f}", "step": f"{step_s:.3f}"}
        return await self._ask("query_range", {"query": query, **between})

    async def _ask(self, what: str, form: dict[str, str]) -> tuple[Series, ...]:
        limit = f"{math.ceil(self._timeout_s * _MILLISECOND)}ms"
        secrets = self._secrets()
        try:
            with anyio.fail_after(self._timeout_s):
                status, headers, content = await self._post(
                    f"{self._url}/api/v1/{what}", {**form, "timeout": limit}, secrets
                )
        except TimeoutError as exc:
            said = f"{self._url} did not answer within {self.settings.timeout}"
            raise failures.Unavailable(said) from exc
        except (httpx2.HTTPError, httpx2.InvalidURL, OSError) as exc:
            raise _unanswered(self._url, exc) from exc
        if status != httpx2.codes.OK:
            raise _refused(self._url, status, headers, _error(content, secrets))
        if "json" not in headers.get("content-type", ""):
            kind = headers.get("content-type", "").partition(";")[0] or "something without a type"
            raise failures.Unavailable(
                f"{self._url} answered with {_short(kind)}, where JSON is wanted; is it Prometheus?"
            )
        return parse(content, self._url)

    async def _post(
        self, url: str, form: dict[str, str], secrets: tuple[str, ...]
    ) -> tuple[int, httpx2.Headers, bytes]:
        """Return status, headers and body, which is read as far as it may go."""
        headers = {"accept": "application/json", "accept-encoding": "identity"}
        basic = self.settings.basic
        if basic is None and secrets:
            headers["authorization"] = f"Bearer {secrets[0]}"
        async with (
            httpx2.AsyncClient(
                verify=self._context(),
                auth=httpx2.BasicAuth(basic.user, secrets[0]) if basic is not None else None,
                headers=headers,
                timeout=None,
                trust_env=False,
                follow_redirects=False,
            ) as client,
            client.stream("POST", url, data=form) as answer,
        ):
            if answer.headers.get("content-encoding", "identity") != "identity":
                said = f"{self._url} answered compressed, which was not asked for"
                raise failures.Unavailable(said)
            content = bytearray()
            async for part in answer.aiter_raw():
                content += part
                if len(content) > LARGEST:
                    raise failures.Unavailable(
                        f"{self._url} answered with more than {LARGEST >> 20} MiB; "
                        "ask for less, as with sum(…)"
                    )
            return answer.status_code, answer.headers, bytes(content)

    # --- who we are -----------------------------------------------------------------------------

    def _secrets(self) -> tuple[str, ...]:
        """Return the one secret that is used, if one is, fit for a header."""
        basic = self.settings.basic
        name = self.settings.bearer or (basic.password if basic else None)
        if name is None:
            return ()
        found = self._secret(name).strip()
        if not found or not found.isprintable() or (basic is None and not found.isascii()):
            raise failures.Rejected(
                f"the secret '{name}' for {self._url} is empty or holds what no header can carry"
            )
        return (found,)

    def _context(self) -> ssl.SSLContext:
        """Return whom to trust; made anew when a certificate was written."""
        if not self._url.startswith("https:"):
            return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        marks = tuple(self._mark(field, path) for field, path in self.settings.files)
        if self._trust is None or self._trust[0] != marks:
            self._trust = (marks, self._made())
        return self._trust[1]

    def _mark(self, field: str, path: str) -> float:
        try:
            return Path(path).stat().st_mtime_ns
        except OSError as exc:
            raise self._unread(field, path, exc) from exc

    def _made(self) -> ssl.SSLContext:
        settings = self.settings
        try:
            context = (
                httpx2.create_ssl_context(trust_env=False)
                if settings.ca is None
                else ssl.create_default_context(cafile=settings.ca)
            )
        except OSError as exc:  # SSLError is one, too
            raise self._unread("ca", str(settings.ca), exc) from exc
        if settings.client_cert is not None and settings.client_key is not None:
            try:
                # A key with a pass phrase would be asked for at the terminal.
                context.load_cert_chain(settings.client_cert, settings.client_key, lambda: "")
            except OSError as exc:
                both = f"{settings.client_cert} with {settings.client_key}"
                raise self._unread("clientCert", both, exc) from exc
        return context

    def _unread(self, field: str, path: str, problem: OSError) -> failures.Rejected:
        why = problem.reason if isinstance(problem, ssl.SSLError) else problem.strerror
        said = f"{self._url}: {field} {path} cannot be used: {why or problem}"
        return failures.Rejected(said)


# --- answers ------------------------------------------------------------------------------------


class _Found(msgspec.Struct, frozen=True):
    metric: dict[str, str] = {}
    value: tuple[float, str] | None = None
    values: tuple[tuple[float, str], ...] = ()


class _Data(msgspec.Struct, frozen=True):
    result_type: str = msgspec.field(name="resultType")
    result: msgspec.Raw


class _Answer(msgspec.Struct, frozen=True):
    status: str
    data: _Data | None = None
    error: str = ""


def parse(payload: bytes, name: str = "Prometheus") -> tuple[Series, ...]:
    """
    Read the body of an answer; what it warns of is left out.

    Rejected for numbers that are none (texts, histograms), Unavailable for what is no answer.
    """
    if payload.count(b",") > _PARTS:  # small parts take fifty times their size when they are read
        raise failures.Unavailable(f"{name} answered with too many parts; ask for less")
    try:
        answer = msgspec.json.decode(payload, type=_Answer)
        if answer.status != "success" or answer.data is None:
            raise failures.Unavailable(f"{name} answered with an error, and says that all is well")
        return _series(answer.data, name)
    except (msgspec.DecodeError, ValueError, RecursionError) as exc:
        raise failures.Unavailable(f"{name} answered with JSON that is no result") from exc


def _series(data: _Data, name: str) -> tuple[Series, ...]:
    if data.result_type == "scalar":
        at, value = msgspec.json.decode(data.result, type=tuple[float, str])
        return (Series({}, ((at, float(value)),)),)
    if data.result_type not in {"vector", "matrix"}:
        said = f"{name} answered with a {_short(data.result_type)}, where numbers are wanted"
        raise failures.Rejected(said)
    parts = msgspec.json.decode(data.result, type=list[msgspec.Raw])  # counted unread: it is cheap
    if len(parts) > MOST:
        raise failures.Unavailable(
            f"{name} answered with {len(parts)} series, of which at most {MOST} are read; "
            "ask for less, as with sum(…)"
        )
    found = [msgspec.json.decode(part, type=_Found) for part in parts]
    if any(one.value is None and not one.values for one in found):
        raise failures.Rejected(
            f"{name} answered with a histogram, where numbers are wanted; "
            "ask for one, as with histogram_quantile(…)"
        )
    return tuple(Series(one.metric, _points(one)) for one in found)


def _points(found: _Found) -> tuple[tuple[float, float], ...]:
    points = found.values if found.value is None else (found.value,)
    return tuple((at, float(value)) for at, value in points)


def _error(content: bytes, secrets: tuple[str, ...]) -> str:
    """Return what the API says is wrong, empty when it is not the API; our secret is taken out."""
    try:
        said = msgspec.json.decode(content, type=_Answer).error
    except (msgspec.DecodeError, ValueError, RecursionError):  # text that is no UTF-8 is the second
        return ""
    for secret in secrets:
        said = said.replace(secret, "…")
    return _short(said)


def _refused(
    url: str, status: int, headers: httpx2.Headers, said: str
) -> failures.Rejected | failures.Unavailable:
    """Tell the answers apart that bring no result."""
    codes = httpx2.codes
    if status in {codes.BAD_REQUEST, codes.UNPROCESSABLE_CONTENT} and said:
        return failures.Rejected(f"{url} refused the query: {said}")
    why = f": {said}" if said else ""
    if status in {codes.UNAUTHORIZED, codes.FORBIDDEN}:
        return failures.Rejected(f"{url} refused the credentials ({status}){why}")
    if codes.is_redirect(status):
        return failures.Rejected(
            f"{url} sends elsewhere ({status}); redirects are not followed: write the last address"
        )
    if codes.is_client_error(status) and status not in {
        codes.REQUEST_TIMEOUT,
        codes.TOO_MANY_REQUESTS,
    }:
        return failures.Rejected(f"{url} knows no such question ({status}){why}")
    wait = headers.get("retry-after", "")
    wish = min(float(wait), LONGEST_S) if wait.isdecimal() else None
    return failures.Unavailable(f"{url} cannot answer now ({status}){why}", wish)


def _unanswered(url: str, problem: BaseException) -> failures.Rejected | failures.Unavailable:
    """Tell apart why there was no answer: what httpx2 raises holds the reason in its causes."""
    found: BaseException | None = problem
    while found is not None:
        match found:
            case ssl.SSLCertVerificationError():
                said = f"{url}: its certificate is not trusted: {found.verify_message}"
                return failures.Rejected(said, hint="ca: the file of who vouches for it")
            case ssl.SSLError() if "ALERT" in (found.reason or ""):
                return failures.Rejected(f"{url} ended the TLS handshake: {found.reason}")
            case ssl.SSLError():
                return failures.Unavailable(f"{url} does not speak TLS: {found.reason or found}")
            case socket.gaierror():
                return failures.Unavailable(f"{url}: the name of its host is not known")
            case ConnectionRefusedError():
                return failures.Unavailable(f"{url}: nobody listens there")
        found = found.__cause__ or found.__context__
    more = "; does it want a client certificate?" if url.startswith("https:") else ""
    if isinstance(problem, httpx2.ConnectError):
        return failures.Unavailable(f"{url} cannot be reached{more}")
    if isinstance(problem, httpx2.ProtocolError):
        return failures.Unavailable(f"{url} hung up in the middle, or does not speak HTTP")
    return failures.Unavailable(f"{url} hung up in the middle of its answer{more}")


def _short(text: str) -> str:
    """Return somebody else's words on one line, not too long."""
    line = " ".join("".join(c if c.isprintable() else " " for c in text[: 4 * _SAID]).split())
    return line if len(line) <= _SAID else f"{line[: _SAID - 1]}…"
