"""
Drafts: an application's file as a newcomer gets it, from answers to a few questions.

Each field has its meaning beside it, and what was not asked for is left away. An answer that is
wrong is written all the same: the review of the text says what is wrong with it, in the words that
it has for everybody's files.
"""

import json
import re
from collections.abc import Iterable, Iterator

import msgspec

from serinus.core.spec import workload
from serinus.core.spec.application import API

_PLAIN = re.compile(r"-{0,2}[A-Za-z_./][A-Za-z0-9_./+=@-]*|\d+(\.\d+)?(ms|[smhd%]|[KMG]i)")
_WORDS = frozenset({"y", "n", "yes", "no", "on", "off", "true", "false", "null"})
"""Words that some reader of YAML takes for something else than a text."""


class Draft(msgspec.Struct, frozen=True):
    """
    What somebody said about an application; an empty text is no answer.

    ``command`` is split into words as a shell would. ``port`` None: each replica gets a free one.
    ``health`` None: an open port is enough. ``template`` and ``major``: its name and the first
    number of its version; ``about``: what it does. ``latency``: slower requests are too slow.
    ``errors``: the share of failed requests that nobody may have. ``image`` is for Kubernetes.
    Numbers that are none are kept as they were said.
    """

    name: str
    command: str = ""
    files: tuple[str, ...] = ()
    workdir: str = "."
    version: str = "v1"
    port: int | str | None = None
    health: str | None = "/"
    replicas: int | str = 1
    env: tuple[tuple[str, str], ...] = ()
    cpu: str = ""
    memory: str = ""
    template: str = "canary-standard"
    major: str = ""
    about: str = ""
    latency: str = ""
    errors: str = ""
    image: str = ""


def text(draft: Draft) -> str:
    """Write the file of an application."""
    return "".join(f"{line}\n" for line in _lines(draft))


def environment(name: str) -> str:
    """Write the file of an environment in which releases are quick, to try things out."""
    return f"""\
# What holds for every application in the environment {name}; on one machine it is 'local'.
apiVersion: serinus.dev/v1alpha1
kind: Environment
metadata:
  name: {name}
spec:
  stage: dev
  defaults:
    # Short steps, to try things out. Real users deserve longer ones: take this file away then.
    parameters: {{bake: 20s, warmup: 5s, keepOld: 1m}}
"""


def _lines(draft: Draft) -> Iterator[str]:
    yield f"# How {_shown(draft.name)} is run, and how a new version of it gets to everybody."
    yield "# Save a change and a release begins. serinus lint finds what is wrong in here."
    yield f"apiVersion: {API}"
    yield "kind: Application"
    yield "metadata:"
    yield f"  name: {_word(draft.name)}"
    yield "spec:"
    yield f"  # A label for people. serinus deploy {_shown(draft.name)} VERSION changes it in here."
    yield f"  version: {_word(draft.version)}"
    yield "  workload:"
    yield from (f"    {line}" for line in _workload(draft))
    yield "  delivery:"
    yield from (f"    {line}" for line in _delivery(draft))
    if draft.image:
        yield "  # What is different elsewhere: Kubernetes runs images, this machine runs commands."
        yield "  environments:"
        yield "    prod:"
        # The image has a directory of its own.
        where = ", workdir: ." if draft.workdir != "." else ""
        yield f"      workload: {{image: {_word(draft.image)}{where}}}"


def _workload(draft: Draft) -> Iterator[str]:
    yield "# Starts one replica. No shell reads it; ${port} is the port to listen on, as is $PORT."
    yield f"command: {_command(draft.command)}"
    if draft.workdir != ".":
        yield "# Where it starts, seen from the directory of this file."
        yield f"workdir: {_word(draft.workdir)}"
    if draft.files:
        yield "# These belong to a version: each version reads its own copy, in ${files}."
        yield f"files: [{_words(draft.files)}]"
    if draft.port is not None:
        yield "# A port of its own, which only one replica can have."
        yield f"port: {_word(draft.port)}"
    if draft.env:
        yield "# Variables; ${version}, ${port} and ${replica} may stand in their values."
        yield "env:"
        yield from (f"  {_word(name)}: {_word(value)}" for name, value in draft.env)
    path = "null" if draft.health is None else _word(draft.health)
    yield "# A replica is ready when this path answers with 2xx or 3xx (null: when its port opens)."
    yield f"health: {{path: {path}}}"
    yield "# How many serve while no release is on its way."
    yield f"replicas: {_word(draft.replicas)}"
    resources = (("cpu", draft.cpu), ("memory", draft.memory))
    if draft.cpu or draft.memory:
        given = ", ".join(f"{name}: {_word(amount)}" for name, amount in resources if amount)
        yield "# What one replica may take."
        yield f"resources: {{{given}}}"


def _delivery(draft: Draft) -> Iterator[str]:
    if draft.about:
        yield f"# {_shown(draft.about)}"
    yield f"# serinus template show {_shown(draft.template)} tells what can be set as parameters."
    major = f", version: {json.dumps(draft.major)}" if draft.major else ""
    yield f"template: {{name: {_word(draft.template)}{major}}}"
    if draft.latency and not draft.errors:
        yield f"parameters: {{latencyBound: {_word(draft.latency)}}}"
    if draft.errors:
        yield "# In place of the template's: no worse than the version before, and below a limit."
        yield "checks:"
        yield "- use: golden-signals"
        if draft.latency:
            yield f"  with: {{latencyBound: {_word(draft.latency)}}}"
        yield "- name: limit"
        yield f"  errors: {{slo: {{max: {_word(draft.errors)}}}}}"


def _command(said: str) -> str:
    """Write a command as a list of words; as a text if it cannot be split, for the review."""
    try:
        return f"[{_words(workload.words(said))}]"
    except ValueError:
        return _escaped(json.dumps(said, ensure_ascii=False))


def _words(values: Iterable[str]) -> str:
    return ", ".join(_word(value) for value in values)


def _word(value: str | int) -> str:
    """Write a value, in quotes where somebody might read it as something else."""
    if isinstance(value, int):
        return str(value)
    if _PLAIN.fullmatch(value) and value.lower() not in _WORDS:
        return value
    return _escaped(json.dumps(value, ensure_ascii=False))


def _escaped(text: str) -> str:
    """Write what cannot be seen as YAML escapes it."""
    return "".join(c if c.isprintable() else f"\\U{ord(c):08x}" for c in text)


def _shown(text: str) -> str:
    """Write a text into a comment: in one line, whatever it holds."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())
