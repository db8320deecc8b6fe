from pathlib import Path

import pytest
from syrupy.assertion import SnapshotAssertion

from serinus.interfaces.cli.trouble import Code
from tests.interfaces.cli.conftest import Cli
from tests.interfaces.cli.test_specs import SHOP

IMAGE = "  environments: {prod: {workload: {image: registry/shop:v2}}}\n"
PROD = """\
apiVersion: serinus.dev/v1alpha1
kind: Environment
metadata: {name: prod}
spec: {stage: prod}   # careful
"""


@pytest.fixture(autouse=True)
def delivery(tmp_path: Path) -> Path:
    """The directory of specs, which is ./delivery."""
    folder = tmp_path / "delivery"
    folder.mkdir()
    (folder / "shop.yaml").write_text(SHOP + IMAGE)
    (folder / "prod.yaml").write_text(PROD)
    return folder


def test_the_specs_are_printed_as_they_are_written(cli: Cli, snapshot: SnapshotAssertion) -> None:
    code, out, err = cli("export --namespace shop")

    assert (Code.OK, "") == (code, err)
    assert snapshot == out
    assert out == cli("export -n shop --strict")[1]


def test_built_in_templates_come_with_them(cli: Cli) -> None:
    out = cli("export --builtin-templates")[1]

    assert out.startswith(
        "# from built-in canary-standard.yaml\napiVersion: serinus.dev/v1alpha1\n"
    )
    assert out.endswith(SHOP + IMAGE)


def test_what_kubernetes_cannot_run_is_a_warning_and_strictly_a_refusal(
    cli: Cli, delivery: Path
) -> None:
    (delivery / "shop.yaml").write_text(SHOP)

    code, out, err = cli("export shop")
    assert Code.OK == code
    assert SHOP in out
    assert err.startswith("shop.yaml:7:3 spec.workload: warning: Kubernetes runs images")

    code, out, err = cli("export shop --strict")
    assert (Code.REFUSED, "") == (code, out)
    assert err.startswith("error: nothing is exported: Kubernetes would not run this as it is\n")


def test_of_damaged_specs_nothing_is_printed(cli: Cli, delivery: Path) -> None:
    (delivery / "shop.yaml").write_text(SHOP.replace("replicas: 3", "replica: x\n    prot: 1"))

    code, out, err = cli("export -o out.yaml")
    assert (Code.ERROR, "") == (code, out)
    assert "replica: unknown field" in err
    assert "prot: unknown field" in err
    assert not Path("out.yaml").exists()


def test_manifests_are_written_to_a_file_or_one_by_one(cli: Cli) -> None:
    printed = cli("export")[1]

    assert (Code.OK, "", "") == cli("export -o deep/all.yaml")
    assert printed == Path("deep/all.yaml").read_text()
    assert (Code.OK, "", "2 manifests written to deep\n") == cli("export --output-dir deep")
    assert ["all.yaml", "application-shop.yaml", "environment-prod.yaml"] == sorted(
        path.name for path in Path("deep").iterdir()
    )
    assert printed == "---\n".join(
        Path(f"deep/{name}.yaml").read_text() for name in ("environment-prod", "application-shop")
    )


@pytest.mark.parametrize(
    ("words", "code", "error"),
    [
        ("-n Shop", Code.USAGE, "error: --namespace: 'Shop' is not the name of a namespace"),
        ("-f nope.yaml", Code.USAGE, "error: there is no file nope.yaml"),
        ("-o a --output-dir b", Code.USAGE, "error: --output and --output-dir are two places"),
        ("-o delivery/all.yaml", Code.USAGE, "error: the manifests would lie among the specs"),
        ("--output-dir delivery", Code.USAGE, "error: the manifests would lie among the specs"),
        ("-o delivery/shop.yaml/x", Code.ERROR, "error: delivery/shop.yaml/x cannot be written"),
        ("shopp", Code.ERROR, "error: unknown application 'shopp'; did you mean 'shop'?"),
        ("--specs .", Code.ERROR, "error: there is nothing to export in /srv"),
    ],
)
def test_what_cannot_be_exported_is_an_error(cli: Cli, words: str, code: Code, error: str) -> None:
    found, out, err = cli(f"export {words}")

    assert (code, "") == (found, out)
    assert err.startswith(error)
