"""What is true about progressive delivery, as pure functions and frozen values: no clock, no I/O, no logging."""
