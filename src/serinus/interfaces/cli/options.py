"""The options that many commands share, declared once."""

import enum
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from urllib.parse import urlsplit

import msgspec
from cyclopts import Parameter

from serinus.boot import home
from serinus.boot.settings import Cluster, Server, Settings
from serinus.core.state.notice import Key
from serinus.interfaces import words
from serinus.interfaces.cli.trouble import Code, Trouble

if TYPE_CHECKING:
    from serinus.interfaces import dashboard as dashboards


class Format(enum.StrEnum):
    """How output is written."""

    TEXT = "text"
    JSON = "json"
    YAML = "yaml"
    NAME = "name"


@Parameter(name="*")
@dataclass(frozen=True)
class Place:
    """Where the commands look."""

    home: Annotated[Path | None, Parameter(env_var="SERINUS_HOME")] = None
    """Directory of what is running and what was. Default: ./.serinus"""
    specs: Annotated[Path | None, Parameter(env_var="SERINUS_SPECS")] = None
    """Directory of the applications. Default: what `serinus up` was told, or ./delivery"""

    def settings(self) -> Settings:
        """Return the settings of this place."""
        return Settings.load(home=self.home, specs=self.specs)


@Parameter(name="*")
@dataclass(frozen=True)
class Reach(Place):
    """Where those commands look that can look at a cluster as well."""

    cluster: Annotated[bool, Parameter(negative="")] = False
    """Look at a cluster. SERINUS_PLATFORM=kubernetes does the same."""
    kubeconfig: Path | None = None
    """The cluster's kubeconfig. Default: KUBECONFIG, or ~/.kube/config"""
    context: str | None = None
    """A context of the kubeconfig. Default: the current one"""
    namespace: str | None = None
    """A namespace of the cluster; '*' for all. Default: the context's own"""

    def settings(self, app: str | None = None) -> Settings:
        """Return the settings of this place; ``app`` may be written with its namespace."""
        found = super().settings()
        named = (self.kubeconfig, self.context, self.namespace)
        platform = os.environ.get("SERINUS_PLATFORM") or "local"
        if platform not in {"local", "kubernetes"}:
            raise Trouble(
                f"SERINUS_PLATFORM is {platform!r}: want local or kubernetes",
                hint="unset SERINUS_PLATFORM",
                code=Code.USAGE,
            )
        if not (self.cluster or any(named) or platform == "kubernetes"):
            return found
        namespace, slash, _ = (app or "").partition("/")
        cluster = Cluster(
            kubeconfig=self.kubeconfig,
            context=self.context,
            namespace=namespace if slash else self.namespace,
            flags=self._flags(),
        )
        return msgspec.structs.replace(found, cluster=cluster, port=words.HTTP)

    def _flags(self) -> tuple[str, ...]:
        """Return what has to be typed to look there again."""
        named = (("--kubeconfig", self.kubeconfig), ("--context", self.context))
        found = [word for flag, value in named if value for word in (flag, str(value))]
        return tuple(found) or (("--cluster",) if self.cluster or self.namespace else ())

    def key(self, app: str, env: str) -> Key:
        """Return which application is meant; one of a cluster knows its environment itself."""
        return Key(app, env) if self.settings(app).cluster is None else Key(app, "")


Served = Annotated[
    str | None, Parameter(help="Ask the dashboard at this address: http://127.0.0.1:7070")
]
Token = Annotated[
    str | None,
    Parameter(
        env_var="SERINUS_TOKEN", help="Who asks there: what `serinus dashboard --token` printed"
    ),
]


@Parameter(name="*")
@dataclass(frozen=True)
class Desk(Place):
    """Where those commands look that read specs, here or where a dashboard is served."""

    server: Served = None
    token: Token = None

    def settings(self) -> Settings:
        """Return the settings of this place."""
        found = super().settings()
        return found if self.server is None else _afar(found, self.server, self.token)


@Parameter(name="*")
@dataclass(frozen=True)
class Far(Reach):
    """Where those commands look that can ask a dashboard as well."""

    server: Served = None
    token: Token = None

    def settings(self, app: str | None = None) -> Settings:
        """Return the settings of this place."""
        found = super().settings(app)
        if self.server is None:
            return found
        if self._flags():
            raise Trouble(
                "--server and a cluster are two places: want one of them", code=Code.USAGE
            )
        return _afar(found, self.server, self.token)

    def key(self, app: str, env: str) -> Key:
        """Return which application is meant; without an environment the only one that it is in."""
        if self.server is None:
            return super().key(app, env)
        return Key(app, "" if env == HERE else env)


def _afar(found: Settings, server: str, token: str | None) -> Settings:
    """Return settings that lead to a dashboard in place of a store."""
    there = Server(_address(server), _shown(token or ""))
    return msgspec.structs.replace(found, server=there, cluster=None, port=words.HTTP)


def _shown(token: str) -> str:
    """Return a token that can be shown. One that cannot is not repeated, whatever it is."""
    found = token.strip()
    if not found.isascii() or any(not "!" <= one <= "~" for one in found):
        raise Trouble(
            "the token has characters that no token has",
            why="it is not repeated here; was a whole file, or more than one line, taken for it?",
            hint="SERINUS_TOKEN=$(serinus dashboard --token)   (typed where it is served)",
            code=Code.USAGE,
        )
    return found


_NEAR = re.compile(r"(localhost|127\.0\.0\.1):\d+")


def _address(text: str) -> str:
    """Read the address of a dashboard. A token is not sent where others could read it."""
    parts = urlsplit(text)
    place = parts.netloc.rpartition("@")[2]
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        # A link with a token in it may have been taken for the address: it is not repeated.
        named = text.partition("?")[0]
        near = named if _NEAR.fullmatch(named) else "127.0.0.1:7070"
        raise Trouble(
            f"--server {named!r}: want the address of a dashboard",
            hint=f"--server http://{near}",
            code=Code.USAGE,
        )
    if "@" in parts.netloc:
        raise Trouble(
            "--server holds a name or a password, which a dashboard does not know",
            why="they are not repeated here; the token alone says who asks",
            hint=f"--server {parts.scheme}://{place}   (with SERINUS_TOKEN)",
            code=Code.USAGE,
        )
    if parts.scheme == "http" and parts.hostname not in {"127.0.0.1", "::1", "localhost"}:
        raise Trouble(
            f"--server http://{place}: others could read the token on its way",
            hint=f"--server https://{place}   or   ssh -L, kubectl port-forward",
            code=Code.USAGE,
        )
    return f"{parts.scheme}://{parts.netloc}"


@Parameter(name="*")
@dataclass(frozen=True)
class Pages:
    """Where the dashboard is served, and to whom."""

    dashboard: Annotated[str | None, Parameter(negative="")] = None
    """Address of the dashboard. Default: 127.0.0.1:7070, or the next port that is free"""
    no_dashboard: Annotated[bool, Parameter(negative="")] = False
    """Serve no dashboard."""
    access: Annotated[Path | None, Parameter(env_var="SERINUS_ACCESS")] = None
    """A file that says who may use the dashboard. Default: whoever has the link"""

    def wanted(self) -> "dashboards.Asked | None":
        """Return where the dashboard is wanted, None where it is not."""
        from serinus.interfaces import dashboard as dashboards  # noqa: PLC0415 - few commands serve

        return None if self.no_dashboard else dashboards.wanted(self.dashboard, self.access)


@Parameter(name="*")
@dataclass(frozen=True)
class Output:
    """How a command answers."""

    output: Annotated[Format, Parameter(name=["--output", "-o"])] = Format.TEXT
    """text, or json, yaml, name for other programs."""
    no_color: Annotated[bool, Parameter(negative="")] = False
    """Do not use colours. NO_COLOR does the same."""
    quiet: Annotated[bool, Parameter(name=["--quiet", "-q"], negative="")] = False
    """Say nothing but the answer."""


HERE = "local"
"""The environment of this machine, which is meant where none is named."""

Environment = Annotated[
    str, Parameter(name=["--env", "-e"], help="Which environment; this machine has one.")
]
Reason = Annotated[str, Parameter(name=["--reason", "-m"], help="Why: it is kept in the history.")]
Actor = Annotated[
    str | None,
    Parameter(
        env_var="SERINUS_ACTOR",
        help="Who asks. Default: your login name, or your name in the cluster. "
        "With --server the token says it.",
    ),
]
ExpectStep = Annotated[
    int | None, Parameter(help="Refuse if the release is not at this step any more.")
]
ExpectRelease = Annotated[int | None, Parameter(help="Refuse if another release is in flight.")]
App = Annotated[str, Parameter(help="Name of the application.")]


@Parameter(name="*")
@dataclass(frozen=True)
class Author:
    """Who asks, and why."""

    reason: Reason = ""
    actor: Actor = None

    @property
    def name(self) -> str:
        """The actor's name."""
        return self.actor or home.owner()


@Parameter(name="*")
@dataclass(frozen=True)
class Who(Author):
    """Who asks, why, and what they were looking at."""

    expect_step: ExpectStep = None
    expect_release: ExpectRelease = None


async def signed(settings: Settings, actor: str | None) -> str:
    """Return who asks: who is named, or else who we are to the cluster, or on this machine."""
    return actor or await home.caller(settings) or home.owner()


def parameters(given: list[str]) -> dict[str, str]:
    """Read ``--set name=value``."""
    found = {}
    for text in given:
        name, equals, value = text.partition("=")
        if not (name and equals):
            raise Trouble(f"--set {text!r}: want name=value", hint="--set bake=1m", code=Code.USAGE)
        found[name] = value
    return found
