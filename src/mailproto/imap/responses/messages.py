"""Responses about messages of the selected mailbox (RFC 9051 7.5; FETCH: see fetch)."""

from typing import ClassVar

from mailproto._value import value
from mailproto.imap.responses.base import Response
from mailproto.imap.sequence_set import SequenceSet

__all__ = ["ExpungeResponse", "UidBatchesResponse", "VanishedResponse"]


@value
class ExpungeResponse(Response):
    """EXPUNGE: one message is gone, and those behind it count one less (RFC 9051 7.5.1)."""

    name: ClassVar[str] = "EXPUNGE"
    number: int


@value
class VanishedResponse(Response):
    """VANISHED: UIDs that are gone; ``earlier`` than this session (RFC 7162 3.2.10)."""

    name: ClassVar[str] = "VANISHED"
    earlier: bool
    uids: SequenceSet


@value
class UidBatchesResponse(Response):
    """UIDBATCHES: ranges of UIDs, None if there are none (RFC 10022 3.1.2)."""

    name: ClassVar[str] = "UIDBATCHES"
    tag: str
    ranges: SequenceSet | None = None
