"""The plans that the state machine of the planner is driven through: every strategy and gate."""

import msgspec

from serinus.core.spec.calendar import Weekly, Window
from serinus.core.spec.delivery import AgainstSlo, Approval, ErrorsCheck, Surge, Webhook, WindowGate
from serinus.core.spec.wayback import Unverified
from tests import builders
from tests.films import scenes

OFFICE = Window("office", hours=(Weekly(0, 9 * 60, 4, 17 * 60),))
EVENING = Window("evening", hours=(Weekly(0, 12 * 60 + 15, 0, 23 * 60),))
NEVER = Window("past", ends=builders.at(-60))
SLO = (ErrorsCheck("errors", AgainstSlo(max=0.01)),)
DELIVERIES = {
    "canary": scenes.canary(10, 250, 500, hold_s=60),
    "bounded canary": scenes.canary(100, 500, hold_s=60, max_surge=Surge(replicas=1)),
    "canary that waits for proof": scenes.canary(50, on_unverified=Unverified.HOLD, checks=SLO),
    "canary with an objective": scenes.canary(50, checks=scenes.slo()),
    "gated canary": scenes.gated(250, Approval(count=2)),
    "gate with an end": scenes.gated(250, Approval(timeout_s=600, on_timeout="rollback")),
    "blue-green": scenes.blue_green(),
    "rolling": scenes.rolling(),
    "rolling without surge": scenes.rolling(max_surge=0, max_unavailable=500),
    "recreate": scenes.recreate(),
    "canary that begins with copies": scenes.mirrored_canary(),
    "mirrored blue-green": scenes.mirrored(),
    "shadow": scenes.shadow(),
    "A/B test": scenes.ab_test(hold_s=60),
    "A/B test by header": scenes.by_header(hold_s=60),
    "canary that asks": scenes.gated(250, Webhook("https://ci.example.com/gate", limit_s=300)),
    "canary that asks once": scenes.gated(
        250, Webhook("https://ci.example.com/gate", on_refusal="rollback", on_timeout="rollback")
    ),
    "canary with gates in a row": scenes.gated(
        250,
        WindowGate(EVENING),
        Approval(expires_s=300, timeout_s=600, on_timeout="rollback"),
        Webhook("https://ci.example.com/gate", limit_s=60, on_timeout="rollback"),
    ),
    "canary behind a window that is shut": scenes.gated(250, WindowGate(NEVER)),
    **{
        f"{name} that waits for proof": msgspec.structs.replace(
            plan, on_unverified=Unverified.HOLD, checks=SLO
        )
        for name, plan in {
            "blue-green": scenes.blue_green(),
            "rolling": scenes.rolling(),
            "rolling without surge": scenes.rolling(max_surge=0, max_unavailable=500),
            "recreate": scenes.recreate(),
            "mirrored blue-green": scenes.mirrored(),
        }.items()
    },
    "canary with office hours": scenes.gated(250, WindowGate(OFFICE)),
}
