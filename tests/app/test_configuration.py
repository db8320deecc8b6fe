import pytest

from serinus.adapters.memory.store import Specs, Store
from serinus.app import configuration
from serinus.app.configuration import Setting
from serinus.core.state.notice import Key
from serinus.core.state.workload import Revision
from serinus.ports import failures
from tests import builders
from tests.app import forms
from tests.app.test_tuning import prod
from tests.builders import NEW, OLD, SHOP


def settings(text: str = forms.SHOP, environment: str = "prod") -> dict[str, Setting]:
    library = prod(parameters={"start": "2%"})
    reviewed = forms.reviewed(text, environment, library)
    found = configuration.settings(reviewed, library, environment)
    assert len(found) == len({setting.name for setting in found})
    return {setting.name: setting for setting in found}


@pytest.mark.parametrize(
    ("name", "value", "origin", "written"),
    [
        ("workload.replicas", "5", "application@prod", "spec.environments.prod.workload.replicas"),
        ("version", "v1", "application", "spec.version"),
        ("workload.health.path", "/", "default", ""),
        ("route.host", "shop.localhost", "default", ""),
        ("workload.env.MODE", "fast", "application", "spec.workload.env.MODE"),
        (
            "delivery.parameters.bake",
            "10m",
            "application@prod",
            "spec.environments.prod.delivery.parameters.bake",
        ),
        ("delivery.parameters.start", "2%", "environment prod", ""),
        ("delivery.parameters.minSamples", "0", "template default", ""),
        ("delivery.template", "canary-standard 1.0.0", "application", "spec.delivery.template"),
        ("delivery.onFail", '{"quarantine":false}', "application", "spec.delivery.onFail"),
        ("delivery.onUnverified", "promote", "template canary-standard-1.0.0", ""),
    ],
)
def test_each_value_says_who_says_it(name: str, value: str, origin: str, written: str) -> None:
    found = settings()[name]

    assert (value, origin, written) == (found.value, found.origin, found.written)


def test_the_plan_is_shown_with_its_parameters_filled_in() -> None:
    assert '"candidate":"2%"' in settings()["delivery.plan"].value
    assert '"for":"10m"' in settings()["delivery.plan"].value


def test_no_secret_is_shown() -> None:
    token = settings()["workload.env.API_TOKEN"]

    assert token.hidden
    assert not any("s3cret" in setting.value for setting in settings().values())


def test_a_reference_is_told_by_its_object_and_key() -> None:
    row = "{name: DB, valueFrom: {secretKeyRef: {name: db, key: url}}}"
    pod = f"    pod: {{spec: {{containers: [{{name: app, env: [{row}]}}]}}}}\n"
    text = forms.SHOP.replace("    resources:", f"{pod}    resources:")

    found = settings(text)["workload.env.DB"]

    assert ("secret db / url", "spec.workload.pod") == (found.value, found.written)


def test_a_parameter_that_nobody_gives_is_not_there() -> None:
    text = forms.SHOP.replace("parameters: {bake: 10m}", "parameters: {bake: null, own: ''}")

    assert "delivery.parameters.own" not in settings(text)


def test_what_an_environment_takes_away_is_not_there() -> None:
    text = forms.SHOP.replace(
        "workload: {replicas: 5}", "workload: {env: {MODE: null}, grace: null}"
    )

    found = settings(text)

    assert "workload.env.MODE" not in found
    assert ("10s", "application@prod") == (
        found["workload.grace"].value,
        found["workload.grace"].origin,
    )


def test_a_text_that_cannot_be_read_has_no_settings() -> None:
    assert () == configuration.settings(forms.reviewed("a: ["), forms.LIBRARY, "prod")
    lost = settings(forms.SHOP.replace("canary-standard", "canary-lost"))
    assert "canary-lost" == lost["delivery.template"].value


def test_two_environments_differ_in_what_they_say_otherwise() -> None:
    text = forms.SHOP.replace("{replicas: 5}", "{replicas: 5, env: {MODE: null, NEW: '1'}}")
    local, there = settings(text, "local"), settings(text)

    found = configuration.differences(tuple(local.values()), tuple(there.values()))

    values = {
        d.name: (d.one and d.one.value, d.other and d.other.value)
        for d in found
        if not d.name.startswith("delivery.plan")
    }
    assert {
        "workload.replicas": ("1", "5"),
        "workload.env.MODE": ("fast", None),
        "workload.env.NEW": (None, "1"),
        "delivery.parameters.bake": ("12s", "10m"),
        "delivery.parameters.start": ("1%", "2%"),
    } == values


def _content(_: str) -> bytes | None:
    return None


async def stored(stable: str | None, wanted: Revision) -> Store:
    specs = Specs()
    store = Store(specs)
    specs.want("shop", builders.wanted(revision=wanted))
    await store.record(
        builders.idle(stable=stable, stable_version="v1", release=builders.ended()),
        revisions=[builders.revision(OLD, "v1")],
    )
    return store


@pytest.mark.anyio
async def test_what_runs_is_held_against_what_is_asked_for() -> None:
    store = await stored(OLD, builders.revision(NEW, "v2", env={"MODE": "slow"}))

    found = await configuration.drift(store, SHOP, _content)

    assert not found.same
    assert found.workload is not None
    assert '+env.MODE: "slow"' in found.workload.lines


@pytest.mark.anyio
async def test_what_runs_as_asked_for_is_the_same() -> None:
    found = await configuration.drift(
        await stored(OLD, builders.revision(OLD, "v1")), SHOP, _content
    )

    assert found.same


@pytest.mark.anyio
async def test_where_nothing_serves_or_nobody_asks_there_is_nothing_to_compare() -> None:
    nothing = await configuration.drift(
        await stored(None, builders.revision(OLD, "v1")), SHOP, _content
    )
    assert nothing.workload is None

    nobody = await configuration.drift(Store(), Key("nobody", "local"), _content)
    assert "nobody asks for nobody/local" == nobody.problem
    with pytest.raises(failures.Missing, match="is not stored"):
        await configuration.drift(
            await stored("f" * 64, builders.revision(OLD, "v1")), SHOP, _content
        )
