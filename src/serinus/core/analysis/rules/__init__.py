"""
The rules of others: one file each, in the same shape.

==================  ===========================================================================
a file defines
==================  ===========================================================================
``Settings``        what can be set (:mod:`serinus.core.spec.rules`)
``State``           all that is remembered: plain numbers that go through JSON
``advance``         take in one tick
``failed``          the sentence of what rolls back, empty without
``halted``          the sentence of what a person should look at, empty without
``reading``         how it stands, for people
==================  ===========================================================================

:mod:`~serinus.core.analysis.rules.chosen` is the door: it serves whichever a delivery chose.
"""
