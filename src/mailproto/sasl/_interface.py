"""What a SASL mechanism is to a protocol core: two abstract classes and the values they exchange.

Mechanisms are step objects without I/O (RFC 4422). All data here is raw bytes: base64, the
``=`` for an empty response, the ``*`` that cancels and the challenge loop belong to the
protocol cores. A server mechanism never looks anything up by itself: it returns a *query*
value, whoever drives it finds the answer and hands it to :meth:`ServerMechanism.answer`.
"""

import abc
from typing import TYPE_CHECKING, Any, Final, TypeAlias, get_args

from mailproto._value import field, value
from mailproto.errors import MailProtocolError

if TYPE_CHECKING:
    from mailproto.sasl.scram import ScramKeys

__all__ = [
    "MAX_MESSAGE_SIZE",
    "MAX_TEXT_SIZE",
    "QUERIES",
    "Answer",
    "Authenticated",
    "Challenge",
    "ChannelBinding",
    "CheckAnonymous",
    "CheckExternal",
    "CheckPassword",
    "CheckToken",
    "ClientMechanism",
    "Credentials",
    "LookupPassword",
    "LookupScramKeys",
    "Query",
    "Rejected",
    "SaslError",
    "ServerMechanism",
    "ServerStep",
    "Verdict",
]

MAX_MESSAGE_SIZE: Final = 16_384
"""The longest challenge or response that is looked at, in bytes (tokens are the long ones)."""

MAX_TEXT_SIZE: Final = 1_024
"""The longest user name, authorization identity or password, in bytes of UTF-8.

RFC 4616 asks for at least 255; the bound also keeps Unicode normalisation cheap.
"""


class SaslError(MailProtocolError):
    """The peer's SASL message is wrong, or these credentials cannot go through this mechanism."""


@value
class ChannelBinding:
    """What ties an authentication to the TLS connection that it happens in (RFC 5056).

    ``type`` is a registered name: ``tls-server-end-point`` or ``tls-unique`` (RFC 5929),
    ``tls-exporter`` (RFC 9266); ``data`` are the binding bytes that TLS supplies.
    """

    type: str
    data: bytes = field(repr=False)


@value
class Credentials:
    """What a client can authenticate with: a name and a password, an OAuth token, or both.

    ``authzid`` is the identity to act as, where that is not ``user`` itself.
    """

    user: str
    password: str | None = field(default=None, repr=False)
    token: str | None = field(default=None, repr=False)
    authzid: str = ""


class ClientMechanism(abc.ABC):
    """The client's side of one authentication exchange; good for one exchange.

    ``name`` is the SASL mechanism name. ``plaintext`` is True if an eavesdropper could read
    a password or token, so that the mechanism needs TLS.
    """

    name: str
    plaintext: bool
    error: str | None = None
    """What the server said of its refusal within the exchange, unverified; None for nothing."""

    @abc.abstractmethod
    def initial_response(self) -> bytes | None:
        """The first message; None if the server speaks first; ``b""`` is a real, empty message.

        To be called once, before :meth:`step`. Where the protocol cannot carry an initial
        response, this is the answer to the server's first, empty challenge.
        """

    @abc.abstractmethod
    def step(self, challenge: bytes) -> bytes:
        """The response to a challenge. Raises SaslError; the exchange is then to be cancelled."""

    @property
    @abc.abstractmethod
    def complete(self) -> bool:
        """Whether a success that the server reports now may be believed.

        False before the last message was sent; with SCRAM, before the server's signature was
        verified. Success while this is False is a security error.
        """


@value
class Challenge:
    """Send ``data`` to the client and give its response to :meth:`ServerMechanism.step`."""

    data: bytes = field(repr=False)


@value
class Authenticated:
    """The client proved to be ``user``, and may act as ``authzid`` (empty: as ``user``)."""

    user: str
    authzid: str = ""


@value
class Rejected:
    """The exchange failed.

    ``reason`` is for logs; it does not tell whether the user exists.
    """

    reason: str


@value
class CheckPassword:
    """Is ``password`` that of ``user``, and may ``user`` act as ``authzid`` (empty: itself)?

    The answer is a :data:`Verdict`. All three are prepared with SASLprep as query strings.
    """

    user: str
    password: str = field(repr=False)
    authzid: str = ""


@value
class LookupPassword:
    """The clear password of ``user``: a str, or None if there is none (CRAM-MD5)."""

    user: str


@value
class LookupScramKeys:
    """The :class:`ScramKeys` of ``user`` for ``hash_name`` (``"SHA-256"``), or None.

    None also if ``user`` may not act as ``authzid`` (empty: itself).
    """

    user: str
    hash_name: str
    authzid: str = ""


@value
class CheckToken:
    """Does the bearer of the OAuth ``token`` get access as ``user``? The answer is a Verdict.

    ``user`` is empty if the client named none; only an identity can accept that. ``host`` and
    ``port`` are where the client believes to be connected to, if it says so (RFC 7628 3.1).
    """

    user: str
    token: str = field(repr=False)
    host: str | None = None
    port: int | None = None


@value
class CheckExternal:
    """Do credentials from outside SASL (a TLS client certificate) allow to act as ``authzid``?

    The answer is a :data:`Verdict`; an empty ``authzid`` asks for the identity that belongs to
    the credentials, so only an identity can accept it.
    """

    authzid: str


@value
class CheckAnonymous:
    """May anybody come in? ``trace`` is what the client says about itself, unverified.

    The answer is a :data:`Verdict`.
    """

    trace: str


Query: TypeAlias = (
    CheckPassword | LookupPassword | LookupScramKeys | CheckToken | CheckExternal | CheckAnonymous
)
"""A question to the credential store."""

QUERIES: tuple[type[Any], ...] = get_args(Query)
"""The classes of the questions."""

Verdict: TypeAlias = bool | str
"""The answer to a ``Check...`` query: False refuses, True accepts the name that the client
gave, a non-empty str accepts and is the user's name (aliases, identities found in a token)."""

Answer: TypeAlias = "Verdict | ScramKeys | None"
"""What :meth:`ServerMechanism.answer` takes; each query says which of these it wants."""

ServerStep: TypeAlias = Challenge | Query | Authenticated | Rejected
"""What a server mechanism wants next; the last two end the exchange."""


class ServerMechanism(abc.ABC):
    """The server's side of one authentication exchange; good for one exchange.

    ``name`` and ``plaintext`` are as in :class:`ClientMechanism`.
    """

    name: str
    plaintext: bool

    @abc.abstractmethod
    def step(self, response: bytes | None) -> ServerStep:
        """Take a response of the client; None on the first call if it sent no initial response.

        A wrong message gives :class:`Rejected`. Raises LocalProtocolError if no response is due.
        """

    @abc.abstractmethod
    def answer(self, result: "Answer") -> ServerStep:
        """Take the answer to the query that was returned last.

        Raises LocalProtocolError if there is none.
        """
