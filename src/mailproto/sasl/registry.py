"""Which mechanisms a server can run, by name."""

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Final

from mailproto.sasl._interface import ChannelBinding, ServerMechanism
from mailproto.sasl.anonymous import AnonymousServer
from mailproto.sasl.cram_md5 import CramMd5Server
from mailproto.sasl.external import ExternalServer
from mailproto.sasl.login import LoginServer
from mailproto.sasl.oauth import OAuthBearerServer, XOAuth2Server
from mailproto.sasl.plain import PlainServer
from mailproto.sasl.scram import HASHES
from mailproto.sasl.scram_server import ScramServer

__all__ = ["advertised", "server_mechanism"]

_SIMPLE: Final[dict[str, Callable[[], ServerMechanism]]] = {
    mechanism.name: mechanism
    for mechanism in (
        AnonymousServer,
        CramMd5Server,
        ExternalServer,
        LoginServer,
        OAuthBearerServer,
        PlainServer,
        XOAuth2Server,
    )
}
_SCRAM: Final = {f"SCRAM-{name}": partial(ScramServer, name) for name in HASHES}
_SCRAM_PLUS: Final = {f"{name}-PLUS": partial(make, plus=True) for name, make in _SCRAM.items()}


def server_mechanism(
    name: str,
    *,
    channel_bindings: Sequence[ChannelBinding] = (),
    plus_offered: bool = False,
) -> ServerMechanism | None:
    """A new exchange of the mechanism ``name`` (in any case), or None if there is no such one.

    A -PLUS mechanism needs ``channel_bindings``: without any there is no such mechanism.
    ``plus_offered`` says whether one was offered, for SCRAM to detect downgrades.
    """
    key = name.upper()
    if key in _SIMPLE:
        return _SIMPLE[key]()
    if key in _SCRAM_PLUS and channel_bindings:
        return _SCRAM_PLUS[key](channel_bindings=channel_bindings)
    if key in _SCRAM:
        return _SCRAM[key](plus_offered=plus_offered)
    return None


def advertised(
    mechanisms: Iterable[str],
    *,
    channel_bindings: Sequence[ChannelBinding] = (),
    secure: bool,
    allow_plaintext: bool = False,
) -> tuple[str, ...]:
    """The names to offer on one connection, out of those that a server can serve, in order.

    Where the connection has ``channel_bindings``, each SCRAM mechanism is preceded by its
    -PLUS form. Where it is not ``secure`` (encrypted), mechanisms that show a password or
    token are left out, unless ``allow_plaintext``.
    """
    names: list[str] = []
    for name in mechanisms:
        mechanism = server_mechanism(name)
        if mechanism is None or (mechanism.plaintext and not secure and not allow_plaintext):
            continue
        if mechanism.name in _SCRAM and channel_bindings:
            names.append(f"{mechanism.name}-PLUS")
        names.append(mechanism.name)
    return tuple(names)
