"""SCRAM and SCRAM -PLUS, the server's side (RFC 5802, 7677)."""

import hmac
import re
from collections.abc import Sequence
from typing import Final

from mailproto._value import value
from mailproto.errors import LocalProtocolError
from mailproto.sasl._exchange import REFUSED, Exchange, ExchangeMechanism
from mailproto.sasl._interface import (
    Authenticated,
    Challenge,
    ChannelBinding,
    LookupScramKeys,
    SaslError,
)
from mailproto.sasl._text import SASLNAME, decode, prepare, unescape_saslname
from mailproto.sasl.scram import (
    HASHES,
    ScramKeys,
    binding_input,
    check_nonce,
    decode_base64,
    digest,
    encode_base64,
    mac,
    new_nonce,
    parse_attributes,
    xor,
)

__all__ = ["ScramServer"]

_CLIENT_FIRST: Final = re.compile(
    rf"(?P<header>(?:p=(?P<type>[A-Za-z0-9.-]+)|(?P<flag>[ny])),(?:a=(?P<authzid>{SASLNAME}))?,)"
    r"(?P<bare>.*)",
    re.DOTALL,
)
_SASLNAME: Final = re.compile(SASLNAME)


@value
class _ClientFirst:
    """The parts of a client-first-message (RFC 5802 7)."""

    header: bytes
    bare: bytes
    flag: str
    binding_type: str
    authzid: str
    user: str
    nonce: str


class ScramServer(ExchangeMechanism):
    """One SCRAM exchange; asks :class:`LookupScramKeys`.

    ``hash_name`` is "SHA-1", "SHA-256" or "SHA-512". ``plus`` makes it the -PLUS form, which
    requires the client to use one of ``channel_bindings``. ``plus_offered`` tells the others
    whether the server offered a -PLUS form, so that a client that does not know of it is
    recognised as the victim of a downgrade (RFC 5802 6). ``nonce`` is for tests.
    A user without keys gets the whole exchange with a fake salt. The server's signature is
    sent as a challenge, which the client answers with an empty response.
    """

    plaintext = False

    def __init__(
        self,
        hash_name: str,
        *,
        plus: bool = False,
        channel_bindings: Sequence[ChannelBinding] = (),
        plus_offered: bool = False,
        nonce: str | None = None,
    ) -> None:
        super().__init__()
        if hash_name not in HASHES:
            raise LocalProtocolError(f"SCRAM knows {', '.join(HASHES)}, not {hash_name}")
        self.name = f"SCRAM-{hash_name}{'-PLUS' if plus else ''}"
        self._hash_name = hash_name
        self._plus = plus
        self._bindings = {binding.type: binding for binding in channel_bindings}
        self._plus_offered = plus_offered
        self._nonce = check_nonce(new_nonce() if nonce is None else nonce)

    def _exchange(self, response: bytes | None) -> Exchange:
        if response is None:
            response = yield Challenge(b"")
        first = _parse_client_first(response)
        binding = self._negotiate(first)
        found: ScramKeys | None
        found = yield LookupScramKeys(first.user, self._hash_name, first.authzid)
        keys = found or ScramKeys.fake(first.user, self._hash_name)

        nonce = (first.nonce + self._nonce).encode()
        server_first = b"r=%b,s=%b,i=%d" % (nonce, encode_base64(keys.salt), keys.iterations)
        client_final: bytes = yield Challenge(server_first)

        bound, echoed, proof = parse_attributes(client_final, "cr", last="p")
        if echoed.encode() != nonce:
            raise SaslError("the client's second nonce is not the one it was sent")
        if bound.encode() != binding_input(first.header, binding):
            raise SaslError("the channel bindings do not match")
        without_proof = client_final[: client_final.rindex(b",p=")]
        auth_message = b",".join((first.bare, server_first, without_proof))
        if not self._verify(keys, auth_message, decode_base64(proof, "proof")):
            return REFUSED

        verifier = encode_base64(mac(self._hash_name, keys.server_key, auth_message))
        if (yield Challenge(b"v=" + verifier)):
            raise SaslError("the client answered the server's signature with data")
        return Authenticated(first.user, first.authzid)

    def _negotiate(self, first: _ClientFirst) -> ChannelBinding | None:
        """The channel binding to verify, as the GS2 flag demands (RFC 5802 6)."""
        if self._plus != bool(first.binding_type):
            raise SaslError(f"the channel binding flag does not fit {self.name}")
        if first.flag == "y" and self._plus_offered:
            raise SaslError("the client believes that -PLUS was not offered: a downgrade attack")
        if self._plus and first.binding_type not in self._bindings:
            raise SaslError("the client's channel binding type is not available")
        return self._bindings.get(first.binding_type)

    def _verify(self, keys: ScramKeys, auth_message: bytes, proof: bytes) -> bool:
        signature = mac(self._hash_name, keys.stored_key, auth_message)
        if len(proof) != len(signature):
            raise SaslError("the proof has the wrong length")
        client_key = xor(proof, signature)
        return hmac.compare_digest(digest(self._hash_name, client_key), keys.stored_key)


def _parse_client_first(message: bytes) -> _ClientFirst:
    match = _CLIENT_FIRST.fullmatch(decode(message, "SCRAM message"))
    if not match:
        raise SaslError("the message does not begin with a GS2 header")
    bare = match["bare"].encode()
    user, nonce = parse_attributes(bare, "nr")
    if not _SASLNAME.fullmatch(user):
        raise SaslError("the user name is not escaped correctly")
    authzid = match["authzid"]
    return _ClientFirst(
        header=match["header"].encode(),
        bare=bare,
        flag=match["flag"] or "p",
        binding_type=match["type"] or "",
        authzid=prepare(unescape_saslname(authzid), "authorization identity") if authzid else "",
        user=prepare(unescape_saslname(user), "user name"),
        nonce=check_nonce(nonce),
    )
