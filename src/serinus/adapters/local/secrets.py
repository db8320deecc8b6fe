"""
Secrets of this machine: a file for each, or a variable::

    $SERINUS_HOME/secrets/on-call      readable by its owner alone
    SERINUS_SECRET_ON_CALL             where there is no such file

The file wins, because it can be changed while the controller runs. Replicas inherit neither.
"""

import os
import stat
from collections.abc import Callable, Mapping
from pathlib import Path

from serinus.core.spec import formats
from serinus.ports.failures import Rejected
from serinus.ports.secrets import Secret

FOLDER = "secrets"
PREFIX = "SERINUS_SECRET_"
LARGEST = 8192
"""The bytes that a secret may have at most."""

OTHERS = stat.S_IRWXG | stat.S_IRWXO
"""Everybody but the owner."""

STRANGERS = stat.S_IRWXO
"""Everybody but the owner and the group."""


def _written(path: Path) -> str:
    return f"mkdir -p {path.parent} && (umask 077; cat > {path})"


class Secrets:
    """Find secrets; see :class:`serinus.ports.secrets.Secrets` for the contract."""

    def __init__(
        self,
        home: Path,
        environ: Mapping[str, str] = os.environ,
        *,
        others: int = OTHERS,
        given: Callable[[Path], str] = _written,
    ) -> None:
        """
        Find them below ``home``; a file that ``others`` may read is refused, by its mode.

        In a pod the group of a file is the pod's own, and how it gets to read it at all. ``given``
        tells what people type to give the file that is missing.
        """
        self._folder = home / FOLDER
        self._environ = environ
        self._others = others
        self._given = given

    def get(self, name: str) -> Secret:
        """Return the secret of that name."""
        wrong = formats.wrong("name", name)
        if wrong:
            raise Rejected(f"a secret cannot be called so: {wrong}")
        content = self._file(name)
        if content is None:
            content = os.fsencode(self._environ.get(variable(name), ""))
        if len(content) > LARGEST:
            raise Rejected(f"the secret '{name}' is larger than {LARGEST:,} bytes")
        try:
            text = content.decode().removesuffix("\n").removesuffix("\r")
        except UnicodeDecodeError:
            # Without its cause, which holds the content.
            raise Rejected(f"the secret '{name}' is not text in UTF-8") from None
        if not text:
            raise self._missing(name)
        return Secret(name, text)

    def _missing(self, name: str) -> Rejected:
        path = self._folder / name
        return Rejected(
            f"there is no secret '{name}'",
            why=f"{path} and {variable(name)} are missing or empty",
            hint=self._given(path),
        )

    def _file(self, name: str) -> bytes | None:
        """Return what the file holds, None where there is none."""
        path = self._folder / name
        try:
            # A pipe of that name must not keep us waiting.
            descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as exc:
            raise Rejected(
                f"the secret '{name}' cannot be read",
                why=f"{path}: {exc.strerror}",
                hint=f"ls -l {path}",
            ) from exc
        try:
            found = os.fstat(descriptor)
            if not stat.S_ISREG(found.st_mode):
                raise Rejected(f"the secret '{name}' is no file", why=f"it is in the way: {path}")
            if found.st_mode & self._others:
                raise Rejected(
                    f"the secret '{name}' is not used: others than its owner may read it",
                    why=f"the mode of {path} is {stat.S_IMODE(found.st_mode):03o}",
                    hint=f"chmod 600 {path}",
                )
            return os.read(descriptor, LARGEST + 1)
        finally:
            os.close(descriptor)


def variable(name: str) -> str:
    """Return the variable that a secret may be in."""
    return PREFIX + name.upper().replace("-", "_")
