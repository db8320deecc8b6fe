"""The laboratory: where policies meet scenarios, and where it is measured what they decide."""
