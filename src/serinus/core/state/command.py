"""
A command that a person may type next, as far as it does not depend on where they are.

Who shows it adds what that place needs, such as ``--cluster``: the same release is looked at from a
terminal on the machine, from far away, and in a chat.
"""

import msgspec


class Command(msgspec.Struct, frozen=True, rename="camel", omit_defaults=True):
    """
    A verb of the command line, and the application that it is about.

    ``rest``: what is typed behind the application, such as ``-m REASON``. ``about``: what is said
    beside it, and not typed.
    """

    verb: str
    application: str = ""
    rest: str = ""
    about: str = ""

    def text(self, place: str = "") -> str:
        """Write it as it is typed; ``place``: the options that lead to where the reader looks."""
        words = ("serinus", self.verb, self.application, self.rest, place)
        typed = " ".join(word for word in words if word)
        return f"{typed}   ({self.about})" if self.about else typed
