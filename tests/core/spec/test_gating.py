from typing import Any

import msgspec
import pytest

from serinus.core.spec import delivery as d
from serinus.core.spec import gating, steps
from serinus.core.spec.calendar import Window
from serinus.core.spec.gating import NOWHERE, Surroundings

NIGHTS = Window("nights")
HERE = Surroundings(
    "prod", {"nights": NIGHTS}, {"sre": ("ana", "bob"), "owner": ("ana",), "qa": ("eve",)}
)
URL = "https://ci.example.com/gate?token=geheim"


def written(*gates: dict[str, Any]) -> list[steps.Gate]:
    return msgspec.convert(list(gates), list[steps.Gate])


def wrong(*gates: dict[str, Any], surroundings: Surroundings = HERE) -> list[str]:
    found = gating.review(written(*gates), "plan[0]", surroundings)
    return [str(problem).removeprefix("plan[0].gates") for problem in found]


def test_gates_become_what_the_planner_waits_for() -> None:
    gates: list[dict[str, Any]] = [
        {"approval": {"roles": ["sre"], "count": 2, "timeout": "4h", "expires": "1h"}},
        {"window": "nights"},
        {"webhook": {"url": URL, "secret": "ci-key", "limit": "1h", "onRefusal": "rollback"}},
    ]

    assert [] == wrong(*gates)
    assert (
        d.Approval(("sre",), 2, 14_400.0, expires_s=3600.0),
        d.WindowGate(NIGHTS),
        d.Webhook(URL, "ci-key", limit_s=3600.0, on_refusal="rollback"),
    ) == gating.resolve(written(*gates), HERE)


def test_what_is_not_said_is_as_the_delivery_has_it() -> None:
    gates: list[dict[str, Any]] = [{"approval": {}}, {"webhook": {"url": URL}}]

    assert (d.Approval(), d.Webhook(URL)) == gating.resolve(written(*gates), NOWHERE)


def test_a_template_may_name_any_window() -> None:
    assert [] == wrong({"window": "days"}, surroundings=NOWHERE)
    assert [
        "[0].window: unknown window 'days'; known: nights (spec.windows of the environment)"
    ] == wrong({"window": "days"})


@pytest.mark.parametrize(
    ("gate", "said"),
    [({}, ""), ({"approval": {}, "window": "nights"}, "; found approval and window")],
)
def test_a_gate_is_one_thing(gate: dict[str, Any], said: str) -> None:
    assert [f"[0]: a gate is exactly one of approval, window, webhook{said}"] == wrong(gate)


def test_gates_without_end_are_refused() -> None:
    assert [": 21 gates; wanted at most 20"] == wrong(*[{"approval": {}}] * 21)


# --- people -------------------------------------------------------------------------------------


def test_nobody_is_warned_of_roles_where_none_are_given() -> None:
    assert [] == wrong({"approval": {"roles": ["sre"], "count": 20}}, surroundings=NOWHERE)


@pytest.mark.parametrize(
    ("approval", "told"),
    [
        ({"roles": ["sre"], "count": 2}, []),
        ({"roles": ["sre", "qa"], "count": 3}, []),
        ({"roles": ["sre", "boss"]}, []),
        ({"count": 3}, []),
        (
            {"roles": ["boss", "king"]},
            [
                ("[0].approval.roles: warning: the environment gives boss and king to nobody, so "
                "that everybody may approve; its roles are owner, qa, sre")
            ],
        ),
        (
            {"roles": ["sre", "owner", "boss"], "count": 3},
            [
                "[0].approval.count: warning: 3 people have to approve, and only 2 may: ana, bob"
            ],
        ),
    ],
)  # fmt: skip
def test_an_approval_needs_people_who_can_give_it(
    approval: dict[str, Any], told: list[str]
) -> None:
    assert told == wrong({"approval": approval})


def test_what_is_wrong_with_an_approval_is_told_at_once() -> None:
    bad = {"roles": [""], "count": 0, "timeout": "0s", "expires": "0s", "onTimeout": "explode"}
    places = ["roles[0]", "count", "timeout", "expires", "onTimeout"]

    assert [f"[0].approval.{place}" for place in places] == [
        line.partition(": ")[0] for line in wrong({"approval": bad}, surroundings=NOWHERE)
    ]


# --- other programs -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "url",
    ["", "ci.example.com", "ftp://ci.example.com", "https://", "https://ana:geheim@ci.example.com",
     "https://ci.example.com/a b", "https://ci.example.com/\n", "https://ci.example.com:99999",
     "https://ci.example.com/" + "geheim" * 400, "javascript:geheim", "https://ci.exämple.com"],
)  # fmt: skip
def test_what_is_no_address_is_refused_and_not_repeated(url: str) -> None:
    (problem,) = wrong({"webhook": {"url": url}})

    assert problem.startswith("[0].webhook.url: ")
    assert "geheim" not in problem


@pytest.mark.parametrize(
    "secret",
    [
        "sk_live_4eC39HqLyjWDarjtT1zdp7dc",
        "9f86d081884c7d659a2feaf0c55ad015",
        "550e8400-e29b-41d4-a716-446655440000",
        "c29tZSBzZWNyZXQ=",
        "hunter 2",
        "x" * 100,
    ],
)
def test_a_key_in_place_of_its_name_is_refused_and_not_repeated(secret: str) -> None:
    (problem,) = wrong({"webhook": {"url": URL, "secret": secret}})

    assert problem.startswith("[0].webhook.secret: ")
    assert problem.endswith("wanted the name of a key, such as gate-key, and never the key")
    assert secret not in problem


@pytest.mark.parametrize("secret", ["ci", "gate-key-2024", "k8s-e2e-v2-gate", "prod-key-20261224"])
def test_names_of_keys_may_hold_digits(secret: str) -> None:
    assert [] == wrong({"webhook": {"url": URL, "secret": secret}})


def test_what_is_wrong_with_a_webhook_is_told_at_once() -> None:
    bad = {"url": URL, "timeout": "61s", "every": "0s", "limit": "30s"}
    bad |= {"onRefusal": "sulk", "onTimeout": "shrug"}

    assert [
        "[0].webhook.timeout: 61s is too long; wanted 100ms–60s",
        "[0].webhook.every: 0s is too short; wanted 1s–1h",
        "[0].webhook.limit: 30s is shorter than one question may take, which is 61s",
        "[0].webhook.onRefusal: unknown choice 'sulk'; known: hold, rollback",
        "[0].webhook.onTimeout: unknown choice 'shrug'; known: hold, rollback",
    ] == wrong({"webhook": bad})
