from serinus.interfaces.api import problems
from serinus.interfaces.web import standalone


def test_somebody_outside_learns_how_to_come_in_and_nothing_else() -> None:
    told = problems.problem(401, "Nobody knows who you are.", hint="open the <link>")
    page = standalone.page(told)

    assert 401 == page.status_code
    assert b"open the &lt;link&gt;" in page.body
    assert b"/apps" not in page.body
