"""Base subjects (RFC 5256 2.1), for SORT and THREAD."""

import re

from mailproto._value import value
from mailproto.message.encoded_words import decode_words

__all__ = ["Subject", "base_subject"]

_SPACES = re.compile(r"[ \t\r\n]+")
_BLOB = r"\[[^\[\]]*+\][ \t]*+"
_BLOBS = re.compile(rf"(?:{_BLOB})*+")
_REPLY = re.compile(rf"(?:re|fwd?)[ \t]*+(?:{_BLOB})?:", re.IGNORECASE)
_FORWARD_HEAD, _FORWARD_END, _TRAILER = "[fwd:", "]", "(fwd)"


@value
class Subject:
    """A subject without what replies and forwards put round it; ``is_reply`` if they have."""

    base: str
    is_reply: bool = False
    """Whether the message is a reply or forward (RFC 5256 3)."""


def base_subject(text: str | None) -> Subject:
    """Extract the base subject of a Subject field; None stands for an absent one.

    Encoded words are decoded. Letters keep their case: compare what ``casemap`` makes of them.
    Linear: nothing is cut off before all is found that has to be.
    """
    text = _SPACES.sub(" ", decode_words(text or ""))
    start, end = 0, len(text)
    is_reply = False
    while True:
        end, trailed = _without_trailers(text, start, end)
        start, led = _without_leaders(text, start, end)
        is_reply = is_reply or trailed or led
        head = text[start : min(start + len(_FORWARD_HEAD), end)]
        if head.lower() != _FORWARD_HEAD or text[end - 1] != _FORWARD_END:
            return Subject(text[start:end], is_reply)
        start, end = start + len(_FORWARD_HEAD), end - 1
        is_reply = True


def _without_trailers(text: str, start: int, end: int) -> tuple[int, bool]:
    """Where the text ends without its trailers, and whether one of them is ``(fwd)``."""
    found = False
    while end > start:
        if text[end - 1] == " ":
            end -= 1
        elif text[max(start, end - len(_TRAILER)) : end].lower() == _TRAILER:
            end -= len(_TRAILER)
            found = True
        else:
            break
    return end, found


def _without_leaders(text: str, start: int, end: int) -> tuple[int, bool]:
    """Where the text begins without leaders and blobs, and whether ``re`` or ``fwd`` was there.

    A last blob that nothing follows is the base subject itself.
    """
    found = False
    while True:
        while start < end and text[start] == " ":
            start += 1
        blobs = _BLOBS.match(text, start, end)
        after = blobs.end() if blobs else start
        reply = _REPLY.match(text, after, end)
        if reply is None:
            break
        start = reply.end()
        found = True
    if after == end > start:
        return text.rindex("[", start, end), found
    return after, found
