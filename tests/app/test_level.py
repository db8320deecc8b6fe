from serinus.app.level import ABSENT, Level, below, mapping

DATA = {
    "spec": {
        "version": "v1",
        "workload": {"port": 8080, "health": None, "command": ["./shop", "-v"]},
        "environments": {"prod": {"workload": {"port": 80}}, "odd": None},
    }
}


def test_an_application_is_read_and_written_in_its_spec() -> None:
    level = Level(DATA)

    assert ("spec", "workload", "port") == level.at("workload", "port")
    assert 8080 == level.own("workload", "port")
    assert level.own("workload", "health") is None
    assert ABSENT is level.own("workload", "image")
    assert ABSENT is level.inherited("workload", "port")
    assert "-v" == level.own("workload", "command", 1)
    assert ABSENT is level.own("workload", "command", 2)


def test_an_environment_has_its_part_and_inherits_the_rest() -> None:
    level = Level(DATA, "prod")

    assert ("spec", "environments", "prod", "version") == level.at("version")
    assert 80 == level.own("workload", "port")
    assert 8080 == level.inherited("workload", "port")
    assert ABSENT is level.own("version")


def test_who_says_otherwise_is_told() -> None:
    assert ("prod",) == Level(DATA).overriding("workload", "port")
    assert () == Level(DATA).overriding("version")
    assert () == Level(DATA, "prod").overriding("workload", "port")
    assert () == Level({"spec": {"environments": 3}}).overriding("version")


def test_what_is_no_mapping_is_taken_for_an_empty_one() -> None:
    assert {} == mapping(3)
    assert {"a": 1} == mapping({"a": 1})
    assert ABSENT is below(3, ("a",))
