import pytest

from serinus.core.spec.requests import Goal


@pytest.mark.parametrize(
    ("path", "reached"),
    [
        ("/orders/*", ["/orders/", "/orders/7/items"]),
        ("/orders", ["/orders"]),
        ("/*", ["/", "/orders", "/orders/", "/orders/7/items"]),
    ],
)
def test_a_goal_is_a_path_or_its_beginning(path: str, reached: list[str]) -> None:
    goal = Goal("g", path)
    paths = ["/", "/orders", "/orders/", "/orders/7/items"]

    assert reached == [path for path in paths if goal.reached("GET", path, 200)]


@pytest.mark.parametrize(
    ("status", "reached"), [(99, False), (100, True), (302, True), (400, False), (0, False)]
)
def test_a_request_that_fails_reaches_nothing(status: int, reached: bool) -> None:  # noqa: FBT001 - what is expected
    assert reached is Goal("g", "/").reached("GET", "/", status)


def test_methods_narrow_a_goal_and_none_are_all() -> None:
    assert Goal("g", "/").reached("PUT", "/", 200)
    assert Goal("g", "/", ("POST", "PUT")).reached("PUT", "/", 200)
    assert not Goal("g", "/", ("POST",)).reached("GET", "/", 200)
