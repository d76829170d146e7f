"""What most of a session consists of, read by one regular expression each.

These lines break no rule. What is not recognised here goes the general way, in ``codec``, which
would give the same result for all of them, only ten times as slowly.
"""

import re
from functools import lru_cache
from typing import Any

from mailproto._buffer import ReceiveBuffer
from mailproto.limits import SmtpLimits
from mailproto.smtp import commands as c
from mailproto.smtp.addresses import MAX_DOMAIN, PLAIN_MAILBOX
from mailproto.smtp.commands import Body, Command
from mailproto.smtp.replies import EnhancedCode, Reply

__all__ = ["take_usual_command", "take_usual_reply", "usual_command", "usual_reply"]

_BARE = {command.verb.encode(): command for command in (c.Data(), c.Rset(), c.Noop(), c.Quit())}
_COMMAND = re.compile(
    rb"((?i:RCPT TO):<(%b)>\r\n"
    rb"|(?i:MAIL FROM):<((?:%b)?)>(?i: SIZE=([0-9]{1,20}))?(?i: BODY=(7BIT|8BITMIME))?\r\n"
    rb"|(?i:(%b))\r\n)" % (PLAIN_MAILBOX, PLAIN_MAILBOX, b"|".join(_BARE))
)
_LONGEST_COMMAND = MAX_DOMAIN  # so no domain is too long
_BODY: dict[bytes, Body] = {b"7BIT": "7BIT", b"8BITMIME": "8BITMIME"}

# Every line has the same code, and the same enhanced code or none, which is not all of it.
_REPLY = re.compile(
    rb"(?=(([2-5])[0-9][0-9])[ -](?!\2[0-9.]*\r)((?:(?!3)\2\.[0-9]{1,3}\.[0-9]{1,3} )?+))"
    rb"((?:\1-\3[\t -~]*+\r\n)*+\1 \3[\t -~]*+)\r\n"
)
_SHORTEST_LINE = len(b"250 \r\n")


def usual_command(line: bytes) -> Command | None:
    """Parse a command line; None says nothing about it but that it is not usual."""
    found = _COMMAND.fullmatch(line) if len(line) <= _LONGEST_COMMAND else None
    return None if found is None else _command(found.groups())


def take_usual_command(buffer: ReceiveBuffer, limit: int) -> tuple[bytes, Command] | None:
    """Take a command of up to ``limit`` bytes off ``buffer``; return its line and what it says.

    None and nothing taken if it is not usual or not complete.
    """
    longest = limit if limit < _LONGEST_COMMAND else _LONGEST_COMMAND  # min() takes a call
    found = buffer.take_match(_COMMAND, longest)
    return None if found is None else (found[0], _command(found))


def _command(found: tuple[Any, ...]) -> Command:
    _, recipient, sender, size, body, verb = found
    if recipient is not None:
        return c.Rcpt(recipient.decode())
    if sender is None:
        return _BARE[verb.upper()]
    if size is body is None:
        return c.Mail(sender.decode())
    return c.Mail(
        sender.decode(),
        size=None if size is None else int(size),
        body=None if body is None else _BODY[body.upper()],
    )


def usual_reply(data: bytes) -> Reply | None:
    """Parse all lines of a reply; None says nothing about it but that it is not usual."""
    found = _REPLY.fullmatch(data)
    return None if found is None else _reply(found.groups())


def longest_usual_reply(limits: SmtpLimits) -> int:
    """Return how many bytes go over neither limit, however they are cut into lines."""
    return min(limits.reply_line, _SHORTEST_LINE * limits.reply_lines)


def take_usual_reply(buffer: ReceiveBuffer, limit: int) -> Reply | None:
    """Take a reply of up to ``limit`` bytes off ``buffer``.

    None and nothing taken if it is not usual or not complete.
    """
    found = buffer.take_match(_REPLY, limit)
    return None if found is None else _reply(found)


def _reply(found: tuple[bytes, ...]) -> Reply:
    code, _, prefix, lines = found
    number, enhanced, start, continued, last = _head(code, prefix)
    text = lines.decode()[start:]
    if "\r" in text:
        text = text.replace(continued, "\n").replace(last, "\n")
    return Reply(number, text, enhanced)


@lru_cache(maxsize=256)
def _head(code: bytes, prefix: bytes) -> tuple[int, EnhancedCode | None, int, str, str]:
    """Parse what stands before the text of each line, tell how long it is and how it looks."""
    enhanced, _ = EnhancedCode.split(prefix.decode(), prefix[:1].decode())
    continued, last = (b"\r\n%b%b%b" % (code, mark, prefix) for mark in (b"-", b" "))
    start = len(last) - len(b"\r\n")
    return int(code), enhanced, start, continued.decode(), last.decode()
