#!/bin/sh
# A cluster in namespaces of its own, for a test of its death and its end: `unshare … sh box.sh FOLDER PYTHON`.
set -eu
folder=$1
python=$2
kubectl=$(dirname "$python")/kubectl
export SERINUS_CLUSTER_CGROUP=serinus-box KUBECONFIG=/var/lib/serinus-cluster/kubeconfig

# Nothing of the machine's own cluster is seen from here.
mount --make-rprivate /
for _ in 1 2 3; do
    grep -oE ' /var/lib/serinus-cluster[^ ]*' /proc/self/mountinfo | sort -r | xargs -r -n 1 umount -l 2>/dev/null || true
done
mkdir -p "$folder/lib"
mount --bind "$folder/lib" /var/lib
mount -t tmpfs none /run
ip link set lo up

run_pods() {
    "$kubectl" create deployment shop --image=podinfo:6.0.0 --replicas=2
    "$kubectl" rollout status deployment/shop --timeout=90s
}

"$python" -m cluster.up --bare
run_pods
echo "everything is killed"
for path in /proc/[0-9]*; do
    pid=${path#/proc/}
    if [ "$pid" != 1 ] && [ "$pid" != $$ ]; then kill -9 "$pid" 2>/dev/null || true; fi
done
"$python" -m cluster.up --bare
run_pods
"$python" -m cluster.down
echo "left in the folder: $(ls "$folder/lib")"
echo "left of control groups: $(find /sys/fs/cgroup -maxdepth 2 -name serinus-box)"
