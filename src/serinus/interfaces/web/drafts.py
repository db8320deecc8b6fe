"""
What one person writes about an application, between two requests.

::

    begun   the document as it stands, or a blank one          GET
    posted  the text that the page carried, with what was      POST
            typed into its inputs put into it

Nothing is kept here: the page carries the text, and secrets that are stored are marks in it, from
its beginning until it is written. They become values again at the door to the documents alone, see
:mod:`serinus.interfaces.api.documents`.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

import msgspec
from starlette.datastructures import QueryParams

from serinus.app import form, level, secrecy, sheet, variables, veiled
from serinus.app.office import Office
from serinus.core.spec import place
from serinus.core.spec.place import Place
from serinus.core.spec.resolve import Library
from serinus.core.state.notice import Key
from serinus.interfaces.api import fields
from serinus.interfaces.api.fields import Fields
from serinus.interfaces.web import ways
from serinus.ports import failures
from serinus.ports.documents import Edit, Reviewed, Written

FORM, YAML = "form", "yaml"
CLOSED = (
    "The document cannot be shown without its secrets; "
    "whoever may deploy it in every environment can read and mend it."
)
ADD, REMOVE = "add", "remove."
BLANKS = {
    ADD: variables.VALUE,
    f"{ADD}.secret": variables.SECRET,
    f"{ADD}.config": variables.CONFIG,
}
"""What adds a row, and of which kind."""

_ROWS = tuple(f"{form.VARIABLES}.{part}" for part in variables.Row._fields)


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """
    A text that is being written, with marks in the place of secrets that are stored.

    ``name``: the application, empty for a new one. ``stored``: its document as it stands,
    ``seen``: what its author sees of that, None: nothing, and ``read`` the version of it that the
    change is made to. ``environment``: in which one looks at what it comes to. ``level``: whose
    part the inputs are, empty: the application's. ``blank``: the kind of a row for a variable that
    is not there yet, if one was asked for. ``refusal``: why it was not done as asked.
    """

    name: str
    text: str
    environment: str
    stored: Written | None = None
    seen: str | None = ""
    read: str = ""
    level: str = ""
    mode: str = FORM
    reason: str = ""
    blank: str = ""
    refusal: str = ""

    @property
    def new(self) -> bool:
        """Tell whether there is no such application yet."""
        return not self.name

    @property
    def keeper(self) -> str:
        """Who keeps the document, empty where it may be changed here."""
        return self.stored.keeper if self.stored else ""


def cluster(office: Office) -> bool:
    """Tell whether applications run in a cluster: they are images there, and commands here."""
    return office.port is None


async def library(office: Office, draft: Draft, reviewed: Reviewed) -> Library:
    """Return what a draft may refer to: what its namespace has, of a new one as it is typed."""
    said = level.mapping(level.mapping(reviewed.data).get("metadata"))
    typed = f"{said.get('namespace', '')}/{said.get('name', '')}"
    return await office.documents.library(draft.name or typed.removeprefix("/"))


def environments(office: Office, library: Library) -> tuple[str, ...]:
    """Return the environments in which something can be written, the office's own first."""
    others = sorted(name for name in library.environments if name != office.environment)
    return (office.environment, *others)


# --- from what ----------------------------------------------------------------------------------


Sees = Callable[[Written], Awaitable[str | None]]
"""Returns what somebody may see of a document, None: nothing."""


async def begun(office: Office, name: str, asked: QueryParams, sees: Sees) -> Draft:
    """
    Begin with the document as it stands, or with a blank one; ``Missing`` where it is not there.

    ``asked`` may say ``environment`` and ``mode``, of a blank one ``adopt`` (a Deployment says what
    runs), and of another what is changed in it already: ``version``,
    ``reset`` (a place that says nothing any more), or ``back`` and ``way`` (a release to go back
    to, see :mod:`serinus.app.wayback`).
    """
    stored, seen = await _stored(office, name, sees)
    namespace = office.namespace if cluster(office) else ""
    blank = sheet.blank(namespace=namespace, adopts="adopt" in asked)
    draft = Draft(
        name=name,
        text=(seen or "") if stored else blank,
        environment=asked.get("environment") or await _home(office, name),
        stored=stored,
        seen=seen,
        read=stored.version if stored else "",
        mode=YAML if asked.get("mode") == YAML else FORM,
    )
    if stored is None or seen is None:
        return draft if seen is not None else msgspec.structs.replace(draft, refusal=CLOSED)
    if asked.get("version"):
        draft = _edited(office, draft, [Edit(("spec", "version"), asked["version"])])
    if asked.get("reset"):
        draft = _edited(office, draft, [Edit(place.parse(asked["reset"]))])
    number = fields.number(asked.get("back", ""))
    if number is not None:
        key = Key(name, draft.environment)
        found = await ways.back(office, key, number, stored)
        way = next((one for one in found.choices if one.name == asked.get("way")), None)
        edits = ways.marked(found.data, way, found.release.number) if way else ()
        draft = _edited(office, draft, edits)
        draft = msgspec.structs.replace(draft, reason=f"back to release {asked['back']}")
    return draft


async def _stored(office: Office, name: str, sees: Sees) -> tuple[Written | None, str | None]:
    stored = await office.documents.read(name) if name else None
    return stored, await sees(stored) if stored else ""


async def _home(office: Office, name: str) -> str:
    """Return the environment in which an application is: in a cluster its namespace says it."""
    found = [key.environment for key in await office.store.keys() if key.application == name]
    if not found or office.environment in found:
        return office.environment
    return found[0]


async def posted(office: Office, name: str, sent: Fields, sees: Sees) -> Draft:
    """Return the draft that a page carried, with what was typed put into its text."""
    stored, seen = await _stored(office, name, sees)
    environment = sent.get("environment") or office.environment
    draft = Draft(
        name=name,
        text=sent.get("text"),
        environment=environment,
        stored=stored,
        seen=seen,
        read=sent.get("read"),
        level=sent.get("level"),
        mode=YAML if sent.get("mode") == YAML else FORM,
        reason=sent.get("reason").strip(),
    )
    if draft.mode == FORM:
        draft = await _typed(office, draft, sent)
    draft = await _turned(office, draft, sent)
    try:
        await whole(office, draft)
    except failures.Rejected as lost:
        return draft if draft.refusal else _refused(draft, lost)
    return draft


async def _typed(office: Office, draft: Draft, sent: Fields) -> Draft:
    reviewed = await office.documents.review(draft.text, draft.environment)
    try:
        edits = form.changes(
            reviewed,
            await library(office, draft, reviewed),
            _columns(sent),
            environment=draft.level,
            cluster=cluster(office),
            new=draft.new,
        )
    except failures.Rejected as refused:
        return _refused(draft, refused)
    return _edited(office, draft, edits)


def _edited(office: Office, draft: Draft, edits: Sequence[Edit]) -> Draft:
    if not edits:
        return draft
    try:
        text = office.documents.edit(draft.text, edits)
    except failures.Rejected as refused:
        return _refused(draft, refused)
    return msgspec.structs.replace(draft, text=text)


def _refused(draft: Draft, refused: failures.Rejected) -> Draft:
    why = f" ({refused.why})" if refused.why else ""
    hint = f"; {refused.hint}" if refused.hint else ""
    return msgspec.structs.replace(draft, refusal=f"{refused}{why}{hint}")


def _columns(sent: Fields) -> Mapping[str, Sequence[str]]:
    """Return what was typed, by the input; without the row that is to be taken away."""
    found: dict[str, list[str]] = {}
    for name, value in sent:
        found.setdefault(name, []).append(value)
    asked = sent.get("do")
    index = asked.removeprefix(REMOVE)
    if asked.startswith(REMOVE) and index.isascii() and index.isdigit():
        for name in _ROWS:
            if int(index[:4]) < len(found.get(name, ())):
                del found[name][int(index[:4])]
    return found


async def _turned(office: Office, draft: Draft, sent: Fields) -> Draft:
    """Do what was asked of the page itself: another level, another way to write, another row."""
    asked = sent.get("do")
    if "scope" in sent:
        draft = msgspec.structs.replace(draft, level=draft.environment if sent.get("scope") else "")
    if asked in BLANKS:
        return msgspec.structs.replace(draft, blank=BLANKS[asked])
    if asked == "as-yaml":
        return msgspec.structs.replace(draft, mode=YAML)
    if asked == "as-form":
        reviewed = await office.documents.review(draft.text, draft.environment)
        if reviewed.data is None:
            refusal = "The text cannot be read, so there is no form of it; mend it first."
            return msgspec.structs.replace(draft, refusal=refusal)
        return msgspec.structs.replace(draft, mode=FORM)
    return draft


# --- with its secrets ---------------------------------------------------------------------------


async def marks(office: Office, draft: Draft) -> Mapping[tuple[Place, str], Any]:
    """Return what those marks of a draft stand for that a way back has put there."""
    if draft.stored is None or secrecy.MARK not in draft.text:
        return {}
    data = (await office.documents.review(draft.text, draft.environment)).data
    found = [str(one.value) for one in secrecy.found(data) if secrecy.marked(one.value)]
    return await ways.kept(office, Key(draft.name, draft.environment), draft.stored, found)


async def whole(office: Office, draft: Draft) -> str:
    """Return a draft's text with its secrets, which nobody is shown; ``Rejected``: one is lost."""
    before = draft.stored.text if draft.stored else ""
    if draft.seen is None:
        return before
    known = await marks(office, draft)
    return await veiled.restored(office.documents, draft.text, before, draft.environment, known)


async def reviewed(office: Office, draft: Draft) -> Reviewed:
    """Review a draft, so that nothing of what is found tells its secrets."""
    environment = draft.level or draft.environment
    try:
        text = await whole(office, draft)
    except failures.Rejected:
        text = draft.text
    return await veiled.reviewed(office.documents, text, draft.text, environment)
