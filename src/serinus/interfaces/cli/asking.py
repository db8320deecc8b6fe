"""
Questions on a terminal, or their answers from a pipe.

On a terminal a wrong answer is told and asked for again. In a pipe nobody would hear that, and the
next line would answer another question: it ends the command.
"""

import shutil
import sys
import textwrap
from collections.abc import Sequence

from serinus.interfaces.cli.trouble import Code, Trouble

LONGEST = 10_000
"""Characters of one answer."""

NARROW = 20
"""Columns in which nothing is wrapped."""

YES, NO = frozenset({"y", "yes"}), frozenset({"n", "no"})


class Asker:
    """
    Asks one thing after the other.

    ``silent``: nobody is asked, and every answer is the default.
    """

    def __init__(self, *, silent: bool = False) -> None:
        self.silent = silent
        self.terminal = sys.stdin.isatty()

    def say(self, sentence: str) -> None:
        """Tell something that helps to answer."""
        if not self.silent:
            print(sentence)

    def ask(self, question: str, default: str = "") -> str:
        """Return the answer in one line, the default where there is none."""
        if self.silent:
            return default
        prompt = f"{question} [{default}]: " if default else f"{question}: "
        return self._line(prompt).strip() or default

    def confirm(self, question: str, *, default: bool) -> bool:
        """Return whether the answer is yes."""
        if self.silent:
            return default
        while True:
            said = self._line(f"{question} [{'Y/n' if default else 'y/N'}]: ").strip().lower()
            if not said:
                return default
            if said in YES | NO:
                return said in YES
            self.refuse(f"'{said}' is neither yes nor no")

    def choose(self, options: Sequence[tuple[str, str]]) -> None:
        """Show what can be chosen by its number, each with what speaks for it."""
        if self.silent:
            return
        width = max((len(name) for name, _ in options), default=0)
        for number, (name, why) in enumerate(options, start=1):
            line = f"  {number:>2}  {name:<{width}}  "
            print(self._wrapped(line, why).rstrip())

    def refuse(self, why: str, flag: str = "") -> None:
        """Tell that an answer is wrong; where it cannot be asked for again that is the end."""
        if flag or self.silent or not self.terminal:
            raise Trouble(
                f"{flag}: {why}" if flag else why, hint="serinus init --help", code=Code.USAGE
            )
        print(f"  {why}")

    def _wrapped(self, head: str, text: str) -> str:
        """Write a text beside its head; on a terminal it goes on below itself, not below that."""
        room = shutil.get_terminal_size().columns - len(head) if self.terminal else 0
        if room < NARROW:
            return head + text
        return head + textwrap.fill(text, room).replace("\n", "\n" + " " * len(head))

    def _line(self, prompt: str) -> str:
        print(prompt, end="", flush=True)
        try:
            line = sys.stdin.readline(LONGEST)
        except UnicodeDecodeError as problem:
            raise Trouble("an answer is not UTF-8", code=Code.USAGE) from problem
        if not line:
            raise Trouble(
                f"the answers ended at: {prompt.strip()}",
                why="nothing was written",
                hint="serinus init --help   (every question has a flag; --yes asks nothing)",
                code=Code.USAGE,
            )
        if not self.terminal:
            print(line.strip())
        return line
