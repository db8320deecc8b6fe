"""
What ``init`` asks about a new application, and what the answers come to.

Every answer is reviewed at once, with the sentences that specs are reviewed with; what a flag says
is not asked for.
"""

import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import msgspec
from cyclopts import Parameter

from serinus.boot.scaffold import Scaffold, Suggestion
from serinus.core.spec import workload
from serinus.core.spec.draft import Draft
from serinus.core.spec.effective import LOCAL
from serinus.core.spec.problems import errors
from serinus.core.spec.resolve import DEFAULT_TEMPLATE
from serinus.core.spec.template import TemplateSpec
from serinus.interfaces.cli.asking import Asker

NONE = ("none", "null", "-")
"""How people say that there is no path to ask."""

SHELLS = frozenset({"sh", "bash", "dash", "zsh"})


@Parameter(name="*")
@dataclass(frozen=True)
class Said:
    """What flags say; None: it is asked for."""

    command: Annotated[str | None, Parameter(help="What starts one replica.")] = None
    file: Annotated[
        list[str] | None,
        Parameter(negative="", help="A file or directory that belongs to each version."),
    ] = None
    port: Annotated[
        str | None, Parameter(help="A port that it always has. Default: ${port} and $PORT.")
    ] = None
    health: Annotated[
        str | None, Parameter(help="The path that says that it is ready, or none.")
    ] = None
    replicas: Annotated[str | None, Parameter(help="How many serve.")] = None
    version: Annotated[str | None, Parameter(help="The first version's label.")] = None
    template: Annotated[str | None, Parameter(help="How it is delivered.")] = None
    env: Annotated[
        list[str] | None, Parameter(negative="", help="A variable: MODE=live. May be repeated.")
    ] = None
    cpu: Annotated[str | None, Parameter(help="What a replica may take: 500m.")] = None
    memory: Annotated[str | None, Parameter(help="What a replica may take: 256Mi.")] = None
    latency: Annotated[
        str | None, Parameter(name="--latency-bound", help="What is too slow: 300ms.")
    ] = None
    errors: Annotated[
        str | None, Parameter(name="--max-errors", help="What may never fail more often: 1%.")
    ] = None
    image: Annotated[str | None, Parameter(help="The image, for Kubernetes.")] = None
    quick: Annotated[
        bool | None, Parameter(negative="", help="Short steps here: write local.yaml as well.")
    ] = None


UNSAID = Said()


class Interview:
    """Asks for a draft; nothing is written here."""

    def __init__(self, scaffold: Scaffold, said: Said, asker: Asker) -> None:
        self._scaffold = scaffold
        self._said = said
        self._asker = asker
        self._suggestions = scaffold.suggestions()

    def draft(self, name: str | None) -> Draft:
        """Ask one thing after the other, and return all answers."""
        draft = self._name(name)
        for question in (self._command, self._port, self._health, self._replicas, self._version):
            draft = question(draft)
        return self._more(self._template(draft))

    def quick(self) -> bool:
        """Tell whether an environment with short steps is wanted; not where there is one."""
        if LOCAL in self._scaffold.library.environments:
            if self._said.quick:
                self._asker.refuse("this machine has an environment already", "--quick")
            return False
        if self._said.quick is not None:
            return self._said.quick
        name = self._scaffold.file(LOCAL).name
        self._asker.say("")
        question = f"Short steps on this machine, to try things out? (writes {name} too)"
        return self._asker.confirm(question, default=False)

    # --- what must be known ---------------------------------------------------------------------

    def _name(self, given: str | None) -> Draft:
        default = re.sub(r"[^a-z0-9]+", "-", Path.cwd().name.lower())[:40].strip("-") or "app"
        while True:
            draft = self._settle(
                Draft("", workdir=self._scaffold.workdir),
                "name",
                "What is the application called?",
                default,
                ("metadata.name",),
                given=given,
            )
            taken = self._scaffold.taken(draft.name)
            if taken is None:
                return draft
            why = (
                f"{draft.name} is in {taken} already; init overwrites nothing, so take another name"
            )
            self._asker.refuse(why, "the name" if given is not None else "")

    def _command(self, draft: Draft) -> Draft:
        found = self._suggestions
        if self._said.command is None:
            self._asker.say(
                "\nWhat starts one replica? Write ${port} where its port belongs; no shell runs it."
            )
            self._asker.choose([(one.command, f"from {one.source}") for one in found])
        given = msgspec.structs.replace(draft, files=tuple(self._said.file or ()))
        draft = self._settle(
            given,
            "command",
            "Number or command" if found else "Command",
            "1" if found else "",
            ("spec.workload.command", "spec.workload.workdir", "spec.workload.files"),
            read=self._chosen,
        )
        self._told_if_absent(draft)
        chosen = self._suggestion(draft)
        if chosen is not None and self._said.file is None:
            draft = msgspec.structs.replace(draft, files=chosen.files)
        return draft

    def _port(self, draft: Draft) -> Draft:
        if self._said.port is None and "${port}" in draft.command:
            return draft
        if self._said.port is None:
            self._asker.say(
                "\nEach replica gets a free port, in the variable PORT. If it does not read that,"
                "\nsay the command again, with ${port} in it; or the number, if it is one for ever."
            )
        while True:
            said = self._asker.ask("Port", "PORT") if self._said.port is None else self._said.port
            if "${port}" in said:
                new = msgspec.structs.replace(draft, command=said)
            else:
                port = None if said == "PORT" else _number(said)
                new = msgspec.structs.replace(draft, port=port, replicas=1)
            why = self._wrong(new, ("spec.workload.port", "spec.workload.command"))
            if not why:
                return new
            self._asker.refuse(why, "--port" if self._said.port is not None else "")

    def _health(self, draft: Draft) -> Draft:
        chosen = self._suggestion(draft)
        self._asker.say("")
        return self._settle(
            draft,
            "health",
            "Which path answers when it is ready? ('none': an open port is enough)",
            chosen.health if chosen else "/",
            ("spec.workload.health",),
            read=lambda text: None if text in NONE else text,
        )

    def _replicas(self, draft: Draft) -> Draft:
        default = "2" if draft.port is None else "1"
        paths = ("spec.workload.replicas", "spec.workload.port")
        return self._settle(draft, "replicas", "How many replicas?", default, paths, read=_number)

    def _version(self, draft: Draft) -> Draft:
        question = "What is this version called?"
        return self._settle(draft, "version", question, "v1", ("spec.version",))

    def _template(self, draft: Draft) -> Draft:
        specs = [
            versions[-1].spec for _, versions in sorted(self._scaffold.library.templates.items())
        ]
        if self._said.template is None:
            self._asker.say("\nHow does a new version get to everybody?")
            self._asker.choose([(spec.template, spec.promise or spec.about) for spec in specs])
        names = [spec.template for spec in specs]

        def chosen(text: str) -> str:
            return names[int(text) - 1] if _counts(text, names) else text

        draft = self._settle(
            draft,
            "template",
            "Number or name",
            DEFAULT_TEMPLATE.name,
            ("spec.delivery",),
            read=chosen,
        )
        return _about(draft, next(spec for spec in specs if spec.template == draft.template))

    # --- what may be left away ------------------------------------------------------------------

    def _more(self, draft: Draft) -> Draft:
        asked = self._asker.confirm(
            "\nMore: variables, resources, limits, an image for Kubernetes?", default=False
        )
        for name, question, paths in (
            ("cpu", "CPU that a replica may take, such as 500m", "spec.workload.resources"),
            ("memory", "Memory that it may take, such as 256Mi", "spec.workload.resources"),
            ("latency", "What is too slow, such as 300ms", "spec.delivery"),
            ("errors", "What may never fail more often, such as 1%", "spec.delivery"),
            ("image", "Image, for Kubernetes", "spec.environments"),
        ):
            if asked or getattr(self._said, name) is not None:
                draft = self._settle(draft, name, f"{question} (empty: nothing)", "", (paths,))
        return self._variables(draft, asked=asked)

    def _variables(self, draft: Draft, *, asked: bool) -> Draft:
        for text in self._said.env or ():
            draft = self._variable(draft, text, "--env") or draft
        while asked and self._said.env is None:
            text = self._asker.ask("Variable, such as MODE=live (empty: no more)")
            if not text:
                break
            draft = self._variable(draft, text) or draft
        return draft

    def _variable(self, draft: Draft, text: str, flag: str = "") -> Draft | None:
        """Add a variable; None when it was wrong, and told so."""
        name, equals, value = text.partition("=")
        new = msgspec.structs.replace(draft, env=(*draft.env, (name, value)))
        if not equals:
            why = f"'{text}' sets nothing; wanted NAME=VALUE"
        else:
            why = self._wrong(new, ("spec.workload.env",))
        if why:
            self._asker.refuse(why, flag)
            return None
        return new

    # --- one answer -----------------------------------------------------------------------------

    def _settle(
        self,
        draft: Draft,
        field: str,
        question: str,
        default: str,
        paths: tuple[str, ...],
        *,
        read: Callable[[str], Any] = str,
        given: str | None = None,
    ) -> Draft:
        """Return the draft with one answer that the review finds nothing wrong with."""
        said = given if given is not None else getattr(self._said, field, None)
        while True:
            text = self._asker.ask(question, default) if said is None else said
            new = msgspec.structs.replace(draft, **{field: read(text)})
            why = self._wrong(new, paths)
            if not why:
                return new
            self._asker.refuse(why, "" if said is None else _flag(field))

    def _wrong(self, draft: Draft, paths: tuple[str, ...]) -> str:
        """Return what the review says about some places of the draft."""
        found = errors(self._scaffold.review(draft))
        told = dict.fromkeys(p.message for p in found if p.path.startswith(paths))
        if "spec.workload.command" in paths and _is_unfilled(draft.command):
            told["no shell fills $PORT in; write ${port}"] = None
        return "; ".join(told)

    def _chosen(self, text: str) -> str:
        found = self._suggestions
        return found[int(text) - 1].command if _counts(text, found) else text

    def _suggestion(self, draft: Draft) -> Suggestion | None:
        return next((one for one in self._suggestions if one.command == draft.command), None)

    def _told_if_absent(self, draft: Draft) -> None:
        """Tell that a program is not there; it may come later."""
        program = workload.words(draft.command)[0]
        here = Path.cwd() / program if "/" in program else shutil.which(program)
        if here is None or not Path(here).exists():
            self._asker.say(f"  (there is no {program} here yet)")


def _about(draft: Draft, spec: TemplateSpec) -> Draft:
    major = spec.version.partition(".")[0]
    return msgspec.structs.replace(draft, about=f"{spec.title}: {spec.about}", major=major)


def _is_unfilled(command: str) -> bool:
    """Tell whether a command waits for a shell to fill in the port."""
    program = command.partition(" ")[0].rpartition("/")[2]
    return program not in SHELLS and re.search(r"\$PORT\b", command) is not None


def _counts(text: str, things: Any) -> bool:
    """Tell whether a text is the number of one of some things."""
    return text.isdecimal() and 1 <= int(text) <= len(things)


def _number(text: str) -> int | str:
    """Read a number; what is none stays as it is, for the review."""
    return int(text) if re.fullmatch(r"-?\d{1,9}", text) else text


def _flag(field: str) -> str:
    known = {"name": "the name", "latency": "--latency-bound", "errors": "--max-errors"}
    return known.get(field, f"--{field}")
