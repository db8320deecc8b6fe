from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from serinus.core.spec import hours
from serinus.core.spec.application import EnvironmentSpec
from serinus.core.spec.calendar import Weekly, Window


def spec(**given: Any) -> EnvironmentSpec:
    return msgspec.convert(given, EnvironmentSpec)


def wrong(**given: Any) -> list[str]:
    return [str(problem) for problem in hours.review(spec(**given))]


def test_windows_become_the_calendars() -> None:
    written = [
        {"name": "office", "weekly": {"from": "Mon 09:00", "to": "Mon 17:30"}, "tz": "Europe/Rome"},
        {
            "name": "feast",
            "type": "blackout",
            "from": "2026-12-24T12:00:00+01:00",
            "to": "2026-12-27T00:00:00Z",
            "weekly": [{"from": "sat 0:00", "to": "Sunday 24:00"}],
            "message": "Be with your people.",
        },
    ]

    assert [] == wrong(windows=written)
    assert (
        Window("office", zone="Europe/Rome", hours=(Weekly(0, 540, 0, 1050),)),
        Window(
            "feast",
            blackout=True,
            hours=(Weekly(5, 0, 0, 0),),
            begins=datetime(2026, 12, 24, 11, tzinfo=UTC),
            ends=datetime(2026, 12, 27, tzinfo=UTC),
            message="Be with your people.",
        ),
    ) == hours.windows(spec(windows=written))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Mon 00:00", (0, 0)),
        ("monday 7:05", (0, 425)),
        ("SUN 23:59", (6, 1439)),
        ("Thu 24:00", (4, 0)),
        ("Sun 24:00", (0, 0)),
    ],
)
def test_a_moment_of_the_week_is_a_day_and_a_time(text: str, expected: tuple[int, int]) -> None:
    assert expected == hours.moment(text)


@pytest.mark.parametrize(
    "text",
    ["", "Mon", "09:00", "Mo 09:00", "Monxyz 09:00", "Mon 9", "Mon 9:5", "Mon 24:01", "Mon 99:00",
     "Mon  09:00", "Mon 09:00\n", "Mon ٠٩:٠٠", "Montag 09:00", "Mon 09:00 UTC"],
)  # fmt: skip
def test_what_is_no_moment_is_told_with_what_is(text: str) -> None:
    with pytest.raises(ValueError, match="is not a moment of the week; wanted a day"):
        hours.moment(text)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("tomorrow", "is not an instant"),
        ("", "is not an instant"),
        ("2026-13-01T00:00:00Z", "is not an instant"),
        ("2026-12-24", "does not say in which time zone"),
        ("2026-12-24T12:00:00", "does not say in which time zone"),
        ("0001-01-01T00:00:00+14:00", "is out of range; wanted a year 2000–2199"),
        ("9999-12-31T23:59:59-14:00", "is out of range; wanted a year 2000–2199"),
    ],
)
def test_an_instant_says_where_it_is_that_late(text: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        hours.instant(text)


@pytest.mark.parametrize("zone", ["UTC", "Europe/Berlin", "America/Argentina/Salta", "Etc/GMT+5"])
def test_a_time_zone_has_a_name_of_iana(zone: str) -> None:
    window = {"name": "w", "tz": zone, "weekly": {"from": "Mon 09:00", "to": "Mon 17:00"}}

    assert [] == wrong(windows=[window])


@pytest.mark.parametrize(
    "zone",
    ["", "Europe", "Europe/Belin", "europe/berlin", "localtime", "../UTC", "/etc/passwd",
     "zone.tab", "Europe/Berlin\n", "Europe/Berlin/", "A" * 300, "CEST", "+01:00"],
)  # fmt: skip
def test_what_is_no_time_zone_is_told_with_one(zone: str) -> None:
    window = {"name": "w", "tz": zone, "weekly": {"from": "Mon 09:00", "to": "Mon 17:00"}}
    (problem,) = wrong(windows=[window])

    assert problem.startswith("windows[0].tz: ")
    assert problem.endswith("is not a time zone; wanted such as Europe/Berlin")


def test_one_hour_or_several_are_told_where_they_stand() -> None:
    bad = {"from": "Mon 09:00", "to": "Mon 9:00"}

    assert ["windows[0].weekly.to"] == [
        line.partition(":")[0] for line in wrong(windows=[{"name": "a", "weekly": bad}])
    ]
    assert ["windows[0].weekly[0].to"] == [
        line.partition(":")[0] for line in wrong(windows=[{"name": "a", "weekly": [bad]}])
    ]


def test_windows_and_hours_without_end_are_refused() -> None:
    hour = {"from": "Mon 09:00", "to": "Mon 10:00"}
    many = [{"name": f"w{n}", "weekly": hour} for n in range(21)]

    assert ["windows: 21 windows; wanted at most 20"] == wrong(windows=many)
    assert ["windows[0].weekly: 21 hours; wanted at most 20"] == wrong(
        windows=[{"name": "a", "weekly": [hour] * 21}]
    )


@pytest.mark.parametrize("reason", ["", "  "])
def test_a_freeze_has_a_reason(reason: str) -> None:
    assert [
        "freeze.reason: it is empty; wanted why nothing may begin, for the people who wait"
    ] == wrong(freeze={"reason": reason})
    assert [] == wrong(freeze={"reason": "the feast", "until": "2026-12-27T00:00:00Z"})


@pytest.mark.parametrize("text", ["a\nb", "\x1b[31mred", "x" * 201])
def test_what_people_are_told_is_a_line(text: str) -> None:
    found = wrong(
        freeze={"reason": text},
        windows=[{"name": "a", "to": "2026-12-27T00:00:00Z", "message": text}],
        roles={"sre": [text]},
    )

    assert ["windows[0].message", "freeze.reason", "roles.sre[0]"] == [
        line.partition(":")[0] for line in found
    ]


def test_a_role_has_a_name_and_somebody_who_has_it() -> None:
    assert [] == wrong(roles={"sre": ["ana", "Bob Smith"], "owner": ["eve@example.com"]})
    assert ["roles.sre", 'roles["S R"]', 'roles["S R"][0]'] == [
        line.partition(":")[0] for line in wrong(roles={"sre": [], "S R": [" ana"]})
    ]
