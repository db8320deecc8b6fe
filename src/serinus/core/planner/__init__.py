"""From what was observed to a plan: one pure function, and the table of its transitions."""
