import pytest

from serinus.core.spec import resources
from serinus.core.spec.resources import Ceiling


@pytest.mark.parametrize(
    "written",
    [
        {},
        {"cpu": "500m", "memory": "256Mi", "files": "1024"},
        {"cpu": "10m", "memory": "4Mi", "files": "16"},
        {"cpu": "256", "memory": "64Ti", "files": "1Mi"},
        {"memory": "300000000", "files": "4k"},
    ],
)
def test_right_amounts_have_no_problems(written: dict[str, str]) -> None:
    assert [] == list(resources.review(written))


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("gpu", "1", "unknown resource 'gpu'; did you mean 'cpu'?"),
        ("memory", "0Mi", "0Mi is nothing; wanted more than 0"),
        ("memory", "256", "256 is 256 bytes; wanted 4Mi–64Ti; did you mean 256Mi?"),
        ("memory", "256m", "256m is 0.256 bytes; wanted 4Mi–64Ti; did you mean 256Mi?"),
        ("memory", "3Mi", "3Mi is 3,145,728 bytes; wanted 4Mi–64Ti"),
        ("cpu", "500", "500 is 500 CPUs; wanted 10m–256; did you mean 500m?"),
        ("cpu", "9m", "9m is 0.009 CPUs; wanted 10m–256"),
        ("files", "1024m", "1024m is 1.024 open files; wanted 16–1048576; did you mean 1024?"),
        ("files", "20.5", "20.5 is not a whole number of open files; wanted such as 1024"),
    ],
)
def test_an_amount_that_makes_no_sense_is_told_with_what_was_meant(
    name: str, text: str, said: str
) -> None:
    (found,) = resources.review({name: text})

    assert f"workload.resources.{name}: {said}" == str(found)


def test_amounts_are_read_as_numbers() -> None:
    written = {"cpu": "500m", "memory": "256Mi", "files": "1k"}

    assert Ceiling(256 * 2**20, 0.5, 1000) == resources.ceiling(written)
    assert Ceiling(None, 2.0, None) == resources.ceiling({"cpu": "2"})


def test_what_makes_no_sense_is_no_limit() -> None:
    assert Ceiling() == resources.ceiling({"cpu": "lots", "memory": "0", "gpu": "1"})


@pytest.mark.parametrize(
    ("amount", "said"),
    [
        (0, "0 KiB"),
        (2048, "2 KiB"),
        (312 * 2**20 + 1000, "312 MiB"),
        (1.5 * 2**30, "1.5 GiB"),
        (4 * 2**30, "4 GiB"),
        (3000 * 2**40, "3000 TiB"),
    ],
)
def test_sizes_are_written_as_people_read_them(amount: float, said: str) -> None:
    assert said == resources.size(amount)
