"""A small, real and deterministic world in memory, for simulation and tests."""
