"""The numbers that the project promises, measured; each module can be run alone."""
