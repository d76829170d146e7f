"""Status responses and continuations (RFC 9051 7.1, 7.6)."""

from binascii import Error as Base64Error
from binascii import a2b_base64, b2a_base64
from typing import ClassVar

from mailproto._value import value
from mailproto.imap.codes import Code
from mailproto.imap.responses.base import Response

__all__ = ["Bad", "Bye", "Condition", "Continuation", "No", "Ok", "Preauth"]


@value
class Condition(Response):
    """A status response: its text is for people, its code for programs.

    One with a ``tag`` completes the command with that tag.
    """

    text: str = ""
    code: Code | None = None
    tag: str | None = None

    def __str__(self) -> str:
        code = "" if self.code is None else f"[{self.code.name}] "
        return f"{self.name} {code}{self.text}".rstrip()


@value
class Ok(Condition):
    """OK: it worked, or information (RFC 9051 7.1.1)."""

    name: ClassVar[str] = "OK"


@value
class No(Condition):
    """NO: it did not work, or a warning (RFC 9051 7.1.2)."""

    name: ClassVar[str] = "NO"


@value
class Bad(Condition):
    """BAD: the client or the server broke the protocol (RFC 9051 7.1.3)."""

    name: ClassVar[str] = "BAD"


@value
class Preauth(Condition):
    """PREAUTH: a greeting to a client that needs no login; never tagged (RFC 9051 7.1.4)."""

    name: ClassVar[str] = "PREAUTH"


@value
class Bye(Condition):
    """BYE: the server is about to close the connection; never tagged (RFC 9051 7.1.5)."""

    name: ClassVar[str] = "BYE"


@value
class Continuation(Response):
    """``+``: the server waits for a literal, a SASL response or DONE (RFC 9051 7.6).

    ``text`` is for people, or a challenge in base64.
    """

    name: ClassVar[str] = "+"
    text: str = ""
    code: Code | None = None

    @classmethod
    def of_challenge(cls, challenge: bytes) -> "Continuation":
        """The continuation with a SASL challenge (RFC 9051 6.2.2)."""
        return cls(b2a_base64(challenge, newline=False).decode())

    @property
    def challenge(self) -> bytes | None:
        """The text as a SASL challenge, None if it is not base64."""
        try:
            return a2b_base64(self.text.encode(), strict_mode=True) if self.text else b""
        except (Base64Error, UnicodeEncodeError):
            return None
