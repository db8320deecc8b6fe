"""What is wrong with specs is kept as texts, to be read by a person before it is accepted."""

from tests.texts import told as told
