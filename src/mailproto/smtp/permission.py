"""What a client may send to this server: only what it offers, within the limits it names."""

from typing import TYPE_CHECKING, Any

from mailproto.errors import LocalProtocolError
from mailproto.smtp import commands as c
from mailproto.smtp.commands import Command
from mailproto.smtp.parameters import MAIL_PARAMETERS, RCPT_PARAMETERS, required_extensions
from mailproto.smtp.states import OFFERED_AS, command_name

if TYPE_CHECKING:
    from mailproto.smtp.client import ClientConnection

__all__ = ["Envelope", "check_permitted"]

_PARAMETERS: dict[type[Any], Any] = {c.Mail: MAIL_PARAMETERS, c.Rcpt: RCPT_PARAMETERS}
_HELLOS = (c.Ehlo, c.Helo, c.Lhlo)


class Envelope:
    """What a client knows of its transaction, and how many it has begun.

    With PIPELINING the next one may be begun while the replies to the last one still come.
    """

    __slots__ = ("_answered", "accepted", "binary", "domains", "smtputf8", "transactions", "tried")

    def __init__(self) -> None:
        self.transactions = 0
        self.smtputf8 = False
        self.binary = False
        self.tried = 0
        """How many RCPT were sent."""
        self.domains: set[str] = set()
        """Their domains, in lower case."""
        self.accepted: list[str] = []
        """The forward-paths that the server accepted, in order, as far as it has answered."""
        self._answered = 0

    def begin(self, mail: c.Mail) -> None:
        """Note that MAIL was sent."""
        self.transactions += 1
        self.smtputf8 = mail.smtputf8
        self.binary = mail.body == "BINARYMIME"
        self.tried = 0
        self.domains.clear()

    def open(self) -> None:
        """Note that the reply to MAIL came, so that those to its RCPTs follow."""
        self.accepted = []
        self._answered = 0

    def add(self, rcpt: c.Rcpt) -> None:
        """Note that RCPT was sent."""
        self.tried += 1
        self.domains.add(_domain(rcpt))

    def next_answered(self) -> str | None:
        """Return whose reply this is, of those that follow a message in LMTP (RFC 2033 4.2)."""
        if not self.unanswered:
            return None
        self._answered += 1
        return self.accepted[self._answered - 1]

    @property
    def unanswered(self) -> int:
        """How many accepted recipients have no reply after the message yet."""
        return len(self.accepted) - self._answered


def check_permitted(client: "ClientConnection", command: Command) -> None:
    """Raise :class:`LocalProtocolError` if the server does not offer or allow ``command``."""
    kind = type(command)
    offered = client.extensions
    name = command_name(command)
    if kind in OFFERED_AS and OFFERED_AS[kind] not in offered:
        raise LocalProtocolError(f"the server does not offer {OFFERED_AS[kind]}")
    if kind in _HELLOS and (kind is c.Lhlo) != client.lmtp:
        raise LocalProtocolError(f"{name} is not for {'LMTP' if client.lmtp else 'SMTP'}")
    if kind in _PARAMETERS:
        for keyword, extension in required_extensions(command, _PARAMETERS[kind]):
            if extension not in offered:
                raise LocalProtocolError(f"{keyword} needs {extension}, which is not offered")
    if kind in _CHECKS:
        _CHECKS[kind](client, command)


def _check_mail(client: "ClientConnection", mail: Any) -> None:
    most = client.extensions.size
    if mail.size is not None and most is not None and mail.size > most:
        raise LocalProtocolError(
            f"the message has {mail.size} octets, the server takes {most} at the most"
        )
    mailmax = client.extensions.limits.mailmax
    if mailmax is not None and client.envelope.transactions >= mailmax:
        raise LocalProtocolError(
            f"the server takes {mailmax} messages in one session (LIMITS MAILMAX): "
            "connect again for more"
        )


def _check_rcpt(client: "ClientConnection", rcpt: Any) -> None:
    envelope = client.envelope
    limits = client.extensions.limits
    if limits.rcptmax is not None and envelope.tried >= limits.rcptmax:
        raise LocalProtocolError(
            f"the server takes {limits.rcptmax} recipients in one transaction (LIMITS RCPTMAX)"
        )
    if limits.rcptdomainmax is not None:
        domains = len(envelope.domains | {_domain(rcpt)})
        if domains > limits.rcptdomainmax:
            raise LocalProtocolError(
                f"the server takes recipients in {limits.rcptdomainmax} domains in one "
                "transaction (LIMITS RCPTDOMAINMAX)"
            )


def _check_auth(client: "ClientConnection", auth: Any) -> None:
    if client.authenticated:
        raise LocalProtocolError("already authenticated")
    if auth.mechanism.upper() not in client.extensions.auth:
        raise LocalProtocolError(
            f"the server does not offer {auth.mechanism}, "
            f"but {' '.join(client.extensions.auth) or 'nothing'}"
        )


def _check_starttls(client: "ClientConnection", starttls: Any) -> None:
    if client.tls:
        raise LocalProtocolError("the session runs over TLS already")


def _check_data(client: "ClientConnection", data: Any) -> None:
    if client.envelope.binary:
        raise LocalProtocolError("BODY=BINARYMIME needs BDAT (RFC 3030 3)")


def _check_bdat(client: "ClientConnection", bdat: Any) -> None:
    client.check_size(bdat.size)


def _domain(rcpt: c.Rcpt) -> str:
    return rcpt.forward_path.rpartition("@")[2].lower()


_CHECKS: dict[type[Any], Any] = {
    c.Mail: _check_mail,
    c.Rcpt: _check_rcpt,
    c.Data: _check_data,
    c.Bdat: _check_bdat,
    c.Auth: _check_auth,
    c.StartTls: _check_starttls,
}
