"""The outside world, one file for each product; nothing here decides anything."""
