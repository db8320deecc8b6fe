"""Questions, and secrets to sign them with."""

from typing import Any

from serinus.core.state.gates import Question
from serinus.ports.failures import Rejected
from serinus.ports.secrets import Secret

TOKEN = "T0KEN"
EXAMPLE = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
"""The key of the example in the libraries of the Standard Webhooks specification."""


class Secrets:
    """Secrets in memory."""

    def __init__(self, **known: str) -> None:
        self.known = known

    def get(self, name: str) -> Secret:
        if name not in self.known:
            raise Rejected(f"there is no secret '{name}'", hint="cat > secrets/smoke")
        return Secret(name, self.known[name])


def question(url: str, **given: Any) -> Question:
    return Question(
        **{
            "id": "shop/local#7/2/0",
            "url": url,
            "application": "shop",
            "environment": "local",
            "release": 7,
            "step": 3,
            "version": "v2",
            "stable_version": "v1",
            "share": 0.25,
            "timeout_s": 5.0,
            **given,
        }
    )
