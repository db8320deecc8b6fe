"""Definitions of other projects' objects, taken from their Go modules."""

from pathlib import Path

from cluster import kubectl, parts

GATEWAY_API = ("sigs.k8s.io/gateway-api", "v1.6.1", "config/crd/standard")
TRAEFIK = (
    "github.com/traefik/traefik/v3",
    "v3.7.13",
    "docs/content/reference/dynamic-configuration/kubernetes-crd-definition-v1.yml",
)
ISTIO = ("istio.io/istio", parts.ISTIO, "manifests/charts/base/files/crd-all.gen.yaml")


def install(module: str, version: str, inside: str) -> None:
    """Apply the definitions in a file or folder of a module, and wait until they are served."""
    place = parts.module(module, version) / inside
    files = [place] if place.is_file() else definitions(place)
    named = [word for path in files for word in ("-f", str(path))]
    kubectl.run("apply", "--server-side", "--force-conflicts", *named)
    kubectl.run("wait", "--for=condition=Established", "--timeout=30s", *named)


def definitions(folder: Path) -> list[Path]:
    """Return the files of a folder that define objects; policies about them are not for a test."""
    return [p for p in sorted(folder.glob("*.yaml")) if "CustomResourceDefinition" in p.read_text()]
