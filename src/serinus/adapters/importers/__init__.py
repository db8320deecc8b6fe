"""
Importers: how other tools write what they judge by, read as checks of ours. Pure, one file a tool.

Each defines ``NAME``, ``fits(document)`` and ``read(document, given)``.
"""
