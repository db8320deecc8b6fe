"""What the router for Envoy is made of: names, matches, clusters and the table of routes."""
