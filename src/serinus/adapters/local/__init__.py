"""This machine as a platform: processes behind an Envoy, and a store of YAML and SQLite."""
