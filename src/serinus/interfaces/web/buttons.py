"""
The words of buttons, in sentences that name commands.

Sentences are made once, for the command line, for notices and for pages: what a person does next
stands in them as a command (``serinus next -m REASON``). Who reads a page has its button before
them: “Next step”.
"""

import re

from serinus.core.state.intent import Verb
from serinus.interfaces.web import acts

_COMMAND = re.compile(rf"serinus ({'|'.join(acts.WORDS)})\b( -m REASON)?")


def named(sentence: str) -> str:
    """Name the buttons of a page where a sentence names commands."""
    return _COMMAND.sub(_button, sentence)


def _button(found: re.Match[str]) -> str:
    word = f"“{acts.WORDS[Verb(found[1])]}”"
    return f"{word} with a reason" if found[2] else word
