"""TLS facts that all protocols and both libraries share: modes, contexts, channel bindings."""

import hashlib
import ssl
from enum import Enum
from typing import Protocol

from mailproto._value import field, value
from mailproto.sasl import ChannelBinding

__all__ = [
    "TlsInfo",
    "TlsMode",
    "certificate_in_der",
    "client_context",
    "describe_tls",
    "server_end_point",
]


class TlsMode(Enum):
    """When a client starts TLS (RFC 8314 3)."""

    IMPLICIT = "at once, before the greeting (ports 465, 993, 995)"
    STARTTLS = "by STARTTLS or STLS; fails if the server does not offer it"
    OPPORTUNISTIC = "by STARTTLS or STLS if it is offered, else not"
    NONE = "never"
    ESTABLISHED = "the stream that was passed runs over TLS already"


@value
class TlsInfo:
    """What is known of an established TLS connection."""

    version: str = ""
    """Such as "TLSv1.3"."""
    channel_bindings: tuple[ChannelBinding, ...] = ()
    """What SCRAM-...-PLUS can be bound to, best first."""
    peer_certificate: bytes | None = field(default=None, repr=False)
    """The peer's certificate in DER, if it was verified."""
    shown_certificate: bytes | None = field(default=None, repr=False)
    """The same, verified or not: to be looked at, never to be trusted."""
    cipher: str = ""
    """Such as "TLS_AES_256_GCM_SHA384"."""


class _TlsObject(Protocol):
    def version(self) -> str | None: ...
    def cipher(self) -> tuple[str, str, int] | None: ...
    def getpeercert(self, binary_form: bool, /) -> bytes | None: ...
    def get_channel_binding(self, cb_type: str, /) -> bytes | None: ...


def client_context() -> ssl.SSLContext:
    """Return the context that clients use unless given one: verifies, TLS 1.2 at least."""
    context = ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def describe_tls(
    tls: _TlsObject,
    *,
    server_side: bool,
    server_certificate: bytes | None = None,
    verified: bool,
) -> TlsInfo:
    """Collect what a binding's TLS object can tell.

    ``server_certificate`` is our own in DER on the server's side, if we know it.
    ``verified`` says whether the peer's certificate, if any, was checked.
    """
    version = tls.version() or ""
    peer = tls.getpeercert(True)
    bindings = []
    if "tls-exporter" in ssl.CHANNEL_BINDING_TYPES:  # RFC 9266, once Python has it
        bindings.append(("tls-exporter", tls.get_channel_binding("tls-exporter")))
    elif version == "TLSv1.2":  # tls-unique is not defined for TLS 1.3 (RFC 9266 3)
        bindings.append(("tls-unique", tls.get_channel_binding("tls-unique")))
    certificate = server_certificate if server_side else peer
    if certificate is not None:
        bindings.append(("tls-server-end-point", server_end_point(certificate)))
    return TlsInfo(
        version,
        tuple(ChannelBinding(name, data) for name, data in bindings if data),
        peer if verified else None,
        peer,
        (tls.cipher() or ("",))[0],
    )


# Hash of the signature algorithm by its OID in DER; others have no tls-server-end-point.
_SIGNATURE_HASHES = {
    bytes.fromhex("2a864886f70d010104"): "sha256",  # md5WithRSA, replaced as RFC 5929 4.1 says
    bytes.fromhex("2a864886f70d010105"): "sha256",  # sha1WithRSA, replaced
    bytes.fromhex("2a8648ce3d0401"): "sha256",  # ecdsa-with-SHA1, replaced
    bytes.fromhex("2a864886f70d01010b"): "sha256",
    bytes.fromhex("2a864886f70d01010c"): "sha384",
    bytes.fromhex("2a864886f70d01010d"): "sha512",
    bytes.fromhex("2a864886f70d01010e"): "sha224",
    bytes.fromhex("2a8648ce3d040301"): "sha224",
    bytes.fromhex("2a8648ce3d040302"): "sha256",
    bytes.fromhex("2a8648ce3d040303"): "sha384",
    bytes.fromhex("2a8648ce3d040304"): "sha512",
}


def server_end_point(certificate: bytes) -> bytes | None:
    """Return the tls-server-end-point data of a server certificate in DER (RFC 5929 4).

    None if the certificate's signature has no hash that the RFC could name.
    """
    try:
        # Certificate ::= SEQUENCE { tbsCertificate, signatureAlgorithm SEQUENCE { OID } ... }
        body = _contents(certificate, 0)[0]
        _, after_tbs = _contents(certificate, body)
        algorithm, _ = _contents(certificate, after_tbs)
        start, end = _contents(certificate, algorithm)
    except IndexError:
        return None
    name = _SIGNATURE_HASHES.get(certificate[start:end])
    return hashlib.new(name, certificate).digest() if name else None


def _contents(der: bytes, at: int) -> tuple[int, int]:
    """Return where the contents of the DER element at ``at`` start and end."""
    length = der[at + 1]
    start = at + 2
    if length & 0x80:
        size = length & 0x7F
        length = int.from_bytes(der[start : start + size], "big")
        start += size
    return start, start + length


def certificate_in_der(certificate: bytes | None) -> bytes | None:
    """Turn the first certificate of a PEM file into DER; DER stays."""
    if certificate is None or not certificate.lstrip().startswith(b"-----BEGIN"):
        return certificate
    pem, end, _ = certificate.decode("ascii").partition("-----END CERTIFICATE-----")
    return ssl.PEM_cert_to_DER_cert(pem[pem.index("-----BEGIN CERTIFICATE-----") :] + end)
