"""``plan``, ``lint`` and ``template``: what the specs say, before anybody asks for it."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import anyio
import cyclopts
from cyclopts import Parameter
from rich.text import Text

from serinus.app import basis, prospect
from serinus.app.basis import Counted, Given
from serinus.app.prospect import Prospect, TemplateView
from serinus.boot import home
from serinus.boot.settings import Server, Settings
from serinus.core.errors import Problem, Severity
from serinus.core.state.command import Command
from serinus.core.state.notice import Key
from serinus.interfaces.cli import drawings, outlooks, pictures
from serinus.interfaces.cli.options import Desk, Environment, Output, Place, parameters
from serinus.interfaces.cli.screen import Screen
from serinus.interfaces.cli.traffic import Traffic
from serinus.interfaces.cli.trouble import Code, Trouble

template = cyclopts.App(
    name="template", help="Show the templates that deliveries are made from.", version_flags=[]
)


def plan(
    app: Annotated[str | None, Parameter(help="Name of the application.")] = None,
    /,
    *,
    file: Annotated[
        Path | None, Parameter(name=["--file", "-f"], help="A file that is not in use yet.")
    ] = None,
    set_: Annotated[
        list[str] | None,
        Parameter(name="--set", negative="", help="A parameter of the delivery: bake=1m."),
    ] = None,
    picture: Annotated[
        Path | None, Parameter(help="Draw how soon regressions are seen, as FILE.svg.")
    ] = None,
    env: Environment = "local",
    traffic: Traffic = Traffic(),
    place: Place = Place(),
    output: Output = Output(),
) -> int:
    """Show what a release would do, how soon it would see what is wrong, and how long it takes."""
    settings, screen = place.settings(), Screen(output)
    given = parameters(set_ or [])
    traffic.check()
    specs = home.specs_of(settings, _there(file))
    names = list(specs.applications())
    name = app or (names[0] if file and len(names) == 1 else None)
    if name is None:
        raise Trouble(
            "plan needs the name of an application",
            why=f"known: {', '.join(names) or 'none'}",
            hint=f"serinus plan {names[0] if names else 'APP'}",
            code=Code.USAGE,
        )
    if name not in names:
        raise Trouble(
            f"there is no application {name!r}",
            why=f"known: {', '.join(names) or 'none'}",
            hint=f"serinus plan {names[0]}" if names else "serinus lint",
        )
    found = specs.effective(name, env, given)
    if not found.usable:
        raise _unusable(name, found.problems)
    counted, told = anyio.run(_basis, settings, Key(name, env), traffic)
    view = prospect.of(found, counted, told)
    if picture is not None:
        _draw(picture, view, screen)
    if not screen.answered(view, lambda: [f"{view.application}/{view.environment}"]):
        screen.lines(outlooks.prospect(view, settings.port, picture=screen.terminal))
    return Code.OK


async def _basis(settings: Settings, key: Key, traffic: Traffic) -> tuple[Counted, Given]:
    """Return what was counted of an application, and what is said of it."""
    now = home.clock().now()
    given = await traffic.given(key, lambda: home.metrics(settings), now)
    async with home.store(settings) as store:
        return await basis.counted(store, key, now), given


def _draw(file: Path, view: Prospect, screen: Screen) -> None:
    """Write the picture of a forecast, if there is one."""
    drawn = drawings.svg(view.application, view.forecast) if view.forecast else ""
    if not drawn:
        why = view.forecast.problem if view.forecast else ""
        raise Trouble(
            f"there is nothing to draw into {file}",
            why=why or "nothing can be seen at this traffic",
            hint=f"serinus plan {view.application} --rate 100 --base-errors 0.1%",
        )
    try:
        file.write_text(drawn, encoding="utf-8")
    except OSError as problem:
        raise Trouble(f"{file} cannot be written", why=str(problem.strerror)) from problem
    screen.note(f"The picture is in {file}.")


def lint(
    *,
    file: Annotated[
        Path | None, Parameter(name=["--file", "-f"], help="A file, or a directory of them.")
    ] = None,
    place: Desk = Desk(),
    output: Output = Output(),
) -> int:
    """
    Find everything that is wrong with the specs, each with its line; exit 1 for errors.

    With --server a file is read by the dashboard, beside the templates and environments there;
    nothing is written.
    """
    settings, screen = place.settings(), Screen(output)
    if settings.server is not None:
        problems, count = _reviewed(settings.server, file)
    else:
        specs = home.specs_of(settings, _there(file))
        problems, count = specs.problems(), len(specs.applications())
    wrong = [problem for problem in problems if problem.severity is Severity.ERROR]
    code = Code.ERROR if wrong else Code.OK
    if screen.answered(problems, lambda: dict.fromkeys(problem.file for problem in problems)):
        return code
    for problem in problems:
        screen.write(Text(str(problem), pictures.BAD if problem in wrong else pictures.WAITING))
    if not problems:
        where = file or settings.specs
        screen.say(f"{count} application{'' if count == 1 else 's'} in {where}: nothing is wrong.")
    return code


@template.command(name="ls")
def list_(
    *,
    place: Desk = Desk(),
    output: Output = Output(),
) -> int:
    """List the templates, built-in ones and those among the specs."""
    screen = Screen(output)
    views = _templates(place)
    if not screen.answered(views, lambda: [f"{view.name}-{view.version}" for view in views]):
        rows = [
            [Text(view.name, "bold"), Text(view.version), Text(view.strategy)] for view in views
        ]
        below = [Text(view.about) for view in views]
        screen.table(("TEMPLATE", "VERSION", "STRATEGY"), rows, below, title="ABOUT")
    return Code.OK


@template.command
def show(
    name: Annotated[str, Parameter(help="Name of the template.")],
    /,
    *,
    place: Desk = Desk(),
    output: Output = Output(),
) -> int:
    """Show a template: what it promises, its timeline, and what can be set."""
    screen = Screen(output)
    views = _templates(place)
    fitting = [view for view in views if name in {view.name, f"{view.name}-{view.version}"}]
    if not fitting:
        raise Trouble(
            f"there is no template {name!r}",
            why=f"known: {', '.join(dict.fromkeys(view.name for view in views))}",
            next=(Command("template ls"),),
        )
    view = fitting[-1]
    if not screen.answered(view, lambda: [f"{view.name}-{view.version}"]):
        screen.lines(outlooks.template(view))
    return Code.OK


def _there(file: Path | None) -> Path | None:
    if file is not None and not file.exists():
        raise Trouble(f"there is no file {file}", hint="serinus lint", code=Code.USAGE)
    return file


def _reviewed(server: Server, file: Path | None) -> tuple[Sequence[Problem], int]:
    """Return what a dashboard finds wrong with a file, and how many applications it holds."""
    from serinus.interfaces.cli import reviews  # noqa: PLC0415 - few ask a dashboard

    if file is None or _there(file) is None or file.is_dir():
        raise Trouble(
            "lint needs one file for a dashboard to look at",
            why="what is written where it is served was looked at when it was written",
            hint=f"serinus lint -f shop.yaml --server {server.address}",
            code=Code.USAGE,
        )
    return reviews.review(server, file)


def _templates(place: Desk) -> tuple[TemplateView, ...]:
    settings = place.settings()
    if settings.server is None:
        library = home.specs(settings).library()
    else:
        from serinus.interfaces.cli import reviews  # noqa: PLC0415 - the same

        library = anyio.run(reviews.library, settings.server)
    found = [template for versions in library.templates.values() for template in versions]
    return prospect.templates(found, library)


def _unusable(name: str, problems: tuple[Problem, ...]) -> Trouble:
    wrong = [str(problem) for problem in problems if problem.severity is Severity.ERROR]
    return Trouble(
        f"{name} cannot be released as it is written", why="\n".join(wrong), hint="serinus lint"
    )
