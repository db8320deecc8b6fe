"""
Workloads: what one replica is, reviewed.

Paths are relative to the spec (``workload.port``): in an environment's patch it is the patch that
is wrong. See :mod:`serinus.core.spec.review`.
"""

import re
import shlex
from collections.abc import Iterable, Iterator

from serinus.core.errors import Problem, Severity
from serinus.core.spec import bounds, checker, place, pods, resources
from serinus.core.spec.application import ApplicationSpec, Health, Workload
from serinus.core.spec.bounds import Span
from serinus.core.spec.limits import Limits

PLACEHOLDERS = ("version", "port", "replica", "files")
"""What may stand as ``${…}`` in a command and in the values of its environment."""

OURS = "SERINUS_"
"""Variables that begin so tell a replica who it is; the platform sets them, and PORT."""

_PLACEHOLDER = re.compile(r"\$\{([^}]*)(\}?)")
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_GRACE = Span("0s", "15m")
_EVERY = Span("100ms", "5m")
_TIMEOUT = Span("1ms", "1h")
_PORTS = 65_535


def review(spec: ApplicationSpec) -> Iterator[Problem]:
    """Review the workload and the route of an application, wherever it runs."""
    if spec.workload_ref is None:
        yield from _command(spec.workload)
    yield from _words(spec.workload.args, "workload.args")
    if spec.workload.image is not None:
        yield from _placeholders(spec.workload.image, "workload.image", ("version",))
    yield from _files(spec.workload)
    yield from _variables(spec.workload)
    yield from resources.review(spec.workload.resources)
    if spec.workload.port is not None and not 1 <= spec.workload.port <= _PORTS:
        message = f"{spec.workload.port} is not a port; wanted 1–{_PORTS}"
        yield Problem("workload.port", message)
    yield from _health(spec.workload.health)
    if spec.workload.replicas is not None and spec.workload.replicas < 1:
        message = f"{spec.workload.replicas} replicas cannot serve; wanted 1 or more"
        yield Problem("workload.replicas", message)
    yield from bounds.length(spec.workload.grace, _GRACE, "workload.grace")
    yield from bounds.length(spec.route.timeout, _TIMEOUT, "route.timeout")
    yield from pods.review(spec)


def here(spec: ApplicationSpec, limits: Limits) -> Iterator[Problem]:
    """Review what this platform cannot do."""
    written = spec.workload
    replicas = written.replicas or 1
    if limits.cluster:
        yield from pods.here(spec)
    if not limits.images:
        yield from pods.elsewhere(spec)
    if written.image is not None and not limits.images:
        message = (
            "images do not run on this machine; give 'command' instead (Kubernetes runs images)"
        )
        yield Problem("workload.image", message)
    if written.port is not None and replicas > 1 and not limits.images:
        message = (
            f"{replicas} replicas cannot share port {written.port}; leave 'port' away: "
            "each replica gets a free one in ${port} and $PORT"
        )
        yield Problem("workload.port", message)
    if replicas > limits.replicas:
        message = (
            f"{replicas} replicas are more than this platform runs of one application, "
            f"which is {limits.replicas}"
        )
        yield Problem("workload.replicas", message)
    for name in resources.NAMES:
        if name in written.resources and name not in limits.enforced:
            message = "not enforced on this platform; the replicas take what they get"
            path = place.text(("workload", "resources", name))
            yield Problem(path, message, Severity.WARNING)


def words(command: list[str] | str | None) -> tuple[str, ...]:
    """
    Split a command into words, as a shell would.

    Raises:
        ValueError: for a quotation without an end.
    """
    return tuple(shlex.split(command) if isinstance(command, str) else command or ())


# --- parts --------------------------------------------------------------------------------------


def _command(written: Workload) -> Iterator[Problem]:
    if written.command is None:
        if written.image is None:
            message = "'command' is missing; wanted what starts one replica"
            yield Problem("workload.command", message)
        return
    try:
        split = words(written.command)
    except ValueError as problem:
        message = f"cannot be split into words: {str(problem).lower()}; or give a list of words"
        yield Problem("workload.command", message)
        return
    if not split:
        yield Problem("workload.command", "it is empty; wanted a program")
    elif not split[0]:
        yield Problem("workload.command", "its first word is empty; wanted a program")
    if isinstance(written.command, list):
        yield from _words(split, "workload.command")
    else:
        for word in split:
            yield from _placeholders(word, "workload.command", PLACEHOLDERS)


def _words(words: Iterable[str], path: str) -> Iterator[Problem]:
    for index, word in enumerate(words):
        yield from _placeholders(word, f"{path}[{index}]", PLACEHOLDERS)


def _files(written: Workload) -> Iterator[Problem]:
    if "${" in written.workdir:
        yield Problem("workload.workdir", "a working directory holds no placeholders")
    for index, file in enumerate(written.files):
        path = f"workload.files[{index}]"
        yield from _placeholders(file, path, ("version",))
        if not file or file.startswith("/") or ".." in file.split("/"):
            message = f"{checker.shown(file)} is not below workdir; wanted such as conf/shop.conf"
            yield Problem(path, message)
        elif file in written.files[:index]:
            yield Problem(path, f"{checker.shown(file)} stands there twice")


def _variables(written: Workload) -> Iterator[Problem]:
    for name, value in written.env.items():
        path = place.text(("workload", "env", name))
        if not _VARIABLE.fullmatch(name):
            message = f"{checker.shown(name)} is not a name of a variable; wanted such as SHOP_MODE"
            yield Problem(path, message)
            continue
        if name == "PORT" or name.startswith(OURS):
            message = f"the platform sets PORT and {OURS}…; choose another name, or take ${{port}}"
            yield Problem(path, message)
        yield from _placeholders(value, path, PLACEHOLDERS)


def _placeholders(text: str, path: str, known: tuple[str, ...]) -> Iterator[Problem]:
    for name, closed in _PLACEHOLDER.findall(text):
        if not closed:
            yield Problem(path, f"{checker.shown(text)} holds a '${{' that is not closed")
        elif name not in known:
            message = checker.unknown(name, known, "placeholder")
            if name.isidentifier():
                message += f" (for a variable of a shell write ${name})"
            yield Problem(path, message)


def _health(health: Health) -> Iterator[Problem]:
    if health.path is not None and not (
        health.path.startswith("/") and health.path.isprintable() and " " not in health.path
    ):
        message = f"{checker.shown(health.path)} is not a path; wanted one such as /healthz"
        yield Problem("workload.health.path", message)
    yield from bounds.length(health.every, _EVERY, "workload.health.every")
    yield from bounds.length(health.timeout, _EVERY, "workload.health.timeout")
