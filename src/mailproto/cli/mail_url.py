"""The URLs of mail servers: RFC 2384 and 5092, with ``s`` for TLS from the start (RFC 8314 3)."""

import re
from urllib.parse import unquote

from mailproto._value import value
from mailproto.cli.failures import Failure, Unusable
from mailproto.sasl import DEFAULT_ORDER
from mailproto.stores.rules import canonical_name
from mailproto.tls import TlsMode

__all__ = ["APOP", "MailUrl", "parse_mail_url"]

APOP = "+APOP"
"""How POP URLs demand APOP (RFC 2384 3)."""

_SCHEMES = {
    "pop": ("pop3", TlsMode.STARTTLS),
    "pop3": ("pop3", TlsMode.STARTTLS),
    "pop3s": ("pop3", TlsMode.IMPLICIT),
    "imap": ("imap", TlsMode.STARTTLS),
    "imaps": ("imap", TlsMode.IMPLICIT),
}
_PORTS = {  # by protocol, and if TLS is from the start
    ("pop3", True): 995,
    ("pop3", False): 110,
    ("imap", True): 993,
    ("imap", False): 143,
}
_MECHANISMS = {"pop3": (APOP, *DEFAULT_ORDER), "imap": DEFAULT_ORDER}
_HAVE_MAILBOXES = ("imap",)
_ADVICE = "Write imaps://USER@HOST, imaps://USER@HOST/MAILBOX or pop3s://USER@HOST, say."
_URL = re.compile(
    r"(?P<scheme>[a-z0-9+.-]+)://(?:(?P<login>[^/?#]*)@)?"
    r"(?P<host>\[[0-9a-fA-F:.]+\]|[^\[\]:/?#@\s]+)(?::(?P<port>[0-9]{1,5}))?"
    r"(?:/(?P<mailbox>[^?#]*))?",
    re.IGNORECASE | re.ASCII,
)
_AUTH = re.compile(r";auth=", re.IGNORECASE)
_ANY_MECHANISM = "*"


@value
class MailUrl:
    """Where mail is: protocol ("pop3", "imap"), host, port, how TLS starts there, whose it is.

    ``mechanism`` is the way to log in that the URL demands, in upper case; None: the best one.
    ``mailbox`` is the only one that is meant; None: all.
    """

    protocol: str
    host: str
    port: int
    tls: TlsMode
    user: str
    mechanism: str | None = None
    mailbox: str | None = None

    @property
    def server(self) -> str:
        """Host and port, for people."""
        return f"{self.host}:{self.port}"


def parse_mail_url(text: str, tls: TlsMode | None = None) -> MailUrl:
    """Parse ``imap://user;AUTH=mechanism@host:port/mailbox``, also the other schemes.

    ``tls`` replaces what the scheme says. The user may hold an "@"; other special characters
    are percent-encoded, in UTF-8 (RFC 2384 4, RFC 5092 2 and 3.2). Raises :class:`Unusable`,
    also if the URL holds a password.
    """
    found = _URL.fullmatch(text)
    if not found or found["scheme"].lower() not in _SCHEMES:
        raise Unusable(Failure("This is no URL of a mail server.", _ADVICE))
    protocol, usual_tls = _SCHEMES[found["scheme"].lower()]
    path = found["mailbox"] or ""
    if path and protocol not in _HAVE_MAILBOXES:
        raise Unusable(Failure(f"{protocol}:// URLs name no mailbox.", _ADVICE))
    if ";" in path:
        raise Unusable(
            Failure(
                "This URL means more than a mailbox.",
                f"{_ADVICE} A semicolon that belongs to the name is %3B.",
            )
        )
    login, *mechanism = _AUTH.split(found["login"] or "", maxsplit=1)
    if ":" in login:
        raise Unusable(
            Failure(
                "A URL is no place for a password: others can see it.",
                "Use --password-file FILE, or be asked. A colon that belongs to the user is %3A.",
            )
        )
    if not login:
        raise Unusable(Failure("Whose mail? The URL names no user.", _ADVICE))
    if usual_tls is TlsMode.IMPLICIT and tls not in (None, TlsMode.IMPLICIT):
        raise Unusable(
            Failure(f"{found['scheme']}:// means TLS from the start.", f"Write {protocol}://.")
        )
    tls = tls or usual_tls
    port = int(found["port"] or _PORTS[protocol, tls is TlsMode.IMPLICIT])
    if not 0 < port < 65536:
        raise Unusable(Failure(f"{port} is no port.", "Ports are 1 to 65535."))
    try:
        user = unquote(login, errors="strict")
        mailbox = unquote(path, errors="strict") or None
        name = unquote("".join(mechanism), errors="strict").upper() or _ANY_MECHANISM
    except UnicodeDecodeError:
        raise Unusable(
            Failure("The URL is not in UTF-8.", "Percent-encode the octets of UTF-8.")
        ) from None
    if name not in (_ANY_MECHANISM, *_MECHANISMS[protocol]):
        raise Unusable(
            Failure(
                f";AUTH={name} is no way to log in.",
                f"Leave it out for the best one; there are {', '.join(_MECHANISMS[protocol])}.",
            )
        )
    return MailUrl(
        protocol,
        found["host"].strip("[]").lower(),
        port,
        tls,
        user,
        None if name == _ANY_MECHANISM else name,
        mailbox and canonical_name(mailbox),
    )
