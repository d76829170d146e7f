"""What a peer may cost us: one object per protocol, enforced in the core.

Every limit gives the same verdict however the bytes were cut. An exceeded one is a
:class:`~mailproto.errors.LimitExceeded` or, where the protocol has a reply for it, a refusal
with that reply.
"""

from mailproto._value import value

__all__ = ["ImapLimits", "MessageLimits", "Pop3Limits", "SmtpLimits"]


@value
class SmtpLimits:
    """Limits of an SMTP or LMTP connection, in octets or counts; RFC 5321 4.5.3 unless noted.

    The defaults lie above the minimum that the RFC demands and below what hurts.
    """

    command_line: int = 8192
    """A command line with its CRLF. RFC 5321 asks for 512, extensions add some hundred, and a
    base64 response of AUTH may need 12,288 (RFC 4954 4), for which ``auth_line`` stands."""

    auth_line: int = 16384
    """A line within an AUTH exchange, base64 and CRLF included (RFC 4954 4)."""

    reply_line: int = 8192
    """One line of a reply with its CRLF. RFC 5321 allows 512; real servers send more."""

    reply_lines: int = 1024
    """Lines of one reply."""

    recipients: int = 1000
    """Accepted recipients in one transaction (at least 100); more get 452."""

    message_size: int | None = 64 * 1024 * 1024
    """Octets of one message as sent through DATA or BDAT, without the terminator; None for no
    limit. A longer message is read to its end and refused with 552, one of more than twice
    this size ends the connection."""

    errors: int = 20
    """Refused commands since the last accepted message; the next one gets 421."""

    commands_before_auth: int = 100
    """Commands outside a transaction that a peer may spend before it authenticates or sends
    its next message; the next one gets 421."""

    auth_failures: int = 3
    """Failed authentications in one connection; the next one gets 421."""

    pipelined_commands: int = 1000
    """Commands that a client keeps in flight; a server never needs it."""


@value
class Pop3Limits:
    """Limits of a POP3 connection, in octets or counts."""

    command_line: int = 8192
    """A command line with its CRLF. RFC 2449 4 allows 255; clients that send a token of OAuth
    with AUTH use much more."""

    auth_line: int = 16384
    """A line within an AUTH exchange, base64 and CRLF included."""

    response_line: int = 8192
    """The first line of a response, or one line of a listing, with its CRLF. RFC 2449 4 allows
    512; real servers send more."""

    capability_lines: int = 1000
    """Lines of the answer to CAPA."""

    listing_lines: int = 1_000_000
    """Lines of the answer to LIST, UIDL or LANG."""

    message_size: int | None = 16 * 1024 * 1024 * 1024
    """Octets of a message that a client retrieves; None for no limit. The core does not keep
    them."""

    held_message: int | None = 256 * 1024 * 1024
    """Octets of a message that ``Pop3Client`` gives as one ``bytes``; None for no limit. A longer
    one can be streamed."""

    errors: int = 20
    """Server: refused commands that were malformed, misplaced or unknown, since the last good
    one; the next one ends the session. Client: lines that are no response."""

    commands_before_auth: int = 100
    """Commands that a peer may spend before it authenticates; the next one ends the session."""

    auth_failures: int = 3
    """Failed authentications in one connection; the next one ends the session."""

    pipelined_commands: int = 1000
    """Commands that a client keeps in flight; a server never needs it."""


@value
class ImapLimits:
    """Limits of an IMAP connection, in octets or counts; both roles."""

    command_line: int = 64 * 1024
    """Server: one line of a command with its CRLF. RFC 9051 4 asks for at least 8,192, and
    clients name thousands of UIDs in one command."""

    command: int = 1024 * 1024
    """Server: a whole command with its literals, but for messages that are streamed."""

    command_before_auth: int = 16 * 1024
    """Server: the same until the peer has authenticated."""

    auth_line: int = 16384
    """Server: a line within an AUTHENTICATE exchange, base64 and CRLF included."""

    message_size: int | None = 64 * 1024 * 1024
    """Server: octets of one message that is appended (RFC 7889); None for no limit. A longer
    literal is refused before it comes. Messages are not kept."""

    response_line: int = 64 * 1024 * 1024
    """Client: one line of a response with its CRLF. The answer to SEARCH has no other bound
    than the number of messages."""

    response: int = 128 * 1024 * 1024
    """Client: a whole response with its literals, but for those that are streamed."""

    inline_literal: int = 64 * 1024
    """Client: a longer literal that is the content of a message is streamed."""

    literal: int = 16 * 1024 * 1024
    """Client: a literal that is no content of a message, and so is held in memory."""

    body: int | None = 16 * 1024 * 1024 * 1024
    """Client: a literal that is streamed; None for no limit. It is not kept."""

    held_message: int | None = 256 * 1024 * 1024
    """Client: content of one message that ``ImapClient.fetch`` gives as ``bytes``; None for no
    limit. A longer one can be streamed."""

    answer: int | None = 1024 * 1024 * 1024
    """Client: all that answers one command of ``ImapClient`` and is given at once; each response
    counts 1,024 more than it has, None is no limit. What is iterated over has no such limit."""

    nesting: int = 100
    """Parentheses within one another: body structures, threads, search keys, unknown data."""

    errors: int = 20
    """Server: commands that were refused with BAD since the last good one; the next one ends
    the session. Client: responses that can not be parsed."""

    commands_before_auth: int = 100
    """Server: commands that a peer may spend before it authenticates."""

    auth_failures: int = 3
    """Server: failed authentications in one connection; the next one ends the session."""

    pipelined_commands: int = 1000
    """Client: commands in flight. Server: commands that wait for their completion."""


@value
class MessageLimits:
    """How much of a message's structure is looked at; what is beyond is an octet stream or text."""

    header: int = 512 * 1024
    """Octets of the headers of all parts together that are read for what they say."""

    parts: int = 10_000
    """Entities, the message itself included; the last one goes on to the end of the message."""

    nesting: int = 100
    """Multiparts and messages within one another; one that is deeper is an octet stream."""
