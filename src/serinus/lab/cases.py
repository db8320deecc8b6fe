"""
Cases of a policy test: one YAML file each, checked whole before anything is played.

::

    name: five percent of errors are caught
    template: canary-standard          # or application: shop; a name, or a path from this file
    set: {bake: 2m}
    traffic: {rate: 100, errors: 0.1%, latency: 40ms, replicas: 3}
    faults: [errors=5%@20%]            # or recording: release-17.jsonl
    runs: 20
    seed: 1
    expect: {outcome: rolled back, within: 10m, exposure: {bad: "< 50"}, in: 95% of runs}
"""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from serinus.adapters.local import documents
from serinus.boot.settings import Settings
from serinus.core.errors import Problem, SpecError
from serinus.core.spec import checker, mend, problems
from serinus.core.spec.formats import Duration, Percent
from serinus.core.spec.problems import Positions
from serinus.lab import asked, expected, recording, subject
from serinus.lab.asked import Asked
from serinus.lab.expected import Expect
from serinus.lab.recording import Recording
from serinus.lab.simulate import Setting
from serinus.lab.subject import Choice, Subject
from serinus.ports import failures

ENDINGS = (".yaml", ".yml")

RUNS = 20
"""Runs of a simulated case that says nothing of them; a recording is played once."""

_SET = "--set.parameters."


class _Words(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="camel"):
    """What all written things share."""


class Usual(_Words, frozen=True):
    """What is usual, as it is written."""

    rate: float = 100.0
    errors: Percent = "0.1%"
    latency: Duration = "40ms"
    replicas: int | None = None


class Written(_Words, frozen=True):
    """A case, as it is written."""

    expect: Expect | list[Expect]
    name: str = ""
    template: str = ""
    application: str = ""
    environment: str = "local"
    set: dict[str, Any] = {}
    traffic: Usual = Usual()
    faults: list[str] = []
    history: Duration = "1h"
    recording: str = ""
    runs: int | None = None
    seed: int = 1


class Case(msgspec.Struct, frozen=True):
    """
    A case that can be played: its fixture is a setting to simulate, or a recording.

    ``expects``: what is expected, with the path of each in the file.
    """

    name: str
    file: str
    subject: Subject
    seeds: tuple[int, ...]
    expects: tuple[tuple[str, Expect], ...]
    setting: Setting | None = None
    recording: Recording | None = None


def read(place: Path, settings: Settings, only: str = "") -> tuple[Case, ...]:
    """
    Read the cases of a folder, or of one file; ``only``: those with this in their name.

    Raises SpecError with all that is wrong with all of them, each with file, line and column.
    """
    found: list[Case] = []
    wrong: list[Problem] = []
    for file in _files(place):
        try:
            case = _case(file, settings)
        except SpecError as several:
            wrong += several.problems
        else:
            found += [case] if case is not None else []
    names = [case.name for case in found]
    for case in found:
        if names.count(case.name) > 1:
            wrong.append(Problem("name", f"two cases are called '{case.name}'", file=case.file))
    if not found and not wrong:
        said = "no case there; wanted YAML files with 'expect'"
        wrong.append(Problem("", said, file=str(place)))
    chosen = [case for case in found if only.lower() in case.name.lower()]
    if found and not chosen:
        wrong.append(Problem("--only", checker.unknown(only, names, "case")))
    if wrong:
        raise SpecError(tuple(wrong))
    return tuple(chosen)


def _files(place: Path) -> list[Path]:
    if not place.exists():
        raise SpecError((Problem("", "there is no such file or folder", file=str(place)),))
    if place.is_file():
        return [place]
    return sorted(file for file in place.iterdir() if file.suffix in ENDINGS)


def _case(file: Path, settings: Settings) -> Case | None:
    """Read one case; None for a document that is of Serinus itself, as a template beside it."""
    try:
        content = file.read_bytes()
    except OSError as problem:
        said = f"it cannot be read: {problem.strerror}"
        raise SpecError((Problem("", said, file=str(file)),)) from problem
    _, page = documents.read(content)
    if page.documents and isinstance(data := page.documents[0].data, Mapping):
        if "apiVersion" in data:
            return None
    else:
        data = None
    wrong = [*page.problems, *(p for one in page.documents for p in one.problems)]
    if len(page.documents) != 1 and not wrong:
        wrong.append(Problem("", f"{len(page.documents)} documents; wanted one case in a file"))
    if not wrong and data is None:
        wrong.append(Problem("", "this is no mapping; wanted a case"))
    places = documents.positions(page.documents[0].root) if page.documents else {}
    if wrong:
        raise SpecError(_placed(wrong, file, places))
    checked = mend.check(data, Written)
    told, case = list(checked.problems), None
    try:
        case = None if checked.value is None else _whole(checked.value, file, settings)
    except SpecError as several:
        told += checked.other(several.problems)
    if told:
        raise SpecError(_placed(told, file, places))
    return case


def _placed(found: Sequence[Problem], file: Path, places: Positions) -> tuple[Problem, ...]:
    """Give each problem its file, line and column; those of other files have their own."""
    own = [p if p.file else msgspec.structs.replace(p, file=str(file)) for p in found]
    return problems.located(own, lambda name, _: places if name == str(file) else {})


def _whole(written: Written, file: Path, settings: Settings) -> Case:
    """Return a case that can be played. Raises SpecError with all that is wrong with it."""
    wrong = list(_review(written))
    case = None
    try:
        found = _subject(written, file, settings)
        case = _playable(written, file, found)
    except SpecError as several:
        wrong += several.problems
    if case is None or wrong:
        raise SpecError(tuple(dict.fromkeys(wrong)))
    return case


def _review(written: Written) -> Iterator[Problem]:
    """Say what is wrong with a case by itself."""
    if bool(written.template) == bool(written.application):
        yield Problem("", "wanted exactly one of template and application")
    known = expected.REPLAYED if written.recording else expected.SIMULATED
    for path, expect in _expects(written):
        yield from expected.review(expect, path, known)
    if written.recording and written.faults:
        yield Problem("faults", "a recording is what it is; wanted faults or a recording")
    if not written.recording:
        try:
            asked.reading(_asked(written), _path)
        except SpecError as several:
            yield from several.problems


def _subject(written: Written, file: Path, settings: Settings) -> Subject:
    choice = Choice(
        application=written.application,
        template=written.template,
        parameters={name: _text(value) for name, value in written.set.items()},
        environment=written.environment,
        folder=file.parent,
    )
    try:
        return subject.find(choice, settings)
    except failures.Missing as missing:
        where = "template" if written.template else "application"
        raise SpecError((Problem(where, str(missing)),)) from missing
    except SpecError as several:
        own = (_own(problem) for problem in several.problems)
        raise SpecError(tuple(own)) from several


def _own(problem: Problem) -> Problem:
    """Tell a problem of a parameter where the case gives it."""
    if problem.file:
        return problem
    if problem.path.startswith(_SET):
        return msgspec.structs.replace(problem, path=f"set.{problem.path.removeprefix(_SET)}")
    return msgspec.structs.replace(problem, path="set", message=str(problem))


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _playable(written: Written, file: Path, found: Subject) -> Case:
    number = written.runs if written.runs is not None else 1 if written.recording else RUNS
    case = Case(
        name=written.name or file.stem,
        file=str(file),
        subject=found,
        seeds=tuple(range(written.seed, written.seed + max(0, number))),
        expects=tuple(_expects(written)),
    )
    if written.recording:
        if not case.seeds:
            raise SpecError((Problem("runs", f"{number} runs; wanted 1 or more"),))
        loaded = recording.load(file.parent / written.recording)
        return msgspec.structs.replace(case, recording=loaded)
    setting = asked.setting(_asked(written), found, _path)
    return msgspec.structs.replace(case, setting=setting)


def _asked(written: Written) -> Asked:
    usual = written.traffic
    return Asked(
        rate=usual.rate,
        errors=usual.errors,
        latency=usual.latency,
        replicas=usual.replicas,
        faults=tuple(written.faults),
        history=written.history,
        runs=RUNS if written.runs is None else written.runs,
        seed=written.seed,
    )


def _path(name: str) -> str:
    """Return where a value of a simulation stands in a case."""
    if name in {"rate", "errors", "latency", "replicas"}:
        return f"traffic.{name}"
    return "set" if name == "parameters" else name


def _expects(written: Written) -> list[tuple[str, Expect]]:
    if isinstance(written.expect, Expect):
        return [("expect", written.expect)]
    return [(f"expect[{index}]", one) for index, one in enumerate(written.expect)]
