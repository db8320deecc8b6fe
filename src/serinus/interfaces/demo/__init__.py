"""The demonstration: a small shop, steady traffic, and three releases that tell their own story."""
