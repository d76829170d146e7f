"""The envelope of a message: what of it is given, and how it fits what the server offers."""

from collections.abc import Iterable
from typing import Any
from unicodedata import normalize

from mailproto._value import evolve
from mailproto.clients.content import Content
from mailproto.errors import LocalProtocolError
from mailproto.smtp import Extensions, Mail, PeerLimits, Rcpt

__all__ = ["adapt_addresses", "declare", "given_envelope", "next_group"]


def given_envelope(
    sender: str | Mail | None, recipients: str | Rcpt | Iterable[str | Rcpt] | None
) -> tuple[Mail | None, list[Rcpt] | None]:
    """Make values of the addresses that are given; None where none is.

    Raises :class:`LocalProtocolError` if the list of recipients is empty.
    """
    mail = Mail(sender) if isinstance(sender, str) else sender
    if recipients is None:
        return mail, None
    if isinstance(recipients, (str, Rcpt)):
        recipients = [recipients]
    rcpts = [Rcpt(r) if isinstance(r, str) else r for r in recipients]
    if not rcpts:
        raise LocalProtocolError("the list of recipients is empty")
    return mail, rcpts


def adapt_addresses(
    offered: Extensions, mail: Mail, rcpts: list[Rcpt]
) -> tuple[Mail, list[Rcpt], bool]:
    """Decide about SMTPUTF8 for the envelope; without it, domains become A-labels.

    Returns whether it needs SMTPUTF8, too. Raises :class:`LocalProtocolError`.
    """
    paths = [mail.reverse_path, *(rcpt.forward_path for rcpt in rcpts)]
    if all(path.isascii() for path in paths):
        return mail, rcpts, False
    if "SMTPUTF8" in offered:
        return mail, rcpts, True
    return (
        evolve(mail, reverse_path=_to_ascii(mail.reverse_path)),
        [evolve(rcpt, forward_path=_to_ascii(rcpt.forward_path)) for rcpt in rcpts],
        False,
    )


def _to_ascii(path: str) -> str:
    """Write the domain of ``path`` as A-labels, if that is all that SMTPUTF8 is needed for."""
    local, at, domain = path.rpartition("@")
    if path.isascii():
        return path
    if not local.isascii():
        raise LocalProtocolError(
            f"{path!r} can only be sent with SMTPUTF8, which the server does not offer"
        )
    try:
        encoded = domain.encode("idna")
        if encoded.decode("idna") != normalize("NFC", domain).lower():
            # Python's IDNA 2003 makes another domain of it than IDNA 2008 (RFC 5894 7.2).
            raise LocalProtocolError(f"the domain of {path!r} is ambiguous: give it in A-labels")
    except UnicodeError as error:
        raise LocalProtocolError(f"{path!r} has no domain name: {error}") from None
    return f"{local}{at}{encoded.decode('ascii')}"


def declare(
    offered: Extensions, mail: Mail, content: Content, *, smtputf8: bool, binary: bool
) -> Mail:
    """Add the parameters that tell what the message is.

    Raises :class:`LocalProtocolError` if the server does not take such a message.
    """
    found: dict[str, Any] = {}
    if mail.size is None and content.size is not None and "SIZE" in offered:
        found["size"] = content.size
    if binary:
        found["body"] = "BINARYMIME"
    elif mail.body is None and content.eight_bit is not False and "8BITMIME" in offered:
        found["body"] = "8BITMIME"
    elif content.eight_bit and "8BITMIME" not in offered:
        raise LocalProtocolError(
            "the message has 8-bit octets, and the server does not offer 8BITMIME: give an "
            "EmailMessage, which is then re-encoded"
        )
    if smtputf8 and not mail.smtputf8:
        if "SMTPUTF8" not in offered:
            raise LocalProtocolError(
                "the header or an address is in UTF-8, and the server does not offer SMTPUTF8: "
                "give an EmailMessage, whose header is then encoded, or smtputf8=False"
            )
        found["smtputf8"] = True
    return evolve(mail, **found) if found else mail


def next_group(limits: PeerLimits, todo: list[int], rcpts: list[Rcpt]) -> list[int]:
    """Return the recipients of the next transaction, within the server's LIMITS."""
    group: list[int] = []
    domains: set[str] = set()
    for i in todo[: limits.rcptmax]:
        domain = rcpts[i].forward_path.rpartition("@")[2].lower()
        if limits.rcptdomainmax is None or len(domains | {domain}) <= limits.rcptdomainmax:
            domains.add(domain)
            group.append(i)
    return group
