"""The API over HTTP: views as JSON, wishes as requests, changes as a stream of events."""
