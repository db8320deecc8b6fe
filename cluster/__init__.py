"""
A real Kubernetes on one machine, for tests: real pods, real kubelet, real routers, no registry.

    parts          what is built from where, at which version, and where the result lies
    places         files, addresses and ports of the cluster
    keys           certificates, and the kubeconfig files that hold them
    processes      programs that outlive the command that started them
    network        the bridge of the pods, and what the kernel must allow
    control_plane  etcd, API server, controllers, scheduler
    node           containerd, kubelet, kube-proxy
    images         images made without a container engine, and put into containerd
    leftovers      all that a cluster may leave on a machine, and its end
    kubectl        questions to the cluster
    crds           definitions of other projects' objects
    traefik        a real router on this machine: three in one
    istio          another one: istiod and Envoy
    usage          what pods use, as `kubectl top` shows it
    prometheus     the numbers of routers and containers, with their history
    kwok           nodes that only pretend, by the thousand
    up, down       the two commands

It is test equipment: the package `serinus` never imports it.
"""
