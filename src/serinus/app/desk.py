"""
The desk: what the loop remembers between two turns and may lose at any time.

Nothing here is needed after a restart: the last scrapes come again, and what is judged is kept in
the store.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from serinus.app.watch import Watch
from serinus.core.planner.plan import Ask
from serinus.core.spec.delivery import Check
from serinus.core.state.cohort import Visit
from serinus.core.state.counts import Scrape
from serinus.core.state.gates import GateAnswer
from serinus.core.state.notice import Key
from serinus.core.state.sample import Sample
from serinus.core.state.traffic import Route
from serinus.core.state.verdict import BudgetReading
from serinus.core.state.workload import ReplicaState
from serinus.ports.store import Asked


class Budgets(NamedTuple):
    """How the budgets of these checks stood when they were last read."""

    at: datetime
    checks: tuple[Check, ...]
    readings: tuple[BudgetReading, ...]


class Unnoted(NamedTuple):
    """Visits of a release that could not be written yet."""

    release: int
    visits: tuple[Visit, ...]


class Looks(NamedTuple):
    """What people see of an application beside its counts: its replicas, and where traffic goes."""

    replicas: tuple[tuple[str, ReplicaState, int, str], ...]
    route: Route | None


UNSEEN = Looks((), None)


@dataclass(slots=True)
class Desk:
    """
    One controller's short-term memory.

    ``scrapes``: the newest counters of each application, taken once for all by the loop;
    ``blind``: why there are none; ``rejected``: what the platform refused for good;
    ``watches``: the judge's memory as last written, to save reading it again; ``asked``: what the
    specs asked for when they were last looked at; ``samples``: what metric sources said since the
    last turn; ``questions``: what the last plan asks at gates, ``answers``: what they said, both by
    the id of the question; ``budgets``: how they stood a moment ago; ``visits``: of an A/B test,
    those that could not be written yet; ``listening``: the patterns that the platform was asked to
    listen for; ``shown``: what people were shown last of replicas and traffic.
    """

    scrapes: dict[Key, Scrape] = field(default_factory=dict)
    blind: str = ""
    rejected: dict[Key, str] = field(default_factory=dict)
    watches: dict[Key, Watch] = field(default_factory=dict)
    asked: dict[Key, Asked] = field(default_factory=dict)
    samples: dict[Key, list[Sample]] = field(default_factory=dict)
    questions: dict[Key, Mapping[str, Ask]] = field(default_factory=dict)
    answers: dict[Key, dict[str, GateAnswer]] = field(default_factory=dict)
    budgets: dict[Key, Budgets] = field(default_factory=dict)
    visits: dict[Key, Unnoted] = field(default_factory=dict)
    listening: dict[Key, Mapping[str, str]] = field(default_factory=dict)
    shown: dict[Key, Looks] = field(default_factory=dict)

    def ask(self, key: Key, questions: Mapping[str, Ask]) -> None:
        """Ask these questions and no others; answers to others are forgotten."""
        self.questions[key] = questions
        answers = self.answers.pop(key, {})
        kept = {identity: answer for identity, answer in answers.items() if identity in questions}
        if kept:
            self.answers[key] = kept
        if not questions:
            del self.questions[key]

    def forget(self, key: Key) -> None:
        """Remember nothing of an application that is gone; a new one may have its name."""
        memories = (
            *(self.scrapes, self.rejected, self.watches, self.asked),
            *(self.samples, self.questions, self.answers, self.budgets, self.visits),
            *(self.listening, self.shown),
        )
        for memory in memories:
            memory.pop(key, None)
