import pytest

from serinus.boot.settings import Cluster
from serinus.core.state.command import Command
from serinus.interfaces.cli import typed

BACK = Command("rollback", "team/shop")
PROMOTE = Command("promote", "team/shop", "-m REASON")


def test_on_this_machine_a_command_is_what_it_is() -> None:
    assert "serinus rollback team/shop" == typed.text(BACK, None)


@pytest.mark.parametrize(
    ("flags", "expected"),
    [
        (("--cluster",), "serinus promote team/shop -m REASON --cluster"),
        ((), "serinus promote team/shop -m REASON"),
        (
            ("--context", "prod west"),
            "serinus promote team/shop -m REASON --context 'prod west'",
        ),
    ],
)
def test_in_a_cluster_it_leads_to_where_the_reader_looks(
    flags: tuple[str, ...], expected: str
) -> None:
    assert expected == typed.text(PROMOTE, Cluster(flags=flags, namespace="team"))


def test_the_namespace_is_said_where_the_name_of_the_application_does_not() -> None:
    team = Cluster(flags=("--cluster",), namespace="team")
    every = Cluster(flags=("--cluster",), namespace="*")

    assert "serinus retry shop --cluster --namespace team" == typed.text(
        Command("retry", "shop"), team
    )
    assert "serinus status --cluster --namespace '*'" == typed.text(Command("status"), every)


def test_an_application_is_added_to_a_cluster_with_kubectl() -> None:
    assert "kubectl apply -f app.yaml" == typed.text(typed.ADDED, Cluster())
    assert "serinus deploy -f app.yaml" == typed.text(typed.ADDED, None)


def test_of_several_one_is_typed() -> None:
    assert "serinus retry shop   or   serinus explain shop" == typed.either(
        (Command("retry", "shop"), Command("explain", "shop")), None
    )
