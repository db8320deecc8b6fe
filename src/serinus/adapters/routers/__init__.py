"""Routers are pure: each turns a route into documents and reads it back from them."""
