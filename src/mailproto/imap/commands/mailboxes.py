"""Commands about mailboxes: selecting, naming, listing them (RFC 9051 6.3, 6.4)."""

from typing import ClassVar

from mailproto._value import field, value
from mailproto.imap.commands.base import Command, Options
from mailproto.imap.sequence_set import SequenceSet

__all__ = [
    "Check",
    "Close",
    "Create",
    "Delete",
    "Examine",
    "List",
    "Lsub",
    "NamespaceCommand",
    "QResync",
    "Rename",
    "Rlist",
    "Rlsub",
    "Select",
    "Status",
    "Subscribe",
    "Unselect",
    "Unsubscribe",
    "Xlist",
]


@value
class QResync:
    """QRESYNC: what the client knows of a mailbox (RFC 7162 3.2.5).

    ``known_uids`` None stands for all of them; ``sequence_match`` are message numbers and the
    UIDs that they had.
    """

    uid_validity: int
    modseq: int
    known_uids: SequenceSet | None = None
    sequence_match: tuple[SequenceSet, SequenceSet] | None = None


@value
class Select(Command):
    """SELECT (RFC 9051 6.3.2).

    ``parameters`` are CONDSTORE (RFC 7162 3.1.8), QRESYNC with a :class:`QResync`, ANNOTATE
    (RFC 5257 4.2) and whatever is unknown.
    """

    name: ClassVar[str] = "SELECT"
    mailbox: str
    parameters: Options = ()


@value
class Examine(Select):
    """EXAMINE: SELECT, but nothing can be changed (RFC 9051 6.3.3)."""

    name: ClassVar[str] = "EXAMINE"


@value
class Create(Command):
    """CREATE; the parameter USE has a tuple of attributes (RFC 9051 6.3.4, RFC 6154 3)."""

    name: ClassVar[str] = "CREATE"
    mailbox: str
    parameters: Options = ()


@value
class Delete(Command):
    """DELETE (RFC 9051 6.3.5)."""

    name: ClassVar[str] = "DELETE"
    mailbox: str


@value
class Rename(Command):
    """RENAME; nothing is known of parameters, but they may come (RFC 9051 6.3.6, RFC 4466 2.3)."""

    name: ClassVar[str] = "RENAME"
    mailbox: str
    new_name: str
    parameters: Options = ()


@value
class Subscribe(Command):
    """SUBSCRIBE (RFC 9051 6.3.7)."""

    name: ClassVar[str] = "SUBSCRIBE"
    mailbox: str


@value
class Unsubscribe(Command):
    """UNSUBSCRIBE (RFC 9051 6.3.8)."""

    name: ClassVar[str] = "UNSUBSCRIBE"
    mailbox: str


@value
class List(Command):
    """LIST (RFC 9051 6.3.9, RFC 5258 3).

    In ``patterns`` ``*`` and ``%`` mean something. ``selection`` are options such as
    SUBSCRIBED, REMOTE, RECURSIVEMATCH and SPECIAL-USE, ``returns`` such as CHILDREN,
    SUBSCRIBED, SPECIAL-USE (RFC 6154), MYRIGHTS (RFC 8440), STATUS with a tuple of items
    (RFC 5819), METADATA with a tuple of entries (RFC 9590). None: the options are not given.
    """

    name: ClassVar[str] = "LIST"
    reference: str
    patterns: tuple[str, ...]
    selection: Options | None = field(default=None, kw_only=True)
    returns: Options | None = field(default=None, kw_only=True)


@value
class Lsub(Command):
    """LSUB: subscribed mailboxes (RFC 3501 6.3.9)."""

    name: ClassVar[str] = "LSUB"
    reference: str
    pattern: str


@value
class Xlist(Lsub):
    """XLIST: mailboxes and their uses, Gmail's forerunner of SPECIAL-USE."""

    name: ClassVar[str] = "XLIST"


@value
class Rlist(Lsub):
    """RLIST: mailboxes, on other servers too (RFC 2193 5)."""

    name: ClassVar[str] = "RLIST"


@value
class Rlsub(Lsub):
    """RLSUB: subscribed mailboxes, on other servers too (RFC 2193 5)."""

    name: ClassVar[str] = "RLSUB"


@value
class NamespaceCommand(Command):
    """NAMESPACE (RFC 9051 6.3.10)."""

    name: ClassVar[str] = "NAMESPACE"


@value
class Status(Command):
    """STATUS: names of items (RFC 9051 6.3.11)."""

    name: ClassVar[str] = "STATUS"
    mailbox: str
    items: tuple[str, ...]


@value
class Check(Command):
    """CHECK (RFC 3501 6.4.1)."""

    name: ClassVar[str] = "CHECK"


@value
class Close(Command):
    """CLOSE: expunges and leaves the mailbox (RFC 9051 6.4.1)."""

    name: ClassVar[str] = "CLOSE"


@value
class Unselect(Command):
    """UNSELECT: leaves the mailbox and expunges nothing (RFC 9051 6.4.2)."""

    name: ClassVar[str] = "UNSELECT"
