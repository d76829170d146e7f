"""For those who test mail programs, and for those who test mailproto: cores without I/O.

:class:`Pair` wires a client core to a server core of SMTP, :class:`Pop3Pair` those of POP3 with
a :class:`Drop` behind, :class:`ImapPair` those of IMAP with :class:`Mailboxes`;
:class:`Transcript` runs sessions as RFCs print them, ``bytewise`` and ``merged`` help to feed
bytes in any chunks.

:mod:`mailproto.testing.strategies` draws values, sessions and broken sessions; it needs
Hypothesis and is therefore not imported here.
"""

from mailproto.testing.chunking import Cut, bytewise, merged, whole
from mailproto.testing.imap_pair import ImapPair, Mailboxes, StoredMessage
from mailproto.testing.pair import Pair, Serve, default_serve
from mailproto.testing.pop3_pair import Drop, Pop3Pair
from mailproto.testing.transcript import Line, Transcript, TranscriptMismatch

__all__ = [
    "Cut",
    "Drop",
    "ImapPair",
    "Line",
    "Mailboxes",
    "Pair",
    "Pop3Pair",
    "Serve",
    "StoredMessage",
    "Transcript",
    "TranscriptMismatch",
    "bytewise",
    "default_serve",
    "merged",
    "whole",
]
