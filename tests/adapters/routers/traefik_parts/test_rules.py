import pytest

from serinus.adapters.routers.traefik_parts import rules
from serinus.core.spec.requests import Condition, Match, Part


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        (Condition(Part.HEADER, "x-a", "1"), "Header(`x-a`, `1`)"),
        (Condition(Part.HEADER, "x-a"), "HeaderRegexp(`x-a`, `^(?:.*)$`)"),
        (
            Condition(Part.HEADER, "x-a", "a|b", pattern=True),
            "HeaderRegexp(`x-a`, `^(?:(?:a|b))$`)",
        ),
        (Condition(Part.QUERY, "p", "1"), "Query(`p`, `1`)"),
        (Condition(Part.QUERY, "p", "a%20b"), "Query(`p`, `a b`)"),
        (Condition(Part.QUERY, "p", "a+b"), "(Query(`p`, `a+b`) || Query(`p`, `a b`))"),
        (Condition(Part.QUERY, "p"), "QueryRegexp(`p`, `^(?:.*)$`)"),
        (
            Condition(Part.COOKIE, "beta", "yes"),
            r"HeaderRegexp(`Cookie`, `(?:^|\x{3B}\x{20}?)beta=yes(?:\x{3B}|$)`)",
        ),
    ],
)
def test_each_condition_has_its_rule(condition: Condition, expected: str) -> None:
    assert expected == rules.matches([Match((condition,))])


def test_conditions_are_joined_by_and_and_matches_by_or() -> None:
    one, two = Condition(Part.HEADER, "a", "1"), Condition(Part.HEADER, "b", "2")

    assert "((Header(`a`, `1`) && Header(`b`, `2`)) || Header(`b`, `2`))" == rules.matches(
        [Match((one, two)), Match((two,))]
    )


def test_any_method_needs_no_rule() -> None:
    assert "Host(`a`)" == rules.both(rules.host("a"), rules.methods(()))
    assert "(Host(`a`)) && (Method(`GET`) || Method(`HEAD`))" == rules.both(
        rules.host("a"), rules.methods(("GET", "HEAD"))
    )


def test_a_text_with_a_backtick_is_quoted_otherwise() -> None:
    match = Match((Condition(Part.HEADER, "x-a", 'a`b"c\\'),))

    assert r'Header(`x-a`, "a`b\"c\\")' == rules.matches([match])
