"""Response codes: what a status response says to the machine (RFC 9051 7.1, RFC 5530).

A code with arguments has a class; all others, the unknown included, are :class:`ResponseCode`.
``code.name`` serves all of them.
"""

from collections.abc import Iterator

from mailproto._value import value
from mailproto.imap.capabilities import Capabilities
from mailproto.imap.sequence_set import SequenceSet

__all__ = [
    "AnnotateCode",
    "Annotations",
    "AppendUid",
    "BadCharset",
    "BadEvent",
    "BadUrl",
    "CapabilityCode",
    "Code",
    "CopyUid",
    "HighestModSeq",
    "InProgress",
    "MailboxId",
    "MaxConvertMessages",
    "MaxConvertParts",
    "MessageLimit",
    "MetadataCode",
    "Modified",
    "NoUpdate",
    "PermanentFlags",
    "Referral",
    "ResponseCode",
    "UidNext",
    "UidValidity",
    "UndefinedFilter",
    "Unseen",
    "UrlMech",
]


@value
class Code:
    """Base class of the response codes."""

    @property
    def name(self) -> str:
        """The code's name in upper case."""
        raise NotImplementedError


@value
class ResponseCode(Code):
    """A code without an argument, such as ``ResponseCode("ALERT")``, or one nobody knows.

    ``argument`` is the text behind the name of the latter.
    """

    name: str
    argument: str | None = None


@value
class BadCharset(Code):
    """BADCHARSET with the charsets that the server knows (RFC 9051 7.1)."""

    name = "BADCHARSET"
    charsets: tuple[str, ...] = ()


@value
class CapabilityCode(Code):
    """CAPABILITY, as the response of that name (RFC 9051 7.1)."""

    name = "CAPABILITY"
    capabilities: Capabilities


@value
class PermanentFlags(Code):
    r"""PERMANENTFLAGS: what can be changed for good; ``\*`` is any keyword (RFC 9051 7.1)."""

    name = "PERMANENTFLAGS"
    flags: tuple[str, ...]


@value
class UidNext(Code):
    """UIDNEXT: the UID that the next message gets (RFC 9051 7.1)."""

    name = "UIDNEXT"
    uid: int


@value
class UidValidity(Code):
    """UIDVALIDITY (RFC 9051 7.1)."""

    name = "UIDVALIDITY"
    uid_validity: int


@value
class Unseen(Code):
    """UNSEEN: the number of the first unseen message (RFC 3501 7.1)."""

    name = "UNSEEN"
    number: int


@value
class AppendUid(Code):
    """APPENDUID: where APPEND put the messages (RFC 4315 3, RFC 9051 7.1)."""

    name = "APPENDUID"
    uid_validity: int
    uids: SequenceSet


@value
class CopyUid(Code):
    """COPYUID: where COPY or MOVE put the messages (RFC 4315 3, RFC 9051 7.1)."""

    name = "COPYUID"
    uid_validity: int
    source: SequenceSet
    destination: SequenceSet

    def pairs(self) -> Iterator[tuple[int, int]]:
        """Yield each source UID with the UID of its copy, one by one.

        Raises :class:`ValueError` if the sets differ in size.
        """
        return zip(self.source, self.destination, strict=True)


@value
class BadUrl(Code):
    """BADURL: the URL of a CATENATE that can not be used (RFC 4469 4.1)."""

    name = "BADURL"
    url: str


@value
class HighestModSeq(Code):
    """HIGHESTMODSEQ of the mailbox (RFC 7162 3.1.2.1)."""

    name = "HIGHESTMODSEQ"
    modseq: int


@value
class Modified(Code):
    """MODIFIED: messages that a conditional STORE left alone (RFC 7162 3.1.3)."""

    name = "MODIFIED"
    numbers: SequenceSet


@value
class UrlMech(Code):
    """URLMECH: the mechanisms of URLAUTH, each with ``=`` and its data, if any (RFC 4467 7)."""

    name = "URLMECH"
    mechanisms: tuple[str, ...]


@value
class AnnotateCode(Code):
    """ANNOTATE with ``"TOOBIG"`` or ``"TOOMANY"`` (RFC 5257 4.4)."""

    name = "ANNOTATE"
    reason: str


@value
class Annotations(Code):
    """ANNOTATIONS: what a mailbox can hold (RFC 5257 4.1).

    ``size`` is the greatest number of octets of a value or ``"NONE"`` or ``"READ-ONLY"``.
    """

    name = "ANNOTATIONS"
    size: int | str
    no_private: bool = False


@value
class MaxConvertMessages(Code):
    """MAXCONVERTMESSAGES: messages that one CONVERT may name (RFC 5259 9.2)."""

    name = "MAXCONVERTMESSAGES"
    limit: int


@value
class MaxConvertParts(Code):
    """MAXCONVERTPARTS: body parts that one CONVERT may name (RFC 5259 9.2)."""

    name = "MAXCONVERTPARTS"
    limit: int


@value
class NoUpdate(Code):
    """NOUPDATE: there will be no updates for the search with this tag (RFC 5267 4.3.1)."""

    name = "NOUPDATE"
    tag: str


@value
class MetadataCode(Code):
    """METADATA with LONGENTRIES, MAXSIZE, TOOMANY or NOPRIVATE (RFC 5464 4.2.1, 4.3).

    ``size`` is the number of octets that comes with the first two.
    """

    name = "METADATA"
    reason: str
    size: int | None = None


@value
class BadEvent(Code):
    """BADEVENT: the events that the server knows (RFC 5465 3.1)."""

    name = "BADEVENT"
    events: tuple[str, ...]


@value
class UndefinedFilter(Code):
    """UNDEFINED-FILTER: a named search that is not there (RFC 5466 3.1)."""

    name = "UNDEFINED-FILTER"
    filter: str


@value
class MailboxId(Code):
    """MAILBOXID of a new or selected mailbox (RFC 8474 4)."""

    name = "MAILBOXID"
    id: str


@value
class InProgress(Code):
    """INPROGRESS: how far a command is; None is what the server does not tell (RFC 9585 4)."""

    name = "INPROGRESS"
    tag: str | None = None
    done: int | None = None
    goal: int | None = None


@value
class MessageLimit(Code):
    """MESSAGELIMIT: only so many messages were touched, down to ``uid`` (RFC 9738 3.1)."""

    name = "MESSAGELIMIT"
    limit: int
    uid: int | None = None


@value
class Referral(Code):
    """REFERRAL: URLs to go to instead (RFC 2221 3, RFC 2193 4)."""

    name = "REFERRAL"
    urls: tuple[str, ...]
