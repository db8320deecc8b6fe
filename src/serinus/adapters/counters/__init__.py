"""How products count requests: one pure file for each dialect of their metrics."""
