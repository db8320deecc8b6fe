"""Progressive delivery: every change is a small, reversible experiment."""
