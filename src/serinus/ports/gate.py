"""Who is asked at a gate."""

from typing import Protocol

from serinus.core.state.gates import GateAnswer, Question


class Gate(Protocol):
    """
    Ask one question once, and return what came back, whatever it is.

    Nothing is raised: a refusal, silence and nonsense are answers. It may be cancelled, and asked
    again; whoever is asked knows by the question's id. The answer's words are shortened and free of
    control characters, and are never carried out.
    """

    async def ask(self, question: Question) -> GateAnswer:
        """Ask, within the question's time."""
        ...
