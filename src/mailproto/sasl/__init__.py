"""SASL (RFC 4422): authentication mechanisms as step objects, for clients and servers.

A client calls :func:`choose` and runs the :class:`ClientMechanism` that it gets. A server
makes one with :func:`server_mechanism` and has its queries answered by an
:class:`Authenticator`. No part of this package does I/O, and all messages are raw bytes.
"""

from mailproto.sasl._interface import (
    MAX_MESSAGE_SIZE,
    MAX_TEXT_SIZE,
    QUERIES,
    Answer,
    Authenticated,
    Challenge,
    ChannelBinding,
    CheckAnonymous,
    CheckExternal,
    CheckPassword,
    CheckToken,
    ClientMechanism,
    Credentials,
    LookupPassword,
    LookupScramKeys,
    Query,
    Rejected,
    SaslError,
    ServerMechanism,
    ServerStep,
    Verdict,
)
from mailproto.sasl._wire import ClientExchange, decode_base64
from mailproto.sasl.anonymous import Anonymous, AnonymousServer
from mailproto.sasl.authenticator import Authenticator, PasswordAuthenticator
from mailproto.sasl.choose import DEFAULT_ORDER, choose
from mailproto.sasl.cram_md5 import CramMd5, CramMd5Server
from mailproto.sasl.external import External, ExternalServer
from mailproto.sasl.login import Login, LoginServer
from mailproto.sasl.oauth import OAuthBearer, OAuthBearerServer, XOAuth2, XOAuth2Server
from mailproto.sasl.plain import Plain, PlainServer
from mailproto.sasl.registry import advertised, server_mechanism
from mailproto.sasl.saslprep import saslprep
from mailproto.sasl.scram import DEFAULT_ITERATIONS, ScramKeys
from mailproto.sasl.scram_client import (
    MAX_ITERATIONS,
    ScramClient,
    ScramSha1,
    ScramSha1Plus,
    ScramSha256,
    ScramSha256Plus,
    ScramSha512,
    ScramSha512Plus,
)
from mailproto.sasl.scram_server import ScramServer

__all__ = [
    "DEFAULT_ITERATIONS",
    "DEFAULT_ORDER",
    "MAX_ITERATIONS",
    "MAX_MESSAGE_SIZE",
    "MAX_TEXT_SIZE",
    "QUERIES",
    "Anonymous",
    "AnonymousServer",
    "Answer",
    "Authenticated",
    "Authenticator",
    "Challenge",
    "ChannelBinding",
    "CheckAnonymous",
    "CheckExternal",
    "CheckPassword",
    "CheckToken",
    "ClientExchange",
    "ClientMechanism",
    "CramMd5",
    "CramMd5Server",
    "Credentials",
    "External",
    "ExternalServer",
    "Login",
    "LoginServer",
    "LookupPassword",
    "LookupScramKeys",
    "OAuthBearer",
    "OAuthBearerServer",
    "PasswordAuthenticator",
    "Plain",
    "PlainServer",
    "Query",
    "Rejected",
    "SaslError",
    "ScramClient",
    "ScramKeys",
    "ScramServer",
    "ScramSha1",
    "ScramSha1Plus",
    "ScramSha256",
    "ScramSha256Plus",
    "ScramSha512",
    "ScramSha512Plus",
    "ServerMechanism",
    "ServerStep",
    "Verdict",
    "XOAuth2",
    "XOAuth2Server",
    "advertised",
    "choose",
    "decode_base64",
    "saslprep",
    "server_mechanism",
]
