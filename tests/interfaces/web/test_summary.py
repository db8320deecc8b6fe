import pytest

from serinus.adapters.memory.store import Store
from serinus.app import views
from serinus.core.spec.delivery import MirrorStep
from serinus.core.state.notice import Kind
from serinus.core.state.release import Phase
from serinus.interfaces.web import summary
from tests import builders
from tests.builders import SHOP

pytestmark = pytest.mark.anyio


async def told(store: Store) -> str:
    view = await views.release(store, SHOP)
    assert view is not None
    return summary.markdown(view, "http://127.0.0.1:7070")


async def test_a_channel_reads_what_became_of_a_release() -> None:
    store = Store()
    events = [
        builders.event("Taken back to 0 %.", kind=Kind.RETREAT),
        builders.event("Step 2 began.", kind=Kind.STEP),
    ]
    await store.record(builders.status(release=builders.ended(Phase.ROLLED_BACK, 7)), events=events)
    text = await told(store)

    assert text.startswith("**shop in local: v1 → v2: Rolled back** (release 7)\n")
    assert "- ended 2026-03-02T12:09:00Z, after 9m\n" in text
    assert "- `2026-03-02T12:02:00Z` Taken back to 0 %.\n" in text
    assert "Step 2 began" not in text
    assert text.endswith("http://127.0.0.1:7070/r/local/shop/7\n")


async def test_what_people_wrote_stays_text() -> None:
    store = Store()
    release = builders.release(actor="eve <script>", sentence="see [here](http://x) *now*\nnow")
    await store.record(builders.status(release=release))
    text = await told(store)

    assert "eve \\<script\\>" in text
    assert "see \\[here\\](http://x) \\*now\\* now" in text


async def test_copies_are_told_with_the_traffic() -> None:
    store = Store()
    step = MirrorStep(share=500)
    plan = builders.delivery(steps=(step,))
    await store.record(builders.status(release=builders.release(delivery=plan, step=0, share=0)))
    text = await told(store)

    assert "- 50 % of the requests are to be copied to the candidate" in text
