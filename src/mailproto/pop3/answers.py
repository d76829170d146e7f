"""What a server answers: which response fits which event, and which one is the ordinary one."""

from typing import Any

from mailproto.errors import LocalProtocolError
from mailproto.pop3 import commands as c
from mailproto.pop3.capabilities import Capabilities
from mailproto.pop3.events import InvalidCommand
from mailproto.pop3.responses import MaildropStatus, Response, ResponseCode
from mailproto.pop3.states import command_name
from mailproto.sasl import QUERIES, Authenticated, Rejected

__all__ = ["DEFAULT_RESPONSES", "NEVER_OK", "default_response", "event_name", "with_offered_code"]

# What a server ordinarily answers.
_NO_SUCH_MESSAGE = Response(False, "No such message")
_LOGIN_FAILED = Response(False, "Authentication failed", ResponseCode.AUTH)
DEFAULT_RESPONSES: dict[type[Any], Response] = {
    type(None): Response(True, "POP3 ready"),
    c.User: Response(True, "Send PASS"),
    c.Pass: _LOGIN_FAILED,
    c.Apop: _LOGIN_FAILED,
    c.Auth: Response(False, "Mechanism not supported"),
    c.AuthResponse: _LOGIN_FAILED,
    Authenticated: Response(True, "Logged in"),
    Rejected: _LOGIN_FAILED,
    **dict.fromkeys(QUERIES, Response(False, "Try to log in later", ResponseCode.SYS_TEMP)),
    c.Capa: Response(True, "Capability list follows"),
    c.Stls: Response(True, "Begin TLS negotiation"),
    c.Utf8: Response(True, "UTF-8 it is"),
    c.Lang: Response(False, "There is only one language"),
    c.Stat: Response(True, str(MaildropStatus(0, 0))),
    c.List: _NO_SUCH_MESSAGE,
    c.Uidl: _NO_SUCH_MESSAGE,
    c.Retr: _NO_SUCH_MESSAGE,
    c.Top: _NO_SUCH_MESSAGE,
    c.Dele: _NO_SUCH_MESSAGE,
    c.Noop: Response(True, "Still here"),
    c.Rset: Response(True, "No message is marked as deleted"),
    c.Quit: Response(True, "Bye"),
    c.UnknownCommand: Response(False, "Unknown command"),
}

NEVER_OK = frozenset((InvalidCommand, Rejected, *QUERIES))
"""The events that only ``-ERR`` can answer."""

# The capability that lets a response code be sent; RFC 2449 6.4, RFC 3206 6.
_CODE_OFFERED_AS: dict[str, str] = {"AUTH": "AUTH-RESP-CODE"}


def default_response(event: Any) -> Response:
    """Return the ordinary answer to ``event`` (None: the greeting).

    Raises :class:`LocalProtocolError` if nothing is owed to it.
    """
    if isinstance(event, InvalidCommand):
        return event.response
    if type(event) not in DEFAULT_RESPONSES:
        raise LocalProtocolError(f"no response is owed to {event_name(event)}")
    return DEFAULT_RESPONSES[type(event)]


def with_offered_code(response: Response, code: ResponseCode, offered: Capabilities) -> Response:
    """Return ``response``, which has a ``code``, without it if the client was not offered such."""
    needed = _CODE_OFFERED_AS.get(code.levels[0], "RESP-CODES")
    return response if needed in offered else Response(response.ok, response.text)


def event_name(event: Any) -> str:
    """Name what a response answers, None for the connection, as people do, for messages."""
    return "the greeting" if event is None else command_name(event)
