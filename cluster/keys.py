"""Certificates of the cluster, and the kubeconfig files that hold them."""

import base64
import json
from pathlib import Path

import trustme

from cluster import places

FRONT = "front-proxy"
"""Name by which the API server speaks for people to an API that it passes requests on to."""

CLIENTS = {
    "admin": ("serinus-admin", "system:masters"),
    "controllers": ("system:kube-controller-manager", None),
    "scheduler": ("system:kube-scheduler", None),
    "proxy": ("system:kube-proxy", None),
    "kubelet": (f"system:node:{places.NODE}", "system:nodes"),
    "api-to-kubelet": ("serinus-api", "system:masters"),
    FRONT: (FRONT, None),
}
"""Who may ask the API server: file name → user and group."""


def make() -> None:
    """Write all certificates and kubeconfig files, with an authority that nobody else has."""
    places.KEYS.mkdir(parents=True, exist_ok=True, mode=0o700)
    authority = trustme.CA(organization_name="serinus-cluster")
    write(path("authority.crt"), authority.cert_pem.bytes())
    serving = ("kubernetes", "kubernetes.default", "kubernetes.default.svc", "localhost")
    addresses = (places.GATEWAY, places.API_SERVICE, "127.0.0.1")
    save("server", authority.issue_cert(*serving, *addresses, common_name="kubernetes"))
    save("node", authority.issue_cert(places.NODE, *addresses, common_name=places.NODE))
    save("accounts", authority.issue_cert("accounts", common_name="accounts"))
    for name, (user, group) in CLIENTS.items():
        save(name, authority.issue_cert(name, common_name=user, organization_name=group))
        write(path(f"{name}.kubeconfig"), kubeconfig(name))
    write(places.KUBECONFIG, kubeconfig("admin"))


def path(name: str) -> Path:
    """Return where a file of a certificate or kubeconfig lies."""
    return places.KEYS / name


def save(name: str, made: trustme.LeafCert) -> None:
    """Write a certificate and its private key."""
    write(path(f"{name}.crt"), made.cert_chain_pems[0].bytes())
    write(path(f"{name}.key"), made.private_key_pem.bytes())


def write(target: Path, content: bytes) -> None:
    """Write a file that only root can read."""
    target.touch(mode=0o600)
    target.write_bytes(content)


def kubeconfig(name: str) -> bytes:
    """Return the file (JSON is YAML) by which a client finds and convinces the API server."""

    def inline(file: str) -> str:
        return base64.b64encode(path(file).read_bytes()).decode()

    cluster = {
        "server": places.API_ADDRESS,
        "certificate-authority-data": inline("authority.crt"),
    }
    user = {
        "client-certificate-data": inline(f"{name}.crt"),
        "client-key-data": inline(f"{name}.key"),
    }
    context = {"cluster": "serinus", "user": name, "namespace": "default"}
    document = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": "serinus", "cluster": cluster}],
        "users": [{"name": name, "user": user}],
        "contexts": [{"name": "serinus", "context": context}],
        "current-context": "serinus",
    }
    return json.dumps(document, indent=2).encode()
