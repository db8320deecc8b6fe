import msgspec

from serinus.core.spec import review
from serinus.core.spec.application import CLUSTER, Application, DeliverySpec, EnvironmentSpec
from tests.core.spec import documents


def test_what_was_read_is_written_in_the_words_of_the_document() -> None:
    data = documents.application({"workload": {"replicas": 3}, "delivery": {"onFail": {"x": 1}}})
    found, _ = review.read(data)

    assert data == msgspec.to_builtins(found)
    assert isinstance(found, Application)


def test_null_is_told_from_what_was_not_said() -> None:
    found = msgspec.convert({"plan": None}, DeliverySpec)

    assert found.plan is None
    assert found.checks is msgspec.UNSET


def test_what_an_environment_says_to_a_cluster_are_fields_of_it() -> None:
    assert set(CLUSTER) <= {f.encode_name for f in msgspec.structs.fields(EnvironmentSpec)}
