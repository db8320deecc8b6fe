import msgspec
from hypothesis import given
from hypothesis import strategies as st

from serinus.core.spec.wayback import Margin, NoDataPolicy, RetreatPolicy, Unverified

_POLICIES = st.builds(
    RetreatPolicy,
    probes=st.none() | st.integers(1, 5),
    max_retreats=st.none() | st.integers(0, 10),
    age_s=st.floats(0, 86_400),
    look_s=st.floats(0, 600),
    twins=st.booleans(),
)


@given(_POLICIES)
def test_a_policy_comes_back_from_the_store_as_it_went(policy: RetreatPolicy) -> None:
    assert policy == msgspec.json.decode(msgspec.json.encode(policy), type=RetreatPolicy)


def test_a_release_that_an_older_program_began_keeps_what_it_said() -> None:
    """It knew no ages, no first look and no twins, and always said how many probes it takes."""
    stored = b'{"alarm":10.0,"probe":10.0,"give_up":100.0,"probes":2,"max_retreats":3}'
    policy = msgspec.json.decode(stored, type=RetreatPolicy)

    assert RetreatPolicy(probes=2, max_retreats=3) == policy


def test_giving_up_takes_more_than_taking_traffic_away() -> None:
    policy = RetreatPolicy()

    assert policy.alarm < policy.give_up
    assert policy.probe < policy.give_up


def test_what_is_never_said_is_careful_with_users_and_with_work() -> None:
    assert "zero" == NoDataPolicy().then
    assert 1 < Margin().ratio
    assert ["promote", "hold", "rollback"] == [choice.value for choice in Unverified]
