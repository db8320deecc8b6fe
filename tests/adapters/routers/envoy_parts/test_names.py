from serinus.adapters.routers.envoy_parts import names
from serinus.core.state.notice import Key

KEY = Key("shop", "local")
REVISION = "0123456789abcdef" * 4


def test_a_cluster_is_named_after_application_environment_and_revision() -> None:
    answering, copying = names.cluster_name(KEY, REVISION), names.mirror_name(KEY, REVISION)

    assert "shop~local~0123456789abcdef0123" == answering
    assert f"{answering}~mirror" == copying
    # A dot or a colon would break the names of its counters.
    assert not set(".:") & set(copying)


def test_what_was_noted_is_told_and_what_others_noted_is_not() -> None:
    assert {"a": 1} == names.metadata({"metadata": names.noted({"a": 1})})
    assert {} == names.metadata({"metadata": {"filter_metadata": {"somebody": {"a": 1}}}})
    assert {} == names.metadata({})


def test_a_cluster_says_whether_it_gets_copies() -> None:
    assert names.is_mirror({"metadata": names.noted({"mirror": True})})
    assert not names.is_mirror({"metadata": names.noted({})})
