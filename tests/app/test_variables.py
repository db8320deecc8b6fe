from typing import Any

import pytest

from serinus.adapters.local import amending, documents
from serinus.app import variables
from serinus.app.level import Level
from serinus.app.secrecy import MASK
from serinus.app.variables import CONFIG, SECRET, Row, Variable

TEXT = """\
spec:
  workload:
    env:
      MODE: fast  # not slow
      API_TOKEN: s3cret
      LEVEL: debug
    pod:
      spec:
        containers:
        - name: app
          env:
          - {name: ZONE, value: eu}
          - name: DB_PASSWORD
            valueFrom: {secretKeyRef: {name: db, key: password}}
        - name: side
          env: [{name: SIDE_TOKEN, value: hush}]
  environments:
    prod:
      workload:
        env: {LEVEL: info, MODE: null}
"""


def data(text: str = TEXT) -> Any:
    return documents.parse(text).documents[0].data


def sent(level: Level) -> list[Row]:
    """The rows as a page sends them back unchanged."""
    return [Row(r.name, r.name, r.value, r.kind, r.source, r.key) for r in variables.rows(level)]


def after(rows: list[Row], environment: str = "", text: str = TEXT) -> str:
    return amending.amend(text, variables.changes(Level(data(text), environment), rows))


def test_rows_are_the_variables_in_their_order_and_no_secret_is_shown() -> None:
    expected = (
        Variable(name="MODE", value="fast"),
        Variable(name="API_TOKEN", value=MASK, hidden=True),
        Variable(name="LEVEL", value="debug"),
        Variable(name="DB_PASSWORD", kind=SECRET, source="db", key="password"),
    )

    assert expected == variables.rows(Level(data()))


def test_an_environment_shows_what_it_inherits_and_not_what_it_takes_away() -> None:
    rows = variables.rows(Level(data(), "prod"))

    assert ["API_TOKEN", "LEVEL", "DB_PASSWORD"] == [row.name for row in rows]
    assert [True, False, True] == [row.inherited for row in rows]
    assert "info" == rows[1].value


@pytest.mark.parametrize("environment", ["", "prod", "new"])
def test_rows_that_come_back_as_they_were_change_nothing(environment: str) -> None:
    assert TEXT == after(sent(Level(data(), environment)), environment)


def test_a_value_a_name_a_new_one_and_one_less_are_written_in_their_places() -> None:
    rows = sent(Level(data()))
    rows[0] = Row("MODE", "PACE", "faster")
    rows[1] = Row("API_TOKEN", "APP_TOKEN", MASK)
    rows[2] = Row("", "NEW", "1")

    expected = TEXT.replace("MODE: fast", "PACE: faster").replace("API_TOKEN", "APP_TOKEN")
    expected = expected.replace("      LEVEL: debug\n", '      NEW: "1"\n')

    assert expected == after(rows)


def test_a_secret_gets_a_new_value_only_when_one_is_typed() -> None:
    rows = sent(Level(data()))
    rows[1] = Row("API_TOKEN", "API_TOKEN", "n3w")

    assert TEXT.replace("s3cret", "n3w") == after(rows)


def test_an_environment_takes_away_what_it_inherits_and_resets_what_is_its_own() -> None:
    rows = [row for row in sent(Level(data(), "prod")) if row.name == "DB_PASSWORD"]

    found = data(after(rows, "prod"))

    own = found["spec"]["environments"]["prod"]["workload"]["env"]
    assert {"LEVEL": None, "MODE": None, "API_TOKEN": None} == own
    assert data()["spec"]["workload"] == found["spec"]["workload"]


def test_an_inherited_variable_is_called_otherwise_by_taking_the_old_name_away() -> None:
    rows = sent(Level(data(), "prod"))
    rows[0] = Row("API_TOKEN", "NEW_TOKEN", MASK)

    own = data(after(rows, "prod"))["spec"]["environments"]["prod"]["workload"]["env"]

    assert {"LEVEL": "info", "MODE": None, "API_TOKEN": None, "NEW_TOKEN": "s3cret"} == own


def test_a_variable_of_both_levels_is_called_otherwise_in_the_environment_alone() -> None:
    rows = sent(Level(data(), "prod"))
    rows[1] = Row("LEVEL", "DEPTH", "trace")

    found = data(after(rows, "prod"))["spec"]

    own = found["environments"]["prod"]["workload"]["env"]
    assert {"LEVEL": None, "MODE": None, "DEPTH": "trace"} == own
    assert "debug" == found["workload"]["env"]["LEVEL"]


def test_a_reference_to_a_secret_names_it_and_what_stands_beside_it_stays() -> None:
    rows = sent(Level(data()))
    rows[3] = Row("DB_PASSWORD", "DB_PASS", "", SECRET, "db", "pass")
    rows.append(Row("", "TIER", "", CONFIG, "site", "tier"))

    (app, side) = data(after(rows))["spec"]["workload"]["pod"]["spec"]["containers"]

    assert [
        {"name": "ZONE", "value": "eu"},
        {"name": "DB_PASS", "valueFrom": {"secretKeyRef": {"name": "db", "key": "pass"}}},
        {"name": "TIER", "valueFrom": {"configMapKeyRef": {"name": "site", "key": "tier"}}},
    ] == app["env"]
    assert "side" == side["name"]


@pytest.mark.parametrize(
    "text",
    [
        "spec:\n  workload:\n    port: 1\n",
        "spec:\n  workload:\n    pod: {spec: {containers: [{name: side}]}}\n",
        "spec:\n  workload:\n    pod: {spec: {containers: [{name: app, image: a}]}}\n",
    ],
)
def test_the_first_reference_finds_or_makes_the_container_that_serves(text: str) -> None:
    found = after([Row("", "A", "", SECRET, "s", "k")], text=text)

    rows = variables.rows(Level(data(found)))
    assert (Variable(name="A", kind=SECRET, source="s", key="k"),) == rows
    assert text in {after([], text=found), text}


def test_damaged_data_has_no_variables() -> None:
    for damaged in (None, {"spec": 3}, {"spec": {"workload": {"env": ["a"]}}}):
        assert () == variables.rows(Level(damaged or {}))


def test_containers_that_only_refer_to_keys_are_told_whole() -> None:
    reference = {"name": "A", "valueFrom": {"secretKeyRef": {"name": "keys", "key": "a"}}}

    def told(*containers: object) -> bool:
        pod = {"spec": {"containers": list(containers)}}
        return variables.told(Level({"spec": {"workload": {"pod": pod}}}))

    assert told({"name": "app", "env": [reference]})
    assert not told({"name": "app", "env": [{"name": "B", "value": "b"}]})
    assert not told({"name": "app", "env": [reference], "tty": True})
    assert not told({"name": "app", "env": [reference]}, {"name": "proxy"})
    assert not variables.told(Level({}))
