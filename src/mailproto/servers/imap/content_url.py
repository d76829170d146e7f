"""IMAP URLs of CATENATE: a message of the same account, or a part of it (RFC 5092, RFC 4469 3)."""

import re
from collections.abc import AsyncGenerator
from contextlib import aclosing
from urllib.parse import unquote

from mailproto.imap import Section
from mailproto.message import Span, locate, select_fields
from mailproto.servers.imap.content import Content
from mailproto.servers.imap.session import ImapSession
from mailproto.stores import Mailbox

__all__ = ["BadContentUrl", "open_url"]

_URL = re.compile(
    r"(?:/(?P<mailbox>[^;/?#][^;?#]*?)?(?:;UIDVALIDITY=(?P<validity>[1-9][0-9]{0,9}))?/?)?"
    r";UID=(?P<uid>[1-9][0-9]{0,9})(?:/;SECTION=(?P<section>[^;?#]+))?"
    r"(?:/;PARTIAL=(?P<origin>[0-9]{1,19})(?:\.(?P<length>[1-9][0-9]{0,18}))?)?",
    re.IGNORECASE,
)


class BadContentUrl(Exception):
    """The URL can not be used: it is malformed, or names nothing that is here."""


async def open_url(session: ImapSession, url: str) -> AsyncGenerator[bytes, None]:
    """Yield what a URL stands for. Raises :class:`BadContentUrl`, :class:`StoreError`.

    It is relative to the server, as in ``/INBOX;UIDVALIDITY=1/;UID=20/;SECTION=1.2``; without
    a mailbox it is of the selected one.
    """
    found = _URL.fullmatch(url)
    if found is None:
        raise BadContentUrl("That is no URL of a message here")
    mailbox = await _mailbox(session, found["mailbox"])
    state = await mailbox.state()
    if found["validity"] and int(found["validity"]) != state.uid_validity:
        raise BadContentUrl("UIDVALIDITY is another one")
    uid = int(found["uid"])
    infos = await mailbox.find([uid])
    if not infos:
        raise BadContentUrl("There is no such message")
    content = session.content(infos[0], mailbox)
    origin = int(found["origin"] or 0)
    length = int(found["length"]) if found["length"] else None
    span, fields = await _section(content, unquote(found["section"] or ""))
    if fields is not None:
        end = None if length is None else origin + length
        yield fields[origin:end]
        return
    start = min(span.start + origin, span.end)
    end = span.end if length is None else min(start + length, span.end)
    async with aclosing(content.stream(Span(start, end))) as pieces:
        async for piece in pieces:
            yield piece


async def _mailbox(session: ImapSession, name: str | None) -> Mailbox:
    if name is not None:
        return await session.account.mailbox(unquote(name))
    if session.selected is None:
        raise BadContentUrl("No mailbox is selected")
    return session.selected.mailbox


async def _section(content: Content, text: str) -> tuple[Span, bytes | None]:
    """Return the octets of a section; if they are chosen header fields, these themselves."""
    try:
        section = Section.parse(f"BODY[{text}]")
    except ValueError as error:
        raise BadContentUrl("That is no section") from error
    span = locate(await content.structure(), section)
    if span is None:
        raise BadContentUrl("There is no such part")
    if not section.fields:
        return span, None
    inverse = section.text == "HEADER.FIELDS.NOT"
    return span, select_fields(await content.read(span), section.fields, inverse=inverse)
