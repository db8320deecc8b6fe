import msgspec

from serinus.app import form
from serinus.core.errors import Problem, Severity
from serinus.interfaces.web import outlook
from serinus.interfaces.web.drafts import Draft
from serinus.interfaces.web.outlook import Outlook, Sheet
from serinus.ports.documents import Reviewed, Written
from tests.app import forms

STORED = Written(application="shop", text=forms.SHOP, version="1", place="shop.yaml")


def sheet(text: str = forms.SHOP, *, new: bool = False, reviewed: Reviewed | None = None) -> Sheet:
    found = reviewed or forms.reviewed(text)
    stored = None if new else STORED
    draft = Draft(
        name="" if new else "shop",
        text=text,
        environment="local",
        stored=stored,
        seen=None if new else STORED.text,
    )
    return Sheet(draft, found, form.fields(found, forms.LIBRARY, new=new), forms.LIBRARY)


def look(text: str = forms.SHOP, *, new: bool = False) -> Outlook:
    return outlook.of(sheet(text, new=new))


def test_a_draft_shows_its_course_its_checks_and_where_each_value_is_from() -> None:
    found = look()

    assert found.curve is not None
    assert found.curve.promotes
    assert any("failed requests" in line for line in found.checks)
    assert ("12s", "application") == next(
        (value.value, value.origin) for value in found.values if value.name == "bake"
    )


def test_a_draft_tells_who_meets_the_new_version_at_the_traffic_there_is() -> None:
    known = outlook.of(sheet()._replace(rate=200.0)).exposure
    unknown, curve = look().exposure, look().curve

    assert known is not None
    assert unknown is not None
    assert curve is not None
    assert known.sentence.endswith("at today's 200 requests/s.")
    assert (200.0, None) == (known.rate, unknown.rate)
    assert len(curve.blocks) == len(known.stages)


def test_the_button_says_what_it_does() -> None:
    changed = forms.SHOP.replace("version: v1", "version: v2")

    assert "Create and deploy" == look(new=True).verb
    assert ("Deploy", False) == (look().verb, look().ready)
    assert ("Deploy v2", True) == (look(changed).verb, look(changed).ready)


def test_a_change_is_compared_line_by_line_with_what_is_stored() -> None:
    found = look(forms.SHOP.replace("version: v1", "version: v2"))

    assert "+  version: v2   # what serves" in found.patch
    assert found.patch[0] == "--- shop.yaml"


def test_every_problem_is_told_once_with_the_input_beside_which_it_stands() -> None:
    text = forms.SHOP.replace("memory: 64Mi", "memory: much").replace("MODE: fast", "PORT: fast")
    found = look(text)

    places = {one.field: one for one in found.troubles}
    assert "spec.workload.resources.memory" in places
    assert "e-name-0" == places["env.PORT"].anchor
    assert len(found.troubles) == len(set(found.troubles))
    assert found.errors == len([one for one in found.troubles if not one.mild])


def test_a_warning_is_milder_than_an_error_and_keeps_nobody_from_deploying() -> None:
    warned = msgspec.structs.replace(
        forms.reviewed(forms.SHOP),
        problems=(Problem("spec.version", "is long", Severity.WARNING, 8, 3),),
    )

    found = outlook.of(sheet(new=True, reviewed=warned))
    (trouble,) = found.troubles
    assert (True, 8, 3) == (trouble.mild, trouble.line, trouble.column)
    assert (0, True) == (found.errors, found.ready)


def test_a_delivery_is_imagined_while_the_rest_cannot_be_used_yet() -> None:
    found = look(forms.SHOP.replace('command: [./shop, --port, "${port}"]', "command: []"))

    assert found.curve is not None
    assert found.values == ()
    assert found.errors


def test_nothing_is_imagined_of_a_text_that_cannot_be_read() -> None:
    found = outlook.of(sheet("spec: [", reviewed=forms.reviewed("spec: [")))

    assert found.troubles
    assert {"text"} == {one.field for one in found.troubles}


def test_a_first_release_is_told_to_have_nothing_to_compare_with() -> None:
    assert outlook.of(sheet(new=True)._replace(first=True)).first
    assert not look().first
