import msgspec
import pytest

from serinus.interfaces.cli import outcomes
from serinus.interfaces.cli.options import Output
from serinus.interfaces.cli.outcomes import Answer
from serinus.interfaces.cli.screen import Screen
from serinus.lab import simulate
from serinus.lab.simulate import Ending
from tests.lab.test_simulate import ran, setting


def answer(*faults: str, runs: int = 3, film: int = 3) -> Answer:
    asked = setting(*faults)
    each = tuple(ran(seed) for seed in range(1, runs + 1))
    return Answer(
        subject="shop",
        template="",
        replicas=3,
        rate=1000.0,
        errors=0.001,
        median_ms=40.0,
        faults=faults,
        assumed=("step 2: its approval is given at once",),
        fastest=300.0,
        summary=simulate.summary(asked, each),
        each=each,
        film=tuple(f"line {number}" for number in range(film)),
    )


def told(found: Answer) -> list[str]:
    return [f"{label:<10}{text.plain}" for label, text in outcomes.lines(found)]


def test_lines_tell_what_was_simulated_and_what_became_of_it() -> None:
    assert [
        "          shop · 3 releases simulated",
        "traffic   1,000 requests/s to 3 replicas; usually 0.1 % fail, and half take 40 ms or less",
        "faults    none: it is healthy",
        "assumed   step 2: its approval is given at once",
        f"outcome   promoted  {'█' * 24}  3 of 3, 3 of them verified  (95 % sure: 43.9 to 100 %)",
        "exposure  200 requests to the candidate (19 of 20 releases: at most 300)",
        "          2 of them failed (19 of 20 releases: at most 3)",
        "          0 of them took longer than 500 ms",
        "taken off never: no release lost its traffic",
        "ended     5m02s (19 of 20: at most 5m03s) after the change",
    ] == told(answer())[:-1]
    assert "later than at best (5m)" in told(answer())[-1]


def test_what_lost_its_traffic_says_when() -> None:
    asked = setting("errors=5%@90%")
    each = (ran(1, Ending.ROLLED_BACK, off_s=30.0, end_s=90.0, asleep=("errors=5%@90%",)),)
    found = msgspec.structs.replace(answer(), summary=simulate.summary(asked, each))

    lines = told(found)

    assert "taken off in 1 of 1, 30s after the change" in lines
    assert "warning   errors=5%@90% never began: the candidate never had that share" in lines
    assert "ended     1m30s after the change" == lines[-1]


def test_nobody_was_exposed() -> None:
    asked = setting()
    each = (ran(1, Ending.FAILED, requests=0, bad=0),)
    found = msgspec.structs.replace(answer(), summary=simulate.summary(asked, each))

    assert "exposure  none: no request of a user went to the candidate" in told(found)


@pytest.mark.parametrize(("whole", "shown"), [(True, 20), (False, 11)])
def test_a_long_film_is_shortened_unless_it_is_asked_for(
    capsys: pytest.CaptureFixture[str], shown: int, *, whole: bool
) -> None:
    screen = Screen(Output(), terminal=False)

    outcomes.film(screen, answer(film=20), whole=whole)

    out = capsys.readouterr().out.splitlines()
    assert ["", "A typical release (--seed 2 --runs 1):"] == out[:2]
    assert shown == len(out) - 2
    assert whole == ("         … 10 more lines: --film shows them" not in out)
