"""LOGIN, AUTHENTICATE and UNAUTHENTICATE (RFC 9051 6.2.2, 6.2.3, RFC 8437)."""

from collections.abc import Mapping

from mailproto.imap import Authenticate, Condition, Login, No, Ok, ResponseCode, Unauthenticate
from mailproto.servers.imap.service import Handler
from mailproto.servers.imap.session import ImapSession

__all__ = ["HANDLERS"]


async def serve_login(session: ImapSession, tag: str, command: Login) -> Condition | None:
    """LOGIN: ask the authenticator."""
    if session.service.authenticator is None:
        return No("Nobody can log in here", ResponseCode("PRIVACYREQUIRED"))
    session.core.authenticate()
    return None


async def serve_authenticate(
    session: ImapSession, tag: str, command: Authenticate
) -> Condition | None:
    """AUTHENTICATE: begin the exchange."""
    mechanism = session.mechanism(command.mechanism)
    if mechanism is None:
        return No("That mechanism is not known", ResponseCode("CANNOT"))
    session.core.authenticate(mechanism)
    return None


async def serve_unauthenticate(
    session: ImapSession, tag: str, command: Unauthenticate
) -> Condition:
    """UNAUTHENTICATE (RFC 8437)."""
    session.forget_user()
    return Ok("UNAUTHENTICATE completed")


HANDLERS: Mapping[type, Handler] = {
    Login: serve_login,
    Authenticate: serve_authenticate,
    Unauthenticate: serve_unauthenticate,
}
