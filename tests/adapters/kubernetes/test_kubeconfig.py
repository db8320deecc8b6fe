from pathlib import Path

import pytest

from serinus.adapters.kubernetes import kubeconfig
from serinus.ports.failures import Rejected

ONE = """
current-context: dev
clusters: [{name: c, cluster: {server: "https://one", certificate-authority: ca.crt}}]
contexts:
- {name: dev, context: {cluster: c, user: u, namespace: team}}
- {name: lost, context: {cluster: elsewhere, user: u}}
- {name: unknown, context: {cluster: c, user: nobody}}
- {name: proxy, context: {cluster: c}}
users: [{name: u, user: {client-key: /abs/key, token: t}}]
"""
TWO = """
current-context: prod
clusters: [{name: c, cluster: {server: "https://two"}}, {name: p, cluster: {server: "https://p"}}]
contexts: [{name: prod, context: {cluster: p, user: u}}]
"""


@pytest.fixture
def one(tmp_path: Path) -> Path:
    path = tmp_path / "one"
    path.write_text(ONE)
    return path


@pytest.fixture
def two(tmp_path: Path) -> Path:
    path = tmp_path / "two"
    path.write_text(TWO)
    return path


def test_the_current_context_is_chosen_and_paths_are_beside_the_file(one: Path) -> None:
    chosen = kubeconfig.chosen([one])

    assert ("dev", "team") == (chosen.context, chosen.namespace)
    assert str(one.parent / "ca.crt") == chosen.cluster["certificate-authority"]
    assert "/abs/key" == chosen.user["client-key"]


def test_of_several_files_the_first_that_names_something_has_the_say(one: Path, two: Path) -> None:
    dev, prod = kubeconfig.chosen([one, two]), kubeconfig.chosen([one, two], "prod")

    assert "https://one" == dev.cluster["server"]
    assert ("https://p", "default", "t") == (
        prod.cluster["server"],
        prod.namespace,
        prod.user["token"],
    )


def test_a_file_of_several_may_be_absent(one: Path) -> None:
    assert "dev" == kubeconfig.chosen([one.parent / "absent", one]).context


def test_a_context_without_a_user_is_nobody(one: Path) -> None:
    assert {} == kubeconfig.chosen([one], "proxy").user


@pytest.mark.parametrize(
    ("context", "said"),
    [
        ("prod", "there is no context 'prod'; known: dev, lost, proxy, unknown"),
        ("lost", "there is no cluster 'elsewhere'; known: c"),
        ("unknown", "there is no user 'nobody'; known: u"),
    ],
)
def test_what_is_not_there_is_named_with_what_is(one: Path, context: str, said: str) -> None:
    with pytest.raises(Rejected, match=said):
        kubeconfig.chosen([one], context)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{",
        "clusters: 7",
        "a: \x00",
        "users: [7]",
        "users: [{name: u}]",
        "contexts: [{name: a, context: 3}]",
    ],
)
def test_a_file_that_is_no_kubeconfig_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "config"
    path.write_text(text)

    with pytest.raises(Rejected, match=str(path)):
        kubeconfig.chosen([path])


def test_no_file_at_all_says_how_to_name_one(tmp_path: Path) -> None:
    with pytest.raises(Rejected, match="there is no kubeconfig") as caught:
        kubeconfig.chosen([tmp_path / "nowhere"])

    assert "--kubeconfig" in caught.value.hint


def test_without_a_current_context_those_that_there_are_are_named(tmp_path: Path) -> None:
    path = tmp_path / "config"
    path.write_text(ONE.replace("current-context: dev", ""))

    with pytest.raises(Rejected, match="no context is current; known: dev, lost"):
        kubeconfig.chosen([path])


@pytest.mark.parametrize(
    "broken", ['token: "secret', "token: secret\n  x: secret", "a: secret\x00"]
)
def test_a_file_that_is_broken_is_not_shown(tmp_path: Path, broken: str) -> None:
    path = tmp_path / "config"
    path.write_text(f"users:\n- name: u\n  user:\n    {broken}\n")

    with pytest.raises(Rejected, match=str(path)) as caught:
        kubeconfig.chosen([path])
    assert "secret" not in str(caught.value)
    assert caught.value.__cause__ is None
