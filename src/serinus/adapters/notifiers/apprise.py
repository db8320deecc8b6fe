"""
Tell a place that Apprise knows (https://appriseit.com): a chat, a mailbox, a pager, a web address.

The address of a place is a secret, because it is also the key to it; people call it by the secret's
name. Apprise waits for answers of any length and writes addresses into its log, so every message is
sent by a process of its own, which has little time, little memory and no log, and of which one word
comes back::

    this module ── address, message ──▶ python -m … ──▶ Slack, mail, …
                ◀── "sent", "404", … ──
"""

import json
import logging
import re
import resource
import subprocess
import sys
from collections.abc import Mapping
from typing import Any

import anyio
import msgspec

from serinus.ports.failures import PortFailure, Rejected, Unavailable
from serinus.ports.notifier import Message
from serinus.ports.secrets import Secrets

TIMEOUT_S = 20.0
"""How long a message may take, the start of its process included."""

SCHEMAS = frozenset(
    {
        *("json", "jsons", "xml", "xmls", "form", "forms", "apprise", "apprises"),
        *("mailto", "mailtos", "mailgun", "sendgrid", "ses", "postmark", "brevo", "resend"),
        *("sparkpost", "smtp2go", "mailersend", "o365"),
        *("slack", "discord", "workflow", "workflows", "wxteams", "webex", "gchat", "mmost"),
        *("mmosts", "rocket", "rockets", "matrix", "matrixs", "zulip", "tgram", "signal"),
        *("signals", "whatsapp", "line", "xmpp", "xmpps", "irc", "ircs", "nctalk", "nctalks"),
        *("twist", "ryver", "guilded", "revolt", "flock", "dingtalk", "feishu", "lark", "wecombot"),
        *("mastodon", "mastodons", "toot", "toots", "synology", "synologys", "zoom", "cliq"),
        *("zcliq", "zohocliq"),
        *("pagerduty", "pagertree", "opsgenie", "victorops", "splunk", "squadcast", "goalert"),
        *("goalerts", "ilert", "signl4", "betterstack", "incidentio", "spike", "firehydrant"),
        *("jira", "github"),
        *("ntfy", "ntfys", "gotify", "gotifys", "pover", "pbul", "push", "pushdeer", "pushdeers"),
        *("prowl", "join", "bark", "barks", "simplepush", "onesignal", "pushy", "ifttt", "hassio"),
        *("hassios", "notifiarr"),
        *("sns", "twilio", "vonage", "nexmo", "plivo", "sinch", "msgbird", "clicksend", "mqtt"),
        *("mqtts", "rsyslog"),
    }
)
"""What sends over the network. Nothing else is used: no desktop, no local log, no command."""

_PAGES = frozenset({"http", "https"})
_LOCAL = frozenset(
    {
        *("exec", "file", "syslog", "blink1"),
        *("dbus", "qt", "kde", "glib", "gio", "gnome", "macosx", "windows"),
    }
)
_MEMORY = 512 * 1024 * 1024
_STATUS = re.compile(r"\berror=(?P<status>[1-5][0-9]{2})\b")
_NEVER = frozenset({"400", "401", "403", "404", "405", "410"})
_SENT, _FAILED, _UNKNOWN, _REFUSED, _ABSENT = "sent", "failed", "unknown", "refused", "absent"
_NOISE = 200


class Notifier:
    """
    Tell one place; see :class:`serinus.ports.notifier.Notifier` for the contract.

    ``place`` is the name of the secret that holds its address.
    """

    def __init__(self, place: str, secrets: Secrets) -> None:
        self._place = place
        self._secrets = secrets

    async def send(self, message: Message) -> None:
        """Send, within a limited time."""
        address = self._secrets.get(self._place).text
        refused = _refusal(self._place, address)
        if refused is not None:
            raise refused
        told = json.dumps({"address": address, "message": msgspec.to_builtins(message)}).encode()
        command = [sys.executable, "-P", "-m", __name__]
        try:
            with anyio.fail_after(TIMEOUT_S):
                done = await anyio.run_process(
                    command, input=told, stderr=subprocess.DEVNULL, check=False
                )
        except TimeoutError:
            raise Unavailable(
                f"the place '{self._place}' did not answer within {TIMEOUT_S:g} s"
            ) from None
        except OSError as exc:
            raise Unavailable(f"'{self._place}' cannot be told: {exc.strerror}") from exc
        word = done.stdout[:_NOISE].decode(errors="replace").strip()
        failure = outcome(self._place, word)
        if failure is not None:
            raise failure


def outcome(place: str, word: str) -> PortFailure | None:
    """Return what the word of the process that sent means, None for sent."""
    match word:
        case "sent":
            return None
        case "unknown":
            return _unusable(place)
        case "refused":
            return _other(place)
        case "absent":
            return Rejected(
                "notifications need the package apprise, which is not installed",
                hint="pip install 'serinus[notify]'",
            )
        case _:
            status = word if word.isdecimal() else ""
            answered = f": it answered {status}" if status else ""
            kind = Rejected if status in _NEVER else Unavailable
            return kind(f"the place '{place}' did not take the message{answered}")


def _refusal(place: str, address: str) -> Rejected | None:
    """Return why an address is not used, as far as its scheme tells."""
    scheme, colon, _ = address.partition("://")
    scheme = scheme.strip().lower()
    if not colon:
        return _unusable(place)
    if scheme in _LOCAL:
        return Rejected(
            f"the place '{place}' is refused: {scheme}:// does not send over the network",
            hint="a chat, mail, or jsons://host/path",
        )
    return None if scheme in SCHEMAS | _PAGES else _other(place)


def _unusable(place: str) -> Rejected:
    return Rejected(
        f"the secret '{place}' is not the address of a place",
        why="Apprise cannot read it",
        hint="an address such as slack://… or mailtos://…: https://appriseit.com/services",
    )


def _other(place: str) -> Rejected:
    return Rejected(
        f"the place '{place}' is refused: its kind of address is not used here",
        why=f"known: {', '.join(sorted(SCHEMAS))}",
        hint="jsons://host/path reaches a program of your own",
    )


# --- the process that sends -----------------------------------------------------------------------


class _Statuses(logging.Handler):
    """Remember the last status of HTTP that Apprise complained about, and nothing else of it."""

    last = ""

    def emit(self, record: logging.LogRecord) -> None:
        """Take in one line."""
        found = _STATUS.search(record.getMessage())
        self.last = found["status"] if found else self.last


def deliver(address: str, message: Mapping[str, Any]) -> str:
    """Send a message, and say in a word what became of it; it may take long."""
    try:
        import apprise  # noqa: PLC0415 - an extra, and large: only the process that sends has it
        from apprise import plugins  # noqa: PLC0415 - the same
    except ImportError:
        return _ABSENT
    statuses = _Statuses()
    log = logging.getLogger("apprise")
    log.handlers, log.propagate = [statuses], False
    asset = apprise.AppriseAsset(
        app_id="Serinus",
        app_desc="Serinus",
        app_url="",
        async_mode=False,
        allow_templates=False,
        http_redirects=False,
        image_url_mask="",
        image_url_logo="",
        secure_logging=True,
        service_timeout=0,
        storage_mode="memory",
    )
    parsed = plugins.url_to_dict(address)  # type: ignore[no-untyped-call]  # it has no types
    if not parsed:
        return _UNKNOWN
    if parsed["schema"] not in SCHEMAS:
        return _REFUSED
    place = apprise.Apprise.instantiate(parsed, asset=asset)
    if place is None:
        return _UNKNOWN
    sender = apprise.Apprise(asset=asset)
    sender.add(place)
    sent = sender.notify(
        title=message["title"],
        body=message["body"],
        notify_type=message["severity"],
        body_format=apprise.NotifyFormat.TEXT,
    )
    return _SENT if sent else statuses.last or _FAILED


def main() -> None:
    """Send what comes in, and print the word."""
    resource.setrlimit(resource.RLIMIT_DATA, (_MEMORY, _MEMORY))
    told = json.loads(sys.stdin.buffer.read())
    print(deliver(told["address"], told["message"]))  # noqa: T201 - the one word


if __name__ == "__main__":
    main()
