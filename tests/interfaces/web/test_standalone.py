from serinus.interfaces.api import problems
from serinus.interfaces.api.people import Unknown
from serinus.interfaces.web import standalone


def test_somebody_outside_learns_how_to_come_in_and_nothing_else() -> None:
    told = problems.of(Unknown("open the <link>", command='kubectl exec x -- "$USER"'))
    page = standalone.page(told)

    assert 401 == page.status_code
    assert b"open the &lt;link&gt;" in page.body
    assert b">kubectl exec x -- &#34;$USER&#34;</pre>" in page.body
    assert b"/apps" not in page.body
