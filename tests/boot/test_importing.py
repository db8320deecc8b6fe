import json
from pathlib import Path

import msgspec
import pytest
from ruamel.yaml import YAML

from serinus.boot import importing
from serinus.core.errors import SpecError
from tests.adapters.importers import configurations, templates


def written(path: Path, *documents: object) -> Path:
    with path.open("w") as file:
        YAML(typ="safe", pure=True).dump_all(documents, file)
    return path


def damage(*files: Path) -> list[str]:
    with pytest.raises(SpecError) as wrong:
        importing.load(files, {})
    return [str(msgspec.structs.replace(p, file=Path(p.file).name)) for p in wrong.value.problems]


def test_files_of_both_tools_are_read_together(tmp_path: Path) -> None:
    one = written(tmp_path / "argo.yaml", templates.template())
    other = tmp_path / "kayenta.json"
    other.write_text(json.dumps(configurations.configuration(), indent="\t"))

    found = importing.load([one, other], {})

    assert ["success-rate", "errors"] == [check["name"] for check in found.checks]
    assert (str(one), str(other)) == found.documents


def test_every_note_has_the_line_of_what_it_is_about(tmp_path: Path) -> None:
    file = tmp_path / "argo.yaml"
    template = templates.template(templates.metric(templates.QUERY, count=3))
    written(file, template)
    line = next(n for n, text in enumerate(file.read_text().splitlines(), 1) if "count:" in text)

    (note,) = [n for n in importing.load([file], {}).notes if n.path.endswith("count")]

    assert (str(file), line) == (note.file, note.line)
    assert note.column


def test_json_with_tabs_keeps_its_places(tmp_path: Path) -> None:
    file = tmp_path / "kayenta.json"
    file.write_text(json.dumps(configurations.configuration(judge={}), indent="\t"))
    line = next(n for n, text in enumerate(file.read_text().splitlines(), 1) if '"judge"' in text)

    (note,) = [n for n in importing.load([file], {}).notes if n.path == "judge"]

    assert (line, 2) == (note.line, note.column)


def test_two_checks_of_one_name_get_two_names(tmp_path: Path) -> None:
    file = written(tmp_path / "argo.yaml", templates.template(), templates.template())

    found = importing.load([file], {})

    assert ["success-rate", "success-rate-2"] == [check["name"] for check in found.checks]
    assert "two checks are called 'success-rate'" in found.notes[-1].message


def test_documents_of_other_kinds_are_named_beside_those_that_are_read(tmp_path: Path) -> None:
    file = written(tmp_path / "all.yaml", templates.template(), {"kind": "Rollout"}, {"a": 1}, [1])

    notes = [note.message for note in importing.load([file], {}).notes]

    assert any(note.startswith("a Rollout is not read; wanted Analysis") for note in notes)
    assert any(note.startswith("a document without a 'kind' is not read") for note in notes)
    assert any(note.startswith("a document that is [1] is not read") for note in notes)


def test_everything_that_is_damaged_is_told_at_once_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text('{"metrics": [\n  {"name": }')
    (tmp_path / "b.yaml").write_text("kind: AnalysisTemplate\nspec: [}\n")
    (tmp_path / "c.yaml").write_text("# nothing\n")
    (tmp_path / "d.yaml").write_bytes(b"kind: \xff\n")
    (tmp_path / "e.yaml").write_text("kind: Rollout\n")
    (tmp_path / "f.yaml").write_text("kind: AnalysisTemplate\nkind: AnalysisTemplate\n")

    found = damage(*sorted(tmp_path.iterdir()), tmp_path / "none.yaml")

    assert found[0] == "a.json:2:12: this is not JSON: Expecting value"
    assert found[1].startswith("b.yaml:2:")
    assert found[2].startswith("c.yaml: nothing is in it; wanted AnalysisTemplate")
    assert found[3].startswith("d.yaml:1:7: byte 0xff is not UTF-8")
    assert found[4].startswith("e.yaml:1:1: a Rollout is not read; wanted AnalysisTemplate or")
    assert found[5].startswith("f.yaml:2:1 kind: the key 'kind' is given twice")
    assert found[6] == "none.yaml: it cannot be read: No such file or directory"


def test_json_without_end_is_no_traceback(tmp_path: Path) -> None:
    file = tmp_path / "deep.json"
    file.write_text('{"metrics": ' + "[" * 100_000)

    assert damage(file)
