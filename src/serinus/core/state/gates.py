"""Gates that ask somebody else: the question, and the answer, which is no more than an answer."""

import enum
from datetime import datetime

import msgspec


class Opening(enum.StrEnum):
    """What an answer says."""

    OPEN = "open"
    WAIT = "wait"
    REFUSED = "refused"
    ERROR = "error"


class Question(msgspec.Struct, frozen=True):
    """
    What is asked at a gate.

    ``id`` stays the same for the same gate of the same step, so that whoever is asked twice knows
    it. ``secret``: the name under which the key for the signature is kept, never the key.
    """

    id: str
    url: str
    application: str
    environment: str
    release: int
    step: int
    version: str
    stable_version: str
    share: float
    secret: str = ""
    timeout_s: float = 10.0


class GateAnswer(msgspec.Struct, frozen=True):
    """
    What came back, ``at`` the instant when it did.

    ``sentence``: the reason in the words of whoever was asked, shortened and without control
    characters; of an error, what went wrong.
    """

    question: str
    opening: Opening
    at: datetime
    sentence: str = ""
