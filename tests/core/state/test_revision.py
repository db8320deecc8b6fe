from msgspec.structs import replace

from serinus.core.spec.effective import Effective
from serinus.core.state import revision
from serinus.core.state.workload import Revision, Workload


def effective(**given: object) -> Effective:
    return Effective(
        application="shop",
        environment="local",
        problems=(),
        **{"command": ("./shop",), "version": "v2", **given},  # type: ignore[arg-type]  # any field of it
    )


def made(version: str = "v2", **given: object) -> Revision:
    work = revision.workload(effective(**given), {"shop.conf": "c0ffee"}, "/srv/shop")
    return revision.of(work, version)


def test_equal_content_is_one_revision_whatever_its_version_is_called() -> None:
    assert made("v2").id == made("v3").id


def test_what_a_replica_is_makes_another_revision() -> None:
    ids = {
        made().id,
        made(command=("./shop", "--fast")).id,
        made(env={"COLOUR": "blue"}).id,
        made(port=8000).id,
        made(grace_s=3.0).id,
    }

    assert 5 == len(ids)


def test_the_number_of_replicas_makes_no_other_revision() -> None:
    assert made(replicas=2).id == made(replicas=9).id


def test_the_order_of_variables_makes_no_other_revision() -> None:
    assert made(env={"A": "1", "B": "2"}).id == made(env={"B": "2", "A": "1"}).id


def test_a_pod_template_makes_another_revision_and_none_leaves_the_id_as_it_was() -> None:
    plain = Workload(command=("./shop",))

    known = "80a9bd167fc3ee4268a8beec36c405f3a2a15ac4147f5af8fd0bec3882a39701"
    assert known == revision.of(plain, "v1").id
    assert known != revision.of(replace(plain, template={"spec": {}}), "v1").id
