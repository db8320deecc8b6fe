from serinus.core.state.observed import Observed, Status
from tests.builders import SHOP, at


def test_an_application_never_seen_has_an_empty_status() -> None:
    status = Status(key=SHOP)

    assert (None, (), None, 0) == (
        status.stable,
        status.stable_ordinals,
        status.release,
        status.releases,
    )


def test_an_observation_of_nothing_is_an_observation() -> None:
    observed = Observed(now=at(0), status=Status(key=SHOP))

    assert (None, (), None, "") == (
        observed.route,
        observed.replicas,
        observed.wanted,
        observed.route_problem,
    )
