from ruamel.yaml import YAML

from serinus.boot import catalogue
from serinus.core.spec import effective
from serinus.interfaces.demo import faults, scenes


def test_every_scene_is_a_file_that_can_be_released() -> None:
    for scene in (scenes.FIRST, *scenes.SCENES):
        data = YAML(typ="safe").load(scenes.spec(scene))

        found = effective.effective(data, "local", catalogue.builtin(), effective.Limits())

        assert () == found.problems
        assert found.usable
        assert scene.version == found.version


def test_the_faults_of_a_scene_are_faults_that_the_shop_knows() -> None:
    for scene in scenes.SCENES:
        assert {name for name, _ in scene.faults} <= {
            "SHOP_ERRORS",
            "SHOP_ERRORS_AFTER",
            "SHOP_TAIL",
        }
    assert hasattr(faults, "Faults")
