"""
Where things are: home, specs, and the address that Envoy listens on.

A flag goes before the environment, the environment before what the last ``serinus up`` in this home
wrote down (so that a command in another directory finds the same specs), and that before the
default::

    --home     SERINUS_HOME                     ./.serinus
    --specs    SERINUS_SPECS    settings.json   ./delivery
    --port     SERINUS_PORT     settings.json   8080
    --listen   SERINUS_LISTEN   settings.json   127.0.0.1

A cluster is looked at in place of this machine where one is named: with --cluster, --kubeconfig,
--context or --namespace, or by SERINUS_PLATFORM=kubernetes.
"""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Self

import msgspec

from serinus.ports import failures

PORTS = range(1, 65536)


class Saved(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What ``serinus up`` writes down for the commands that come after it."""

    specs: str | None = None
    listen: str | None = None
    port: int | None = None


class Cluster(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """
    Which cluster is meant, and which namespace of it; ``*``: all.

    What is None is found: KUBECONFIG, the current context, and the namespace that it names.
    ``flags``: the options that lead a command there, but for the namespace.
    """

    kubeconfig: Path | None = None
    context: str | None = None
    namespace: str | None = None
    flags: tuple[str, ...] = ()


class Server(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A dashboard elsewhere that is asked in place of a store; ``token`` says who asks."""

    address: str
    token: str


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All settings of one home, complete and checked. Paths are absolute."""

    home: Path
    specs: Path
    listen: str = "127.0.0.1"
    port: int = 8080
    recover: bool = False
    cluster: Cluster | None = None
    server: Server | None = None

    @property
    def there(self) -> Cluster | None:
        """Where commands lead that are to be typed next; None: here."""
        if self.server is None:
            return self.cluster
        return Cluster(flags=("--server", self.server.address))

    @classmethod
    def load(
        cls,
        *,
        home: Path | str | None = None,
        specs: Path | str | None = None,
        listen: str | None = None,
        port: int | None = None,
        environ: Mapping[str, str] = os.environ,
        cwd: Path | None = None,
    ) -> Self:
        """Find every setting, or say which one is wrong and where it came from."""
        here = cwd or Path.cwd()
        place = here / (home or environ.get("SERINUS_HOME") or ".serinus")
        saved = _saved(place / "settings.json")
        where = specs or environ.get("SERINUS_SPECS") or saved.specs or "delivery"
        return cls(
            home=Path(os.path.abspath(place)),  # noqa: PTH100 - resolve() would follow links
            specs=Path(os.path.abspath(here / where)),  # noqa: PTH100 - the same
            listen=listen or environ.get("SERINUS_LISTEN") or saved.listen or "127.0.0.1",
            port=_port(port, environ) or saved.port or 8080,
        )

    def save(self) -> None:
        """Write down what other commands need to find the same things."""
        saved = Saved(specs=str(self.specs), listen=self.listen, port=self.port)
        self.home.mkdir(parents=True, exist_ok=True, mode=0o700)
        path = self.home / "settings.json"
        draft = path.with_name("settings.json.new")
        draft.write_bytes(msgspec.json.format(msgspec.json.encode(saved)) + b"\n")
        draft.replace(path)

    @property
    def database(self) -> Path:
        """The SQLite file."""
        return self.home / "state.db"

    @property
    def lock(self) -> Path:
        """The controller's lock."""
        return self.home / "run" / "controller.lock"

    @property
    def blobs(self) -> Path:
        """The content of the files of every revision, by sha256."""
        return self.home / "blobs"

    @property
    def logs(self) -> Path:
        """The log files of replicas."""
        return self.home / "logs"


def _port(given: int | None, environ: Mapping[str, str]) -> int | None:
    text = str(given) if given is not None else environ.get("SERINUS_PORT", "")
    if not text:
        return None
    if not text.isdecimal() or int(text) not in PORTS:
        source = "--port" if given is not None else "SERINUS_PORT"
        raise failures.Rejected(
            f"{source} is {text!r}: want a port from 1 to 65535",
            hint=f"{source}{' ' if given is not None else '='}8080",
        )
    return int(text)


def _saved(path: Path) -> Saved:
    try:
        return msgspec.json.decode(path.read_bytes(), type=Saved)
    except (FileNotFoundError, NotADirectoryError):
        return Saved()
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError) as exc:
        raise failures.Rejected(
            f"cannot read {path}", why=str(exc), hint=f"rm {path}   (serinus up writes it anew)"
        ) from exc
