"""A Kubernetes cluster: its API server holds specs and state, its pods serve."""
