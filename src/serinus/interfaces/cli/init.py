"""``init``: a new application's file, from a few questions."""

import sys
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from serinus.boot import home
from serinus.boot.scaffold import Scaffold
from serinus.boot.settings import Settings
from serinus.core.errors import SpecError
from serinus.core.spec import draft as drafts
from serinus.core.spec.draft import Draft
from serinus.core.spec.effective import LOCAL
from serinus.core.spec.problems import errors
from serinus.interfaces.cli.asking import Asker
from serinus.interfaces.cli.interview import UNSAID, Interview, Said
from serinus.interfaces.cli.options import Place
from serinus.interfaces.cli.trouble import Code


def init(
    app: Annotated[str | None, Parameter(help="Name of the application.")] = None,
    /,
    *,
    said: Said = UNSAID,
    yes: Annotated[
        bool, Parameter(name=["--yes", "-y"], negative="", help="Ask nothing, take the defaults.")
    ] = False,
    place: Place = Place(),
) -> int:
    """
    Write a new application's file: it asks for what it needs, and suggests what it finds here.

    Nothing is run, nothing is written before the last answer, and no file is ever overwritten:
    there is no --force. Every question has a flag.
    """
    settings = place.settings()
    scaffold = Scaffold(settings, Path.cwd())
    asker = Asker(silent=yes)
    try:
        return _init(settings, scaffold, Interview(scaffold, said, asker), app, asker)
    except KeyboardInterrupt:
        print("\nNothing was written.", file=sys.stderr)
        raise


def _init(
    settings: Settings, scaffold: Scaffold, interview: Interview, app: str | None, asker: Asker
) -> int:
    draft = interview.draft(app)
    wrong = errors(scaffold.review(draft))
    if wrong:
        raise SpecError(wrong)
    file = scaffold.file(draft.name)
    texts = {file: drafts.text(draft)}
    if interview.quick():
        texts[scaffold.file(LOCAL)] = drafts.environment(LOCAL)
    asker.say(f"\n{texts[file]}")
    where = _near(file)
    if not asker.confirm(f"Write this to {where}?", default=True):
        print("Nothing was written.")
        return Code.OK
    scaffold.write(texts)
    print(f"{' and '.join(_near(path) for path in texts)} written. Next:")
    for command, why in _next(settings, draft):
        print(f"  {command:<22} {why}")
    return Code.OK


def _next(settings: Settings, draft: Draft) -> tuple[tuple[str, str], tuple[str, str]]:
    """Return the two commands that come next, with what they do."""
    plan = (f"serinus plan {draft.name}", "what a release of it does, and how long that takes")
    if home.controller(settings) is not None:
        return plan, (f"serinus watch {draft.name}", "it is being started: see how it goes")
    return plan, ("serinus up", f"run it, at http://{draft.name}.localhost:{settings.port}")


def _near(path: Path) -> str:
    """Write a path as it is seen from here."""
    try:
        return str(path.relative_to(Path.cwd()))
    except ValueError:
        return str(path)
