"""
What one person writes about an application, between two requests.

::

    begun   the document as it stands, or a blank one          GET
    posted  the text that the page carried, with what was      POST
            typed into its inputs put into it

Nothing is kept here: the page carries the text, and the values of secrets that are stored are marks
in it, which become values again only on this side.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import msgspec
from starlette.datastructures import QueryParams

from serinus.app import form, sheet, variables, veiled
from serinus.app.office import Office
from serinus.core.spec import place
from serinus.core.spec.resolve import Library
from serinus.core.state.notice import Key
from serinus.interfaces.api.fields import Fields
from serinus.interfaces.web import ways
from serinus.ports import failures
from serinus.ports.documents import Edit, Reviewed, Written

FORM, YAML = "form", "yaml"
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
    A text that is being written.

    ``name``: the application, empty for a new one. ``stored``: its document as it stands, and
    ``read`` the version of it that the change is made to. ``environment``: in which one looks at
    what it comes to. ``level``: whose part the inputs are, empty: the application's. ``blank``: the
    kind of a row for a variable that is not there yet, if one was asked for. ``refusal``: why it
    was not done as asked.
    """

    name: str
    text: str
    environment: str
    stored: Written | None = None
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


def environments(office: Office, library: Library) -> tuple[str, ...]:
    """Return the environments in which something can be written, the office's own first."""
    others = sorted(name for name in library.environments if name != office.environment)
    return (office.environment, *others)


# --- from what ----------------------------------------------------------------------------------


async def begun(office: Office, name: str, asked: QueryParams) -> Draft:
    """
    Begin with the document as it stands, or with a blank one; ``Missing`` where it is not there.

    ``asked`` may say ``environment`` and ``mode``, of a blank one ``adopt`` (a Deployment says what
    runs), and of another what is changed in it already: ``version``,
    ``reset`` (a place that says nothing any more), or ``back`` and ``way`` (a release to go back
    to, see :mod:`serinus.app.wayback`).
    """
    stored = await office.documents.read(name) if name else None
    namespace = office.namespace if cluster(office) else ""
    blank = sheet.blank(namespace=namespace, adopts="adopt" in asked)
    draft = Draft(
        name=name,
        text=stored.text if stored else blank,
        environment=asked.get("environment") or await _home(office, name),
        stored=stored,
        read=stored.version if stored else "",
        mode=YAML if asked.get("mode") == YAML else FORM,
    )
    if stored is None:
        return draft
    if asked.get("version"):
        draft = _edited(office, draft, [Edit(("spec", "version"), asked["version"])])
    if asked.get("reset"):
        draft = _edited(office, draft, [Edit(place.parse(asked["reset"]))])
    if asked.get("back", "").isdecimal():
        key = Key(name, draft.environment)
        found = await ways.back(office, key, int(asked["back"]), stored)
        way = next((one for one in found.choices if one.name == asked.get("way")), None)
        draft = _edited(office, draft, way.edits if way else ())
        draft = msgspec.structs.replace(draft, reason=f"back to release {asked['back']}")
    return draft


async def _home(office: Office, name: str) -> str:
    """Return the environment in which an application is: in a cluster its namespace says it."""
    found = [key.environment for key in await office.store.keys() if key.application == name]
    if not found or office.environment in found:
        return office.environment
    return found[0]


async def posted(office: Office, name: str, sent: Fields, library: Library) -> Draft:
    """Return the draft that a page carried, with what was typed put into its text."""
    stored = await office.documents.read(name) if name else None
    environment = sent.get("environment") or office.environment
    draft = Draft(
        name=name,
        text=sent.get("text"),
        environment=environment,
        stored=stored,
        read=sent.get("read"),
        level=sent.get("level"),
        mode=YAML if sent.get("mode") == YAML else FORM,
        reason=sent.get("reason").strip(),
    )
    draft = await _unmasked(office, draft)
    if draft.mode == FORM:
        draft = await _typed(office, draft, sent, library)
    return await _turned(office, draft, sent)


async def _unmasked(office: Office, draft: Draft) -> Draft:
    """Put stored secrets back where the page carried their marks."""
    if draft.stored is None or variables.MARK not in draft.text:
        return draft
    before = await office.documents.review(draft.stored.text, draft.environment)
    now = await office.documents.review(draft.text, draft.environment)
    return _edited(office, draft, variables.restored(now.data, before.data))


async def _typed(office: Office, draft: Draft, sent: Fields, library: Library) -> Draft:
    reviewed = await office.documents.review(draft.text, draft.environment)
    try:
        edits = form.changes(
            reviewed,
            library,
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


# --- what is shown ------------------------------------------------------------------------------


class Shown(NamedTuple):
    """A draft's text as it is sent, and the stored one: what is stored of secrets is marked."""

    text: str
    before: str


async def shown(office: Office, draft: Draft, reviewed: Reviewed) -> Shown:
    """Return the texts as they are sent."""
    if draft.stored is None:
        return Shown(draft.text, "")
    stored = draft.stored.text
    before = await office.documents.review(stored, draft.environment)
    old = _marked(office, stored, before.data, before.data)
    if reviewed.data is None:
        # What a page sent and cannot be read has the marks still in it.
        return Shown(old if draft.text == stored else draft.text, old)
    return Shown(_marked(office, draft.text, reviewed.data, before.data), old)


def _marked(office: Office, text: str, data: object, before: object) -> str:
    """Put a mark in the place of each secret that stands in ``before`` as well."""
    if data is None:
        return veiled.crude(text)
    known = dict(variables.secrets(before))
    marks = [
        Edit(where, variables.MARK)
        for where, value in variables.secrets(data)
        if known.get(where) == value
    ]
    return office.documents.edit(text, marks) if marks else text
