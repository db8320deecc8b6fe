import msgspec
import pytest

from serinus.adapters.kubernetes import answers
from serinus.adapters.kubernetes.answers import Gone
from serinus.ports.failures import Conflict, Missing, PortFailure, Rejected, Unavailable

FORBIDDEN = (
    'leases.coordination.k8s.io is forbidden: User "system:serviceaccount:serinus:controller" '
    'cannot update resource "leases" in API group "coordination.k8s.io" in the namespace "serinus"'
)


def status(message: str = "because", **more: object) -> bytes:
    return msgspec.json.encode({"kind": "Status", "message": message, **more})


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (400, Rejected),
        (401, Unavailable),
        (403, Rejected),
        (404, Missing),
        (405, Rejected),
        (408, Unavailable),
        (409, Conflict),
        (410, Gone),
        (413, Rejected),
        (415, Rejected),
        (422, Rejected),
        (429, Unavailable),
        (500, Unavailable),
        (503, Unavailable),
        (504, Unavailable),
    ],
)
def test_each_status_is_one_failure(code: int, kind: type[PortFailure]) -> None:
    failure = answers.failure("get Pod team/a", code, status())

    assert type(failure) is kind
    assert "get Pod team/a" in str(failure)
    assert "because" in str(failure)
    assert f"({code})" in str(failure)


def test_a_right_that_lacks_is_named() -> None:
    failure = answers.failure("replace Lease serinus/serinus", 403, status(FORBIDDEN))

    assert "give the right to update leases.coordination.k8s.io in namespace serinus" == (
        failure.hint
    )


def test_a_right_in_the_whole_cluster_is_named_as_one() -> None:
    said = 'User "x" cannot list resource "pods" in API group "" at the cluster scope'

    assert "give the right to list pods in the whole cluster" == (
        answers.failure("list pods", 403, status(said)).hint
    )


def test_a_quota_is_told_in_the_words_of_the_api_server() -> None:
    said = 'pods "a" is forbidden: exceeded quota: small, requested: cpu=1'
    failure = answers.failure("create Pod team/a", 403, status(said))

    assert f"create Pod team/a: {said} (403)" == str(failure)
    assert not failure.hint


def test_a_pause_that_is_asked_for_is_passed_on() -> None:
    by_header = answers.failure("get", 429, status(), {"retry-after": "7"})
    by_body = answers.failure("get", 503, status(details={"retryAfterSeconds": 3}))

    assert isinstance(by_header, Unavailable)
    assert 7 == by_header.retry_after_s
    assert isinstance(by_body, Unavailable)
    assert 3 == by_body.retry_after_s


def test_a_pause_without_sense_is_none() -> None:
    silly = answers.failure("get", 429, status(), {"retry-after": "tomorrow"})
    long = answers.failure("get", 429, status(), {"retry-after": "86400"})

    assert isinstance(silly, Unavailable)
    assert silly.retry_after_s is None
    assert isinstance(long, Unavailable)
    assert 300 == long.retry_after_s


def test_a_missing_object_is_told_from_a_missing_kind() -> None:
    thing = answers.failure("get Pod team/a", 404, status(details={"name": "a"}))
    kind = answers.failure("list virtualservices", 404, b"404 page not found\n")

    assert not thing.hint
    assert "CRD" in kind.hint


def test_a_page_of_a_proxy_becomes_one_short_line() -> None:
    page = b"<html>\r\n<body>502 Bad\x00 Gateway</body>" + b"!" * 5_000

    assert len(str(answers.failure("get Pod team/a", 502, page))) < 1_100
    assert "\n" not in str(answers.failure("get Pod team/a", 502, page))
