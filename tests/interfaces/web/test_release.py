import re
from typing import Any

import anyio
import msgspec
import pytest

from serinus.adapters.memory.clock import Clock
from serinus.adapters.memory.metrics import Metrics, Source
from serinus.adapters.memory.store import Store
from serinus.app.office import Line
from serinus.core.spec.delivery import MatchStep, QueryCheck, Threshold
from serinus.core.spec.requests import Condition, Match, Part
from serinus.core.state.notice import Key
from serinus.core.state.release import Phase, Retreat, Wait
from serinus.core.state.sample import Series
from serinus.core.state.workload import ReplicaState
from serinus.interfaces.api.people import Person, Right
from serinus.interfaces.web import drawings
from tests import builders
from tests.builders import NEW, OLD, SHOP
from tests.interfaces.web import visitor

pytestmark = pytest.mark.anyio
PAGE = "/r/local/shop/7"


async def filled(**given: Any) -> Store:
    """A release at its third step, with counts, a reading, and two revisions."""
    store = Store()
    events = [builders.event(f"Step {n} began.", reason="StepStarted") for n in (1, 2, 3)]
    revisions = [
        builders.revision(OLD, "v1"),
        builders.revision(NEW, "v2", env={"SHIPPING": "cheap"}),
    ]
    release = builders.release(**given)
    await store.record(builders.status(release=release), events=events, revisions=revisions)
    replicas = [builders.replica(OLD, 0), builders.replica(NEW, 0)]
    await store.put_reading(
        SHOP, builders.reading(), replicas, builders.route(248), at=builders.at(3), release=7
    )
    await store.put_ticks(SHOP, 7, [builders.tick(5 * n) for n in range(1, 13)])
    return store


async def shown(path: str = PAGE, *, store: Store | None = None, **given: Any) -> str:
    async with visitor.visit(store or await filled(), **given) as visit:
        page = await visit.get(path)
    assert 200 == page.status_code
    return re.sub(r"\s+", " ", page.text)


async def test_the_page_says_where_the_release_is_with_wanted_and_seen_share() -> None:
    text = await shown()

    assert "Step 3 of 4: 25 % of the traffic goes to v2" in text
    assert "wanted <strong>25 %" in text
    assert "seen <strong>24.8 %" in text
    assert 'aria-current="step"' in text


async def test_requests_that_are_chosen_and_copies_stand_below_the_traffic() -> None:
    match = Match((Condition(Part.HEADER, "x-canary", "<always>"),))
    plan = builders.delivery(steps=(MatchStep(matches=(match,)),))
    text = await shown(store=await filled(delivery=plan, step=0, share=0))

    assert 'aria-label="Beside the share"' in text
    assert (
        "All requests with the header “x-canary: &lt;always&gt;” are to go to the candidate; "
        "the router was not seen to do so yet." in text
    )
    assert 'aria-label="Beside the share"' not in await shown()


async def test_each_check_has_its_verdict_its_numbers_and_its_picture() -> None:
    text = await shown()

    assert "errors 0.19 % against 0.20 % on stable" in text
    assert 'data-chart="error-rate"' in text
    assert 'role="img" aria-label="error-rate of both versions over time"' in text
    assert "Show as table" in text


async def test_a_dialog_opens_without_scripts_and_says_what_comes_of_it() -> None:
    text = await shown(f"{PAGE}?ask=rollback")

    assert re.search(r'<dialog id="ask-rollback"[^>]* open>', text)
    assert not re.search(r'<dialog id="ask-pause"[^>]* open>', text)
    assert "goes back to v1, within seconds" in text
    assert 'name="expect_step" value="3"' in text


async def test_who_may_not_act_sees_what_they_lack_and_no_dialog() -> None:
    text = await shown(who=Person("eve", frozenset({Right.VIEW}), bearer=True))

    assert "needs the role operate on shop/local" in text
    assert '<dialog id="ask-' not in text


async def test_a_retreat_shows_its_probes_and_its_evidence() -> None:
    retreat = Retreat(count=1, probe=1, fails=1, ledger=2.6, accused=(0,), wanted=2)
    store = await filled(phase=Phase.PROBING, retreat=retreat, share=10)
    text = await shown(store=store)

    assert "1 of 2" in text
    assert f"{NEW[:10]}-0" in text


async def test_a_wait_says_until_when_and_what_then() -> None:
    wait = Wait("the time of this step", builders.at(5), "step 4 begins")
    text = await shown(store=await filled(wait=wait))

    assert "Waits: the time of this step" in text
    assert "Then: step 4 begins" in text


async def test_what_comes_next_is_named_as_its_button_is() -> None:
    wait = Wait("ada paused it", None, "serinus resume")
    text = await shown(store=await filled(phase=Phase.PAUSED, paused="ada", wait=wait))

    assert "Then: “Resume”" in text
    assert "serinus resume" not in text


async def test_how_soon_a_replica_was_ready_is_a_fact_and_no_trouble() -> None:
    soon, ended = "ready after 0.6 s", "exited with 1 after 0.2 s"
    leaving = builders.replica(NEW, 0, state=ReplicaState.STOPPING, note=soon)
    falling = builders.replica(NEW, 1, state=ReplicaState.BACKING_OFF, note=ended)
    store = await filled()
    await store.put_reading(
        SHOP, None, [leaving, falling], builders.route(248), at=builders.at(4), release=7
    )
    text = await shown(store=store)

    assert f'<span class="small note dim">{soon}</span>' in text
    assert f'<span class="small note bad">{ended}</span>' in text


async def test_what_users_met_is_told_with_what_failed_or_was_slow() -> None:
    text = await shown()

    assert "exposed 4,812 requests, 9 failed or slow" in text


async def test_an_ended_release_says_what_became_of_it_and_can_be_copied() -> None:
    store = Store()
    await store.record(builders.status(release=builders.ended(Phase.SUCCEEDED, 7)))
    text = await shown(store=store)
    async with visitor.visit(store) as visit:
        copied = await visit.get("/_part/summary/local/shop/7")
        data = await visit.get("/_part/summary/local/shop/7?as=json")

    assert "What became of it" in text
    assert "Succeeded" in copied.text
    assert 7 == data.json()["number"]


async def test_why_is_a_page_of_its_own_because_looking_ahead_takes_long() -> None:
    text = await shown(f"{PAGE}?tab=why")

    assert "What would change it" in text
    assert 'data-every="10"' in text


async def test_all_decisions_can_be_reached_and_a_piece_of_them_is_known_by_its_tag() -> None:
    store = await filled()
    events = [builders.event(f"Decision {n}.", reason="Told") for n in range(400)]
    status = await store.status(SHOP)
    assert status is not None
    await store.record(status, events=events)
    text = await shown(store=store)
    whole = await shown(f"{PAGE}?decisions=all", store=store)
    last = await shown(f"{PAGE}?decisions=3", store=store)
    async with visitor.visit(store) as visit:
        path = f"/_part/release/{PAGE.removeprefix('/r/')}?decisions=3"
        piece = await visit.get(path)
        again = await visit.get(path, headers={"If-None-Match": piece.headers["ETag"]})

    assert "decisions=all#h-log" in text
    assert "All 403</a>" in text
    assert 60 == text.count('id="d-')
    assert 200 == whole.count('id="d-')
    assert "Page 1 of 3" in whole
    assert "Step 1 began." in last
    assert 'data-part="/_part/release/local/shop/7?decisions=3"' in last
    assert "Step 1 began." in piece.text
    assert 304 == again.status_code


async def test_another_release_to_compare_with_is_chosen_on_the_page() -> None:
    store = await filled()
    old = builders.ended(Phase.SUCCEEDED, 6, candidate=OLD, stable=None, version="v1")
    status = await store.status(SHOP)
    assert status is not None
    moved = await store.record(msgspec.structs.replace(status, release=old))
    await store.record(msgspec.structs.replace(moved, release=status.release))
    text = await shown(f"{PAGE}?tab=changes&from=6", store=store)

    assert '<option value="6" selected>#6: v1, succeeded</option>' in text
    assert "SHIPPING" in text


async def test_what_changed_is_shown_line_by_line() -> None:
    text = await shown(f"{PAGE}?tab=changes")

    assert "SHIPPING" in text
    assert 'class="plus"' in text


async def test_a_first_release_has_nothing_before_it() -> None:
    text = await shown(f"{PAGE}?tab=changes", store=await filled(stable=None))

    assert "is the first" in text


async def test_logs_stand_side_by_side_as_text() -> None:
    bad = "error <script>alert(1)</script>"
    logs = visitor.Pages(Line(f"{OLD[:10]}-0", "fine"), Line(f"{NEW[:10]}-0", bad))
    text = await shown(f"{PAGE}?tab=logs", logs=logs)
    part = await shown("/_part/logs/local/shop/7", logs=logs)

    assert "error &lt;script&gt;alert(1)" in text
    assert "<script>alert" not in text + part
    assert "fine" in part


async def test_the_points_of_a_chart_are_there_as_a_table_too() -> None:
    text = await shown()
    table = text.split('id="table-error-rate"')[1].split("</table>")[0]

    assert 12 == table.count("<tr data-at=")


async def rated() -> Store:
    check = QueryCheck(name="rate", against=Threshold(min=1.0), query='r{v="$version"}')
    return await filled(delivery=builders.delivery(looks=(check,)))


async def test_what_only_a_metric_source_knows_is_drawn_as_it_tells_it() -> None:
    source = Source(lambda _, at: (Series({}, ((at, 7.0),)),))
    metrics = Metrics({("local", "prometheus"): source})
    page = await shown(store=await rated(), metrics=metrics)
    part = await shown(
        "/_part/course/local/shop/7?check=rate", store=await rated(), metrics=metrics
    )

    assert 'data-part="/_part/course/local/shop/7?check=rate"' in page
    for text in (page, part):
        assert 'data-chart="rate"' in text
        assert '<td class="n">7</td>' in text


async def test_no_page_waits_long_for_a_source_that_is_slow(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Slow(Source):
        async def range(
            self, query: str, start: float, end: float, step_s: float
        ) -> tuple[Series, ...]:
            del query, start, end, step_s
            await anyio.sleep_forever()
            return ()

    monkeypatch.setattr(drawings, "GLANCE_S", 0.01)
    metrics = Metrics({("local", "prometheus"): Slow(lambda *_: ())})

    assert "Its source tells nothing" in await shown(store=await rated(), metrics=metrics)


async def test_the_time_that_charts_show_is_chosen_by_links_and_stays_in_the_address() -> None:
    text = await shown(f"{PAGE}?range=15m")

    assert f'<a class="chip" href="{PAGE}?range=1h#charts">Last hour</a>' in text
    assert f'href="{PAGE}?range=15m#charts" aria-current="true"' in text
    assert f'href="{PAGE}#charts">Whole release' in text
    assert 'data-part="/_part/release/local/shop/7?range=15m"' in text
    assert f'href="{PAGE}?range=15m&amp;tab=logs"' in text
    assert "24 h</a>" not in text


async def test_nothing_counted_in_the_time_shown_is_said() -> None:
    text = await shown(f"{PAGE}?range=15m", clock=Clock(builders.at(30)))

    assert "Nothing was counted over the last 15 minutes." in text
    assert 'data-chart="error-rate"' not in text


async def test_with_a_metric_source_the_time_before_the_release_can_be_looked_at() -> None:
    source = Source(lambda _, at: (Series({}, ((at, 7.0),)),))
    metrics = Metrics({("local", "prometheus"): source})
    text = await shown(f"{PAGE}?range=24h", store=await rated(), metrics=metrics)

    assert 'data-part="/_part/course/local/shop/7?range=24h&amp;check=rate"' in text
    assert "as its source tells it, each 15m, over the last 24 hours" in text


async def test_a_source_that_tells_nothing_leaves_a_sentence() -> None:
    text = await shown("/_part/course/local/shop/7?check=rate", store=await rated())

    assert "Its source tells nothing of the time shown." in text


async def test_a_part_has_no_frame_and_is_sent_once() -> None:
    async with visitor.visit(await filled()) as visit:
        part = await visit.get("/_part/release/local/shop/7")
        again = await visit.get(
            "/_part/release/local/shop/7", headers={"If-None-Match": part.headers["etag"]}
        )

    assert (False, 304) == ("<html" in part.text, again.status_code)


@pytest.mark.parametrize(
    "path", ["/r/local/shop/9", "/r/local/nobody/1", "/r/prod/shop/7", f"/r/local/shop/{10**30}"]
)
async def test_a_release_that_is_not_there_has_a_page_that_says_so(path: str) -> None:
    async with visitor.visit(await filled()) as visit:
        page = await visit.get(path)

    assert (404, True) == (page.status_code, "That is not there" in page.text)


async def test_an_application_of_a_namespace_has_its_page() -> None:
    store = Store()
    key = Key("team/shop", "prod")
    release = builders.release(application="team/shop", environment="prod")
    await store.record(builders.status(key, release=release))

    assert "team/shop" in await shown("/r/prod/team/shop/7", store=store)


async def test_scripts_in_what_people_wrote_are_text() -> None:
    bad = "<script>alert(1)</script>"
    store = await filled(reason=bad, actor=bad, version=bad, sentence=bad)
    text = await shown(store=store)

    assert "<script>alert" not in text
    assert 4 <= text.count("&lt;script&gt;alert")


@pytest.mark.parametrize("phase", list(Phase))
async def test_every_state_has_a_page(phase: Phase) -> None:
    ended_at = builders.at(9) if phase.ended else None
    store = Store()
    await store.record(builders.status(release=builders.release(phase=phase, ended_at=ended_at)))

    assert phase.value in await shown(store=store)
