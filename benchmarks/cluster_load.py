"""
Steady requests through a real router to podinfo, and what became of each.

podinfo marks its answers with nothing, so answers are told apart by what they are: podinfo greets
with JSON, and podinfo that fails as it was told to answers 400, 409 or 500 without a word. All else
is lost: an answer of the router's own, which has words, and no answer at all.
"""

import contextlib
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from http import HTTPStatus

import anyio
import httpx2

TIMEOUT_S = 30.0
"""Longer than Traefik waits for a pod: it answers itself where one is gone, and that is counted."""

FAILED = frozenset({HTTPStatus.BAD_REQUEST, HTTPStatus.CONFLICT, HTTPStatus.INTERNAL_SERVER_ERROR})


@dataclass
class Sent:
    """The count of one stretch: requests, podinfo's own errors, and what was lost, by kind."""

    sent: int = 0
    errors: int = 0
    lost: Counter[str] = field(default_factory=Counter)


@dataclass
class Load:
    """Requests that are under way; ``now`` is the stretch that the next ones belong to."""

    now: Sent = field(default_factory=Sent)

    def begin(self) -> Sent:
        """Begin a stretch, and return its count; requests under way stay with the one before."""
        self.now = Sent()
        return self.now


@contextlib.asynccontextmanager
async def flowing(address: str, host: str, rate: float) -> AsyncIterator[Load]:
    """Send requests when they are due, whether or not earlier ones were answered."""
    load = Load()
    limits = httpx2.Limits(max_connections=None, max_keepalive_connections=32)
    async with (
        httpx2.AsyncClient(timeout=TIMEOUT_S, limits=limits, trust_env=False) as client,
        anyio.create_task_group() as tasks,
    ):
        request = client.build_request("GET", address, headers={"host": host})

        async def one() -> None:
            count = load.now
            count.sent += 1
            try:
                answer = await client.send(request)
            except httpx2.HTTPError as problem:
                count.lost[type(problem).__name__] += 1
            else:
                _count(answer, count)

        async def go() -> None:
            due = anyio.current_time()
            while True:
                tasks.start_soon(one)
                due += 1 / rate
                await anyio.sleep_until(due)

        async with anyio.create_task_group() as sending:
            sending.start_soon(go)
            yield load
            sending.cancel_scope.cancel()


def _count(answer: httpx2.Response, count: Sent) -> None:
    status = answer.status_code
    if status == HTTPStatus.OK and "podinfo" in answer.text:
        return
    if status in FAILED and not answer.content:
        count.errors += 1
        return
    count.lost[f"{status} {answer.text[:40]!r}"] += 1
