"""Notifiers: one file for each way of reaching people."""
