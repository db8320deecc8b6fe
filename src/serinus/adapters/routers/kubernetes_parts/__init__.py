"""What all routers of a cluster are made of: Services, and a route told beside them."""
