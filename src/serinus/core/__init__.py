"""What is true about progressive delivery: pure functions and frozen values, no clock, no I/O."""
