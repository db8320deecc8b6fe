import pytest

from serinus.core.errors import SpecError
from serinus.lab import sabotage
from serinus.lab.sabotage import Fault, From, Start


def one(text: str) -> Fault:
    (found,) = sabotage.parse([text], lambda _: "--fault")
    return found


def wrong(*texts: str) -> list[str]:
    with pytest.raises(SpecError) as caught:
        sabotage.parse(texts, lambda index: f"faults[{index}]")
    return [str(problem) for problem in caught.value.problems]


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("errors=5%", Fault("errors=5%", "errors", share=0.05)),
        ("errors=3x", Fault("errors=3x", "errors", factor=3.0)),
        (
            "errors=5%@20%",
            Fault("errors=5%@20%", "errors", share=0.05, start=Start(From.SHARE, 0.2)),
        ),
        (
            "hang=5%@while=20%",
            Fault("hang=5%@while=20%", "hang", share=0.05, start=Start(From.WHILE, 0.2)),
        ),
        (
            "latency=2x@15m",
            Fault("latency=2x@15m", "latency", factor=2.0, start=Start(From.TIME, 900.0)),
        ),
        ("latency=200ms", Fault("latency=200ms", "latency", more_s=0.2)),
        (
            "crash@age=15m",
            Fault("crash@age=15m", "crash", start=Start(From.AGE, 900.0)),
        ),
        ("leak=10%+20m", Fault("leak=10%+20m", "leak", share=0.1, length_s=1200.0)),
        (
            "outage=shared@10m+2m",
            Fault(
                *("outage=shared@10m+2m", "outage"),
                whom="shared",
                start=Start(From.TIME, 600.0),
                length_s=120.0,
            ),
        ),
        (
            "hiccup=40%+45s/20m",
            Fault("hiccup=40%+45s/20m", "hiccup", share=0.4, length_s=45.0, every_s=1200.0),
        ),
    ],
)
def test_a_fault_is_read_as_it_is_written(text: str, fault: Fault) -> None:
    assert fault == one(text)


def test_every_kind_has_an_example_that_can_be_read() -> None:
    examples = [kind.example for kind in sabotage.KINDS.values() if kind.example]
    examples += ["hang=5%"]

    assert list(sabotage.KINDS) == list(dict.fromkeys(sabotage.KINDS))
    assert set(sabotage.KINDS) == {one(text).kind for text in examples}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("latncy=2x", "unknown kind of fault 'latncy'; did you mean 'latency'?"),
        ("errors", "errors needs a value: a share such as 5% or a factor such as 3x"),
        ("errors=5", "errors: '5' is no value; wanted a share such as 5% or a factor such as 3x"),
        ("errors=0%", "errors: 0% is not above 0% and at most 100%"),
        ("errors=120%", "errors: 120% is not above 0% and at most 100%"),
        ("errors=5%%", "errors: '5%%' is not a percentage"),
        ("errors=5%@soon", "'@soon' is no start; wanted a share (@20%, @while=20%)"),
        ("errors=5%+1s", "length: 1s is less than the 5s between two looks"),
        ("errors=5%+30s/10s", "it lasts 30s and comes again every 10s"),
        ("errors=5%/10m", "errors with /EVERY needs +LENGTH"),
        ("leak=5%", "leak needs +LENGTH; for example leak=10%+20m"),
        ("leak=5%+20m/1h", "leak knows no /EVERY"),
        ("warmup=5%@10m+20s", "warmup knows no @START"),
        ("hiccup=40%+45s", "hiccup needs /EVERY; for example hiccup=40%+45s/20m"),
        ("burst=20%+30s", "when? wanted @START, or /EVERY for random moments"),
        ("outage=share@10m", "outage: unknown word 'share'; did you mean 'shared'?"),
        ("crash=5%", "crash has no value"),
        ("errors=5%+1m@20%", "is not of the form KIND=VALUE@START+LENGTH/EVERY"),
        ("", "unknown kind of fault ''; known: burst, crash,"),
    ],
)
def test_a_fault_that_cannot_be_read_is_told_in_one_sentence(text: str, said: str) -> None:
    assert any(said in problem for problem in wrong(text))


def test_everything_wrong_with_all_faults_is_told_at_once() -> None:
    assert ["faults[1]", "faults[2]", "faults[2]"] == [
        problem.partition(":")[0] for problem in wrong("errors=5%", "nope", "errors=7@8+9m")
    ]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("errors=5%@20%", "5 % of the candidate's requests fail, from its step at 20 % on"),
        ("errors=3x", "3 times as many of the candidate's requests fail"),
        ("latency=2x", "the candidate's requests take 2 times as long"),
        ("latency=200ms", "the candidate's requests take 200 ms longer"),
        ("outage=shared@10m+2m", "every request to both versions fails, from 10m on, for 2m"),
        (
            "leak=10%+20m",
            "the candidate's errors grow to 10 %, within 20m of a replica's age",
        ),
        (
            "burst=20%@5m+30s/10m",
            "20 % of all requests fail, to either version, from 5m on, for 30s, again every 10m",
        ),
    ],
)
def test_a_fault_is_told_in_a_sentence(text: str, sentence: str) -> None:
    assert sentence == sabotage.sentence(one(text))
