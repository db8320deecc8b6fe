import time
from pathlib import Path

import msgspec
import pytest

from serinus.adapters.local import listening
from serinus.adapters.local.listening import Listening, Voice
from serinus.adapters.local.places import Places
from serinus.core.state.counts import ReplicaCounters, RevisionCounters, Scrape
from serinus.core.state.notice import Key
from serinus.ports import failures

KEY = Key("shop", "local")
PATTERNS = {"logs": "ERROR", "panics": "^panic"}
OLD, NEW = "a" * 64, "b" * 64


class Scene:
    """A home with two replicas' logs: one that has served, one that begins."""

    def __init__(self, home: Path) -> None:
        self.places = Places(home)
        self.places.prepare()
        self.ears = Listening(self.places)
        self.stable = Voice("aaaaaaaaaa-0", OLD, home / "old.log", served=True)
        self.candidate = Voice("bbbbbbbbbb-0", NEW, home / "new.log", began=0)
        self.voices = [self.stable, self.candidate]

    def write(self, voice: Voice, text: str) -> None:
        with voice.path.open("a") as file:
            file.write(text)

    def scrape(self) -> Scrape:
        self.ears.hear(KEY, self.voices)
        known = {
            OLD: RevisionCounters({self.stable.name: ReplicaCounters(5, 4, 3, 1)}),
            NEW: RevisionCounters({self.candidate.name: ReplicaCounters(0, 0, 0, 0)}),
        }
        return self.ears.added(KEY, Scrape(1.0, known))

    def lines(self) -> dict[str, dict[str, int]]:
        revisions = self.scrape().revisions.values()
        return {name: dict(one.lines) for r in revisions for name, one in r.replicas.items()}

    def kinds(self, revision: str) -> dict[str, dict[str, int]]:
        found = self.scrape().revisions[revision].kinds
        return {name: dict(k) for name, k in found.items()}


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    return Scene(tmp_path)


def test_matching_lines_are_counted_from_now_on_and_kinds_of_stable_from_before(
    scene: Scene,
) -> None:
    scene.write(scene.stable, "ERROR 1 as ever\nfine\n")
    scene.ears.listen(KEY, PATTERNS, scene.voices)
    scene.write(scene.stable, "ERROR 2 as ever\n")
    scene.write(scene.candidate, "ERROR so new\npanic: 7\npanic: 8\nno panic\n")

    assert {
        scene.stable.name: {"logs": 1, "panics": 0},
        scene.candidate.name: {"logs": 1, "panics": 2},
    } == scene.lines()
    assert {"logs": {"ERROR # as ever": 2}, "panics": {}} == scene.kinds(OLD)
    assert {"logs": {"ERROR so new": 1}, "panics": {"panic: #": 2}} == scene.kinds(NEW)


def test_other_counters_are_as_they_were(scene: Scene) -> None:
    scene.ears.listen(KEY, PATTERNS, scene.voices)

    found = scene.scrape().revisions[OLD].replicas[scene.stable.name]
    assert (5, 4, 3, 1) == (found.started, found.completed, found.errors, found.active)


def test_a_replica_that_writes_nothing_is_listened_to_and_has_no_kinds(scene: Scene) -> None:
    scene.ears.listen(KEY, PATTERNS, scene.voices)

    found = scene.scrape().revisions

    assert {"logs": {}, "panics": {}} == found[NEW].kinds
    assert {"logs": {}, "panics": {}} == found[OLD].kinds


def test_a_revision_without_requests_has_its_kinds_all_the_same(scene: Scene) -> None:
    scene.ears.listen(KEY, PATTERNS, scene.voices)
    scene.write(scene.candidate, "ERROR in the preview\n")
    scene.ears.hear(KEY, scene.voices)

    found = scene.ears.added(KEY, Scrape(1.0, {}))

    assert {"logs": {"ERROR in the preview": 1}, "panics": {}} == found.revisions[NEW].kinds
    assert {} == found.revisions[NEW].replicas


def test_a_replica_that_comes_later_is_heard_from_its_first_line(scene: Scene) -> None:
    scene.write(scene.candidate, "ERROR of an earlier try\n")
    began = scene.candidate.path.stat().st_size
    scene.ears.listen(KEY, PATTERNS, [scene.stable])
    scene.write(scene.candidate, "ERROR of this one\n")
    scene.voices = [scene.stable, scene.candidate._replace(began=began)]

    assert {"logs": {"ERROR of this one": 1}, "panics": {}} == scene.kinds(NEW)


def test_a_candidate_that_begins_is_heard_from_its_first_line(scene: Scene) -> None:
    scene.write(scene.candidate, "ERROR at once\n")
    scene.ears.listen(KEY, PATTERNS, scene.voices)

    assert {"logs": 1, "panics": 0} == scene.lines()[scene.candidate.name]


def test_listening_again_for_the_same_changes_nothing(scene: Scene) -> None:
    scene.ears.listen(KEY, PATTERNS, scene.voices)
    scene.write(scene.stable, "ERROR\n")
    scene.scrape()
    scene.ears.listen(KEY, dict(PATTERNS), scene.voices)

    assert 1 == scene.lines()[scene.stable.name]["logs"]


def test_other_patterns_begin_anew(scene: Scene) -> None:
    scene.ears.listen(KEY, PATTERNS, scene.voices)
    scene.write(scene.stable, "ERROR\nWARN\n")
    scene.scrape()
    scene.ears.listen(KEY, {"logs": "WARN"}, scene.voices)

    assert {"logs": 0} == scene.lines()[scene.stable.name]
    assert {"logs": {"WARN": 1}} == scene.kinds(OLD)


def test_without_a_pattern_nothing_is_read_and_nothing_told(scene: Scene) -> None:
    scene.ears.listen(KEY, PATTERNS, scene.voices)
    scene.ears.listen(KEY, {}, scene.voices)
    scene.write(scene.stable, "ERROR\n")

    assert {} == scene.ears.asked(KEY)
    assert {} == scene.lines()[scene.stable.name]
    assert [] == list(scene.places.lines.iterdir())


def test_a_bad_pattern_is_refused_with_its_reason(scene: Scene) -> None:
    with pytest.raises(failures.Rejected, match=r"shop/local: the pattern of the check logs.*RE2"):
        scene.ears.listen(KEY, {"logs": "a("}, scene.voices)

    assert {} == scene.ears.asked(KEY)


def test_a_controller_that_comes_back_counts_on_from_where_the_last_one_was(scene: Scene) -> None:
    scene.ears.listen(KEY, PATTERNS, scene.voices)
    scene.write(scene.candidate, "ERROR 1\n")
    scene.scrape()
    scene.write(scene.candidate, "ERROR 2\n")

    scene.ears = Listening(scene.places)
    scene.voices = [voice._replace(began=None, served=True) for voice in scene.voices]
    scene.ears.listen(KEY, PATTERNS, scene.voices)

    assert 2 == scene.lines()[scene.candidate.name]["logs"]
    assert {"ERROR #": 2} == scene.kinds(NEW)["logs"]


def test_what_was_heard_long_ago_or_is_damaged_is_not_taken_up(scene: Scene) -> None:
    scene.ears.listen(KEY, PATTERNS, scene.voices)
    scene.write(scene.stable, "ERROR\n")
    scene.scrape()
    path = scene.places.lines / "shop~local"
    kept = msgspec.msgpack.decode(path.read_bytes(), type=listening.Heard)
    kept.at = time.time() - 2 * listening.FORGOTTEN_S

    counts = []
    for content in (msgspec.msgpack.encode(kept), b"\xff nonsense"):
        path.write_bytes(content)
        scene.ears = Listening(scene.places)
        scene.ears.listen(KEY, PATTERNS, scene.voices)
        counts.append(scene.lines()[scene.stable.name]["logs"])

    assert [0, 0] == counts


def test_a_replica_that_is_gone_has_no_lines_and_its_version_keeps_its_kinds(scene: Scene) -> None:
    scene.ears.listen(KEY, PATTERNS, scene.voices)
    scene.write(scene.stable, "ERROR\n")
    scene.scrape()
    scene.voices = [scene.candidate]

    found = scene.scrape().revisions[OLD]
    assert {"logs": {"ERROR": 1}, "panics": {}} == found.kinds
    assert {} == found.replicas[scene.stable.name].lines


def test_the_kinds_of_the_last_few_versions_are_kept(scene: Scene) -> None:
    scene.ears.listen(KEY, PATTERNS, scene.voices)
    for number in range(7):
        voice = Voice(f"r{number}", f"v{number}", scene.places.home / f"{number}.log", began=0)
        scene.write(voice, "ERROR\n")
        scene.ears.hear(KEY, [voice])

    found = scene.ears.added(KEY, Scrape(1.0, {}))
    assert ["v3", "v4", "v5", "v6"] == list(found.revisions)


def test_work_is_bounded_however_many_replicas_write_however_much(scene: Scene) -> None:
    scene.ears.listen(KEY, PATTERNS, scene.voices)
    for _ in range(120):
        scene.write(scene.stable, "ERROR of many\n" + "ERROR\n" * 10 + "x" * 13_900 + "\n")
    scene.write(scene.stable, "ERROR\n" * 200_000)

    counts = [scene.lines()[scene.stable.name]["logs"] for _ in range(4)]
    known = scene.kinds(OLD)["logs"]

    assert counts[0] < 120 * 11
    assert listening.COUNTED < counts[1] <= counts[0] + listening.COUNTED
    assert counts[-1] <= counts[0] + 2 * listening.COUNTED
    assert sum(known.values()) <= 3 * listening.TOLD_APART


def test_who_is_listened_to_and_writes_nothing_is_heard_all_the_same(scene: Scene) -> None:
    scene.ears.listen(KEY, PATTERNS, scene.voices)
    scene.write(scene.stable, "all is well\n")

    assert {"logs": {}, "panics": {}} == scene.kinds(OLD)
    assert {"logs": {}, "panics": {}} == scene.kinds(NEW)
