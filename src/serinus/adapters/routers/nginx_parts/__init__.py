"""What the router for ingress-nginx is made of: its annotations, and the Ingress of a user."""
