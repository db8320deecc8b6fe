"""What the router for Traefik is made of: rules, and the IngressRoute of a user."""
