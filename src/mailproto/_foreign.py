"""Marks of other protocols on a mail port: clear answers instead of garbled ones."""

__all__ = ["HTTP_VERBS", "TLS_HANDSHAKE", "TLS_RECORDS"]

HTTP_VERBS = frozenset(
    ("GET", "POST", "PUT", "HEAD", "DELETE", "OPTIONS", "CONNECT", "TRACE", "PATCH", "PRI")
)
"""A browser or a proxy made to speak to us (cross-protocol attack)."""

TLS_HANDSHAKE = b"\x16\x03"
"""How a client begins that expects TLS from the first byte."""

TLS_RECORDS = (b"\x15\x03", TLS_HANDSHAKE)
"""How a server answers that expects it: an alert or a handshake."""
