from serinus.core.spec import health
from serinus.core.state import workload


def test_a_replica_is_asked_every_second_unless_told_otherwise() -> None:
    probe = health.HealthProbe()

    assert ("/", 1.0, 1.0) == (probe.path, probe.every_s, probe.timeout_s)


def test_the_state_speaks_of_the_same_probe_as_the_specs() -> None:
    assert workload.HealthProbe is health.HealthProbe
