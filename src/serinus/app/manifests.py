"""
The manifests: what would be written for a document, told before anybody writes it.

::

    text ──▶ marks in the place of secrets ──▶ rendered, as it is delivered ──▶ shown
      └────▶ the text itself ──▶ its digest alone, so that names are those it will have

Nothing is written, and whatever is rendered is rendered with the marks.
"""

from serinus.app import secrecy
from serinus.app.office import Manifests, Office, Sought
from serinus.core.spec import problems
from serinus.ports import failures
from serinus.ports.documents import Reviewed

UNKNOWN = "What would be written cannot be told here: no controller runs in this process."
OTHERS = "What would be written is shown to those who may deploy there"


def hidden(lacks: str) -> Manifests:
    """Return what somebody sees who may not deploy; ``lacks``: what they lack, in words."""
    return Manifests(f"{OTHERS}; it {lacks}.")


async def of(office: Office, found: Reviewed) -> Manifests:
    """Return what would be written for a text that was reviewed, which may hold secrets."""
    wrong = problems.errors(found.problems)
    if wrong or found.data is None or found.effective is None:
        return Manifests(_first(len(wrong)))
    if office.render is None:
        return Manifests(UNKNOWN)
    shown = secrecy.veiled(found.data)
    try:
        return await office.render(Sought(shown, found.data, found.effective.environment))
    except failures.PortFailure as failure:
        why = f" ({failure.why})" if failure.why else ""
        return Manifests(f"It cannot be told what would be written: {failure}{why}.")


def _first(wrong: int) -> str:
    what = "the problem is" if wrong == 1 else "all problems are"
    return f"What would be written is shown as soon as {what} mended."
