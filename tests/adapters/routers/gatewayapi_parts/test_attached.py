import pytest
from msgspec.structs import replace

from serinus.adapters.routers.gatewayapi_parts import attached
from serinus.core.state.traffic import Ref
from serinus.ports.failures import Missing, Rejected
from tests.adapters.routers.kubernetes_parts.documents import SITE, split

PARENT = {"group": "", "kind": "Service", "name": "shop"}
OURS = attached.Attached("HTTPRoute", [PARENT], "shop.example.org", {"note": "1"})
NAME = Ref("HTTPRoute", "team/shop")


def test_what_is_written_is_carried_out_and_nothing_else_is() -> None:
    document = OURS.document(SITE, split(70))

    assert OURS.carried_out(SITE, split(70), document)
    for other in (
        replace(split(70), timeout_s=1.0),
        split(71),
    ):
        assert not OURS.carried_out(SITE, other, document)
    elsewhere = attached.Attached("HTTPRoute", [PARENT], "other.example.org")
    assert not elsewhere.carried_out(SITE, split(70), document)


def test_an_annotation_that_is_gone_is_missed() -> None:
    document = dict(OURS.document(SITE, split(70)))
    document["metadata"] = {**document["metadata"], "annotations": {}}

    assert not OURS.carried_out(SITE, split(70), document)


def test_a_route_of_a_users_in_our_place_is_neither_overwritten_nor_removed() -> None:
    theirs = {NAME: {"kind": "HTTPRoute", "metadata": {"name": "shop"}}}

    with pytest.raises(Rejected, match="HTTPRoute team/shop is there and was not made by Serinus"):
        attached.written(SITE, split(70), theirs, OURS)
    assert {} == attached.removed(SITE, "HTTPRoute", theirs)


def test_a_users_route_that_is_not_there_is_missing_and_leaves_nothing_to_remove() -> None:
    site = replace(SITE, ref=Ref("HTTPRoute", "team/web"))

    with pytest.raises(Missing, match="HTTPRoute team/web is not there"):
        attached.written(site, split(70), {}, OURS)
    assert {} == attached.removed(site, "HTTPRoute", {})


def test_a_route_that_was_changed_is_read_at_no_host() -> None:
    document = OURS.document(SITE, split(70))

    assert split(70) == attached.read(SITE, split(70), {NAME: document}, OURS)
    assert "" == attached.read(SITE, split(70), {}, OURS).host
