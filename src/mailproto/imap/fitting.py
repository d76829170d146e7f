"""What a server offers in CAPABILITY, as far as it fits the session (RFC 9051 6.1.1, 11.1)."""

from functools import lru_cache

from mailproto.errors import LocalProtocolError
from mailproto.imap.capabilities import Capabilities
from mailproto.imap.parse_response import encode_response
from mailproto.imap.responses import CapabilityResponse
from mailproto.sasl import server_mechanism

__all__ = ["DEFAULT_CAPABILITIES", "check_offer", "fitting"]

DEFAULT_CAPABILITIES = Capabilities(
    ("IMAP4rev1", "LITERAL+", "SASL-IR", "ENABLE", "ID", "IDLE", "UNSELECT", "COMPRESS=DEFLATE")
)
"""What the server core can do by itself, or asks little for; add AUTH=, STARTTLS and all that
your embedding can."""

_COMPRESS = "COMPRESS=DEFLATE"
_AUTH = "AUTH="
_OF_LOGIN = ("STARTTLS", "LOGINDISABLED", "SASL-IR")


def check_offer(capabilities: Capabilities) -> None:
    """Raise :class:`LocalProtocolError` if this can not be what a server offers."""
    encode_response(CapabilityResponse(capabilities))
    if "IMAP4rev1" not in capabilities and "IMAP4rev2" not in capabilities:
        raise LocalProtocolError("a server offers IMAP4rev1 or IMAP4rev2 (RFC 9051 6.1.1)")
    if "LITERAL+" in capabilities and "LITERAL-" in capabilities:
        raise LocalProtocolError("LITERAL+ and LITERAL- exclude one another (RFC 7888 5)")


@lru_cache(maxsize=256)  # sessions share what they are offered
def fitting(
    capabilities: Capabilities,
    *,
    logged_in: bool,
    tls: bool,
    may_show_passwords: bool,
    compressed: bool,
) -> Capabilities:
    """Return those that fit.

    Before the login: STARTTLS if there is no TLS, and mechanisms; but what shows a password only
    if that is allowed, else LOGINDISABLED. Behind it: none of these. COMPRESS once.
    """
    names = [name for name in capabilities if not (compressed and name.upper() == _COMPRESS)]
    if logged_in:
        return Capabilities(name for name in names if not _is_of_login(name))
    if tls or compressed:
        names = [name for name in names if name.upper() != "STARTTLS"]
    if not may_show_passwords:
        names = [name for name in names if not _shows_password(name)]
        if "LOGINDISABLED" not in capabilities:
            names.append("LOGINDISABLED")
    return Capabilities(names)


def _is_of_login(name: str) -> bool:
    return name.upper() in _OF_LOGIN or name.upper().startswith(_AUTH)


def _shows_password(name: str) -> bool:
    if not name.upper().startswith(_AUTH):
        return False
    mechanism = server_mechanism(name[len(_AUTH) :])
    return mechanism is not None and mechanism.plaintext
