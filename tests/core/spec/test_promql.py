import pytest
from hypothesis import given
from hypothesis import strategies as st

from serinus.core.errors import Problem
from serinus.core.spec import checks, looks, promql
from serinus.core.spec.limits import Limits

VALUES = {
    "revision": "d4e5f6a7b8",
    "version": "v2",
    "application": "team/shop",
    "namespace": "team",
    "name": "shop",
    "environment": "local",
    "window": "30s",
}


def asked(query: str, version: str = "v2") -> str:
    return promql.filled(query, {**VALUES, "version": version})


def test_names_in_comments_are_not_used() -> None:
    query = 'x{r="$revision"}[$window] # not $version'

    assert {"revision", "window"} == promql.used(query)


def test_an_application_of_a_cluster_has_two_parts() -> None:
    query = 'x{ns="$namespace", app="$name", pod=~"$name-$revision-.*", key="$application"}'

    assert 'x{ns="team", app="shop", pod=~"shop-d4e5f6a7b8-.*", key="team/shop"}' == asked(query)


def test_a_version_in_a_pattern_matches_itself_alone() -> None:
    query = 'x{v=~"$version|b", w="$version", y!~\'$version\', z =~ # why\n `$version`}'

    found = asked(query, version="1.2+b")

    assert (
        r'x{v=~"1\\.2\\+b|b", w="1.2+b", y!~' r"'1\\.2\\+b', z =~ # why" "\n" r" `1\.2\+b`}"
    ) == found


def test_a_version_cannot_end_the_text_that_it_stands_in() -> None:
    found = asked("x{a=\"$version\", b='$version', c=`$version`}", version="a\"'`\\\n")

    assert "x{a=\"a\\\"'`\\\\\\n\", b='a\"\\'`\\\\\\n', c=`a\"'\\\n`}" == found


def test_what_only_looks_like_a_name_is_left_as_it_is() -> None:
    query = r'label_replace(x{a="$versions$"}, "b", "$1", "c", "\"$revisionx") [$windows]'

    assert query == asked(query)


def test_an_escaped_quote_ends_no_text() -> None:
    assert r'x{a="\"d4e5f6a7b8"}' == asked(r'x{a="\"$revision"}')


@pytest.mark.parametrize(
    "name", ["revision", "version", "application", "namespace", "name", "environment"]
)
def test_a_name_outside_of_quotes_is_told(name: str) -> None:
    said = f'${name} stands outside of quotes; write it as a text, such as "${name}"'

    assert said == promql.wrong(f"failed_${name}")


@pytest.mark.parametrize(
    "query", ["rate(x[$window])", 'x{a="$revision"}', "x # $version", 'x{a="$wat"}', "$wat"]
)
def test_what_may_stand_in_a_query_is_not_told(query: str) -> None:
    assert "" == promql.wrong(query)


@given(st.text("ab\"'`\\\n#=~!$ {}", max_size=40))
def test_a_query_without_names_is_asked_as_it_is(query: str) -> None:
    assert query == asked(query)


def test_a_check_is_told_of_a_name_outside_of_quotes_when_it_is_reviewed() -> None:
    written = checks.Check(name="failed", query=checks.Query("failed_$revision", max=1))
    problems: list[Problem] = []

    looks.resolve(written, 3, Limits(), "checks[0]", problems)

    assert ["checks[0].query.promql: $revision stands outside of quotes"] == [
        str(problem).partition(";")[0] for problem in problems
    ]
