"""Logging in for ``mailproto fetch`` in just the way that its URL demands."""

from collections.abc import Collection

from mailproto import imap, pop3
from mailproto.errors import AuthenticationFailed
from mailproto.sasl import ClientMechanism, Credentials, SaslError, choose

__all__ = ["demanded_mechanism"]


def demanded_mechanism(
    name: str,
    offered: Collection[str],
    credentials: Credentials,
    core: pop3.ClientConnection | imap.ClientConnection,
) -> ClientMechanism:
    """Make the mechanism of this name, and no other (RFC 2384 4, RFC 5092 3.2).

    ``offered`` are those of the server. Raises :class:`AuthenticationFailed` if it is not
    among them, or does not go with the credentials.
    """
    try:
        return choose(
            offered,
            credentials,
            allowed=(name,),
            channel_bindings=core.channel_bindings,
            secure=core.tls,
            allow_plaintext=core.allow_plaintext,
        )
    except SaslError as error:
        raise AuthenticationFailed(str(error), None) from None
