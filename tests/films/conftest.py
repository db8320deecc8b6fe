"""Films are kept as texts: one file a film, to be read by a person before it is accepted."""

from tests.texts import told as told
