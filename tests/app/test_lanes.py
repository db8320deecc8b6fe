from serinus.app import lanes
from serinus.core.spec.delivery import MatchStep, MirrorStep
from serinus.core.spec.requests import Condition, Match, Part
from serinus.core.state.release import Phase, Release
from serinus.core.state.traffic import Mirror, Route
from tests import builders
from tests.builders import NEW, OLD

ALWAYS = Match((Condition(Part.HEADER, "x-canary", "always"),))
BETA = Match((Condition(Part.COOKIE, "beta"), Condition(Part.QUERY, "v", "2.*", pattern=True)))


def chosen() -> Release:
    step = MatchStep(matches=(ALWAYS, BETA))
    return builders.release(delivery=builders.delivery(steps=(step,)), step=0, share=0)


def copied(*methods: str) -> Release:
    step = MirrorStep(share=500, methods=methods)
    return builders.release(delivery=builders.delivery(steps=(step,)), step=0, share=0)


def routed(*matches: Match, to: str = NEW) -> Route:
    return builders.route(0, matches=matches, matched=to if matches else "")


def test_requests_that_are_chosen_are_said_as_a_person_would_send_them() -> None:
    found = lanes.of(chosen(), routed(ALWAYS, BETA))

    assert [
        "All requests with the header “x-canary: always” go to the candidate.",
        "All requests with the cookie “beta” and “v” in the query like “2.*” go to the candidate.",
    ] == [lane.sentence for lane in found]
    assert [("match", True, True)] * 2 == [(one.kind, one.wanted, one.seen) for one in found]


def test_what_the_router_does_not_do_yet_is_told_apart_from_what_nobody_could_see() -> None:
    first, second = lanes.of(chosen(), routed(ALWAYS))
    unknown, _ = lanes.of(chosen(), None)

    assert (True, False) == (first.seen, second.seen)
    assert second.sentence.endswith(
        "are to go to the candidate; the router was not seen to do so yet."
    )
    assert unknown.seen is None
    assert unknown.sentence.endswith("nobody could look at the data plane.")


def test_what_is_left_over_from_a_step_is_shown_until_it_is_gone() -> None:
    (left,) = lanes.of(builders.release(phase=Phase.RETREATED), routed(BETA))

    assert (False, True) == (left.wanted, left.seen)
    assert left.sentence.endswith("go to the candidate: that is not wanted any more, and still so.")


def test_requests_that_match_and_go_to_another_revision_are_none_of_this_release() -> None:
    assert () == lanes.of(builders.release(), routed(ALWAYS, to=OLD))


def test_copies_are_said_with_their_share_and_their_methods() -> None:
    (all_of_them,) = lanes.of(copied(), builders.route(0, mirror=Mirror(NEW, 500)))
    (reading,) = lanes.of(copied("GET", "HEAD", "OPTIONS"), None)

    assert (
        "50 % of the requests are copied to the candidate, whose answers are thrown away."
        == all_of_them.sentence
    )
    assert reading.sentence.startswith(
        "50 % of the requests with GET, HEAD or OPTIONS are to be copied to the candidate"
    )


def test_another_share_of_copies_than_the_wanted_one_is_a_line_of_its_own() -> None:
    wanted, seen = lanes.of(copied(), builders.route(0, mirror=Mirror(NEW, 100)))

    assert (True, False) == (wanted.wanted, wanted.seen)
    assert (False, True) == (seen.wanted, seen.seen)
    assert seen.sentence.startswith("10 % of the requests are copied")


def test_copies_for_another_revision_or_of_nothing_are_none() -> None:
    for mirror in (Mirror(OLD, 500), Mirror(NEW, 0)):
        assert () == lanes.of(builders.release(), builders.route(0, mirror=mirror))


def test_a_release_with_nothing_but_a_share_has_no_lanes() -> None:
    assert () == lanes.of(builders.release(), builders.route(250))
