"""What searches find (RFC 9051 7.3.4, RFC 5256)."""

from typing import Any, ClassVar, cast

from mailproto._value import field, value
from mailproto.imap.responses.base import Response
from mailproto.imap.sequence_set import SequenceSet
from mailproto.imap.threads import Thread

__all__ = ["ESearchResponse", "PartialResult", "SearchResponse", "SortResponse", "ThreadResponse"]


@value
class SearchResponse(Response):
    """SEARCH: numbers or UIDs, with the highest mod-sequence (RFC 3501 7.2.5, RFC 7162 3.1.5)."""

    name: ClassVar[str] = "SEARCH"
    numbers: tuple[int, ...] = ()
    modseq: int | None = None


@value
class SortResponse(Response):
    """SORT: numbers or UIDs in order (RFC 5256 4, RFC 7162 3.1.6)."""

    name: ClassVar[str] = "SORT"
    numbers: tuple[int, ...] = ()
    modseq: int | None = None


@value
class ThreadResponse(Response):
    """THREAD (RFC 5256 4)."""

    name: ClassVar[str] = "THREAD"
    threads: tuple[Thread, ...] = ()


@value
class PartialResult:
    """PARTIAL: a range of a search's results (RFC 9394 3.1, RFC 5267 4.4).

    ``range`` counts from 1, or from -1 backwards; ``numbers`` is None if it is empty.
    """

    range: tuple[int, int]
    numbers: SequenceSet | None = None


@value
class ESearchResponse(Response):
    """ESEARCH: what a search was asked to return (RFC 4731 3.1, RFC 9051 7.3.4).

    ``results`` are names and values in order: MIN, MAX, COUNT, MODSEQ (``int``), ALL
    (:class:`SequenceSet`), PARTIAL (:class:`PartialResult`), ADDTO and REMOVEFROM (pairs of a
    position and a set, RFC 5267 4.3), RELEVANCY (a tuple of ``int``, RFC 6203 4) and whatever
    is unknown. ``mailbox`` and ``uid_validity`` come with a search of several mailboxes
    (RFC 7377 2.1).
    """

    name: ClassVar[str] = "ESEARCH"
    tag: str | None
    uid: bool
    results: tuple[tuple[str, Any], ...] = ()
    mailbox: str | None = field(default=None, kw_only=True)
    uid_validity: int | None = field(default=None, kw_only=True)

    def get(self, name: str) -> Any:
        """The first result with a name in upper case, None if there is none."""
        return next((result for given, result in self.results if given == name), None)

    @property
    def all(self) -> SequenceSet | None:
        """ALL: the numbers or UIDs found, in the order of the search."""
        return cast("SequenceSet | None", self.get("ALL"))

    @property
    def count(self) -> int | None:
        """COUNT: how many were found."""
        return cast("int | None", self.get("COUNT"))

    @property
    def min(self) -> int | None:
        """MIN: the lowest that was found."""
        return cast("int | None", self.get("MIN"))

    @property
    def max(self) -> int | None:
        """MAX: the highest that was found."""
        return cast("int | None", self.get("MAX"))

    @property
    def modseq(self) -> int | None:
        """MODSEQ: the highest mod-sequence of what was returned (RFC 7162 3.1.10)."""
        return cast("int | None", self.get("MODSEQ"))

    @property
    def partial(self) -> PartialResult | None:
        """PARTIAL: the range that was asked for."""
        return cast("PartialResult | None", self.get("PARTIAL"))
