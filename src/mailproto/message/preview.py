"""PREVIEW: the beginning of what a message says (RFC 8970)."""

import html
import re

from mailproto.message.charsets import decode
from mailproto.message.content import ContentFields
from mailproto.message.entity import Entity
from mailproto.message.transfer import UnknownEncoding, decode_transfer

__all__ = ["PREVIEW_OCTETS", "preview", "preview_part"]

PREVIEW_OCTETS = 16 * 1024
"""How much of the body of a part a preview is made of: style sheets stand before the text."""

_CHARACTERS = 200
_READABLE = {("text", "plain"), ("text", "html")}
_TAG_NAME = re.compile(r"</?([a-z][a-z0-9]*)", re.IGNORECASE)
_UNSEEN = {"head", "script", "style", "title"}
# Without spaces, controls and what is invisible.
_GAPS = re.compile(r"[\s\x00-\x1f\x7f-\x9f\u00ad\u034f\u200b-\u200f\u2028-\u202e\u2060\ufeff]+")


def preview_part(root: Entity) -> Entity | None:
    """Return the first part of a message that can be read, None if there is none."""
    for entity in root.walk():
        content = entity.content
        if not entity.children and content.media_type in _READABLE:
            disposition = content.disposition
            if disposition is None or disposition.type.lower() != "attachment":
                return entity
    return None


def preview(content: ContentFields, octets: bytes) -> str:
    """Make the preview of a part from the first :data:`PREVIEW_OCTETS` of its body.

    It is one line of at most 200 characters, empty if nothing can be read.
    """
    try:
        decoded = decode_transfer(octets[:PREVIEW_OCTETS], content.encoding)
    except UnknownEncoding:
        return ""
    text = decode(decoded, content.charset)
    if content.subtype.lower() == "html":
        text = _without_markup(text)
    line = _GAPS.sub(" ", text).strip()[:_CHARACTERS].rstrip()
    return line.encode("utf-8", "replace").decode()


def _without_markup(text: str) -> str:
    """Take comments, tags and what browsers do not show out of HTML; linear in any text."""
    kept: list[str] = []
    at = 0
    while (start := text.find("<", at)) >= 0:
        kept.append(text[at:start])
        at = _end_of_markup(text, start)
        kept.append(" ")
    kept.append(text[at:])
    return html.unescape("".join(kept))


def _end_of_markup(text: str, start: int) -> int:
    """Where the markup ends that begins at ``start``; what does not end goes on to the end."""
    if text.startswith("<!--", start):
        return _after(text, "-->", start)
    end = _after(text, ">", start)
    name = _TAG_NAME.match(text, start)
    if name is not None and name[1].lower() in _UNSEEN and text[start + 1] != "/":
        close = re.compile(rf"</{name[1]}\s*+>", re.IGNORECASE).search(text, end)
        return close.end() if close else len(text)
    return end


def _after(text: str, mark: str, start: int) -> int:
    found = text.find(mark, start)
    return len(text) if found < 0 else found + len(mark)
