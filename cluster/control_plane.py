"""The control plane: etcd, API server, controllers, scheduler."""

import ssl
import urllib.error
import urllib.request

from cluster import keys, parts, places, processes

API = "kube-apiserver"
READY = f"{places.API_ADDRESS}/readyz"
START_S = 90.0


def start() -> None:
    """Start the control plane and wait until the API server is ready."""
    start_etcd()
    start_api()
    processes.wait(API, "the API server", is_ready, START_S)
    start_controllers()
    start_scheduler()


def start_etcd() -> None:
    """Start etcd; it need not survive the machine, so it never waits for the disk."""
    client = f"http://127.0.0.1:{places.ETCD_PORT}"
    peer = f"http://127.0.0.1:{places.ETCD_PEER_PORT}"
    processes.start(
        "etcd",
        parts.program("etcd"),
        "--name=serinus",
        f"--data-dir={places.STATE / 'etcd'}",
        f"--listen-client-urls={client}",
        f"--advertise-client-urls={client}",
        f"--listen-peer-urls={peer}",
        f"--initial-advertise-peer-urls={peer}",
        f"--initial-cluster=serinus={peer}",
        "--unsafe-no-fsync",
        "--auto-compaction-retention=10m",
        "--quota-backend-bytes=4294967296",
        "--log-level=warn",
    )


def start_api() -> None:
    """Start the API server on the bridge's address, where pods reach it as well as this machine."""
    processes.start(
        API,
        parts.program("kubernetes"),
        API,
        f"--etcd-servers=http://127.0.0.1:{places.ETCD_PORT}",
        f"--bind-address={places.GATEWAY}",
        f"--secure-port={places.API_PORT}",
        f"--service-cluster-ip-range={places.SERVICE_RANGE}",
        "--authorization-mode=Node,RBAC",
        "--enable-admission-plugins=NodeRestriction",
        "--allow-privileged=true",
        f"--tls-cert-file={keys.path('server.crt')}",
        f"--tls-private-key-file={keys.path('server.key')}",
        f"--client-ca-file={keys.path('authority.crt')}",
        f"--kubelet-certificate-authority={keys.path('authority.crt')}",
        f"--kubelet-client-certificate={keys.path('api-to-kubelet.crt')}",
        f"--kubelet-client-key={keys.path('api-to-kubelet.key')}",
        "--kubelet-preferred-address-types=InternalIP",
        "--service-account-issuer=https://kubernetes.default.svc",
        f"--service-account-key-file={keys.path('accounts.key')}",
        f"--service-account-signing-key-file={keys.path('accounts.key')}",
        f"--requestheader-client-ca-file={keys.path('authority.crt')}",
        f"--requestheader-allowed-names={keys.FRONT}",
        "--requestheader-username-headers=X-Remote-User",
        "--requestheader-group-headers=X-Remote-Group",
        "--requestheader-extra-headers-prefix=X-Remote-Extra-",
        f"--proxy-client-cert-file={keys.path(f'{keys.FRONT}.crt')}",
        f"--proxy-client-key-file={keys.path(f'{keys.FRONT}.key')}",
        "--profiling=false",
    )


def start_controllers() -> None:
    """Start the controller manager."""
    kubeconfig = keys.path("controllers.kubeconfig")
    processes.start(
        "kube-controller-manager",
        parts.program("kubernetes"),
        "kube-controller-manager",
        f"--kubeconfig={kubeconfig}",
        f"--authentication-kubeconfig={kubeconfig}",
        f"--authorization-kubeconfig={kubeconfig}",
        "--bind-address=127.0.0.1",
        "--leader-elect=false",
        "--use-service-account-credentials=true",
        f"--service-account-private-key-file={keys.path('accounts.key')}",
        f"--root-ca-file={keys.path('authority.crt')}",
        "--horizontal-pod-autoscaler-sync-period=5s",
        "--kube-api-qps=200",
        "--kube-api-burst=400",
    )


def start_scheduler() -> None:
    """Start the scheduler."""
    kubeconfig = keys.path("scheduler.kubeconfig")
    processes.start(
        "kube-scheduler",
        parts.program("kubernetes"),
        "kube-scheduler",
        f"--kubeconfig={kubeconfig}",
        f"--authentication-kubeconfig={kubeconfig}",
        f"--authorization-kubeconfig={kubeconfig}",
        "--bind-address=127.0.0.1",
        "--leader-elect=false",
        "--kube-api-qps=200",
        "--kube-api-burst=400",
    )


def is_ready() -> bool:
    """Whether the API server says that it is ready."""
    trusted = ssl.create_default_context(cafile=str(keys.path("authority.crt")))
    trusted.load_cert_chain(keys.path("admin.crt"), keys.path("admin.key"))
    try:
        answer = urllib.request.urlopen(READY, timeout=2, context=trusted)  # noqa: S310  our own
        answer.close()
    except (OSError, urllib.error.URLError):
        return False
    return True
