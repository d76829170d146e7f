"""APOP: proof of a shared password by a digest over the server's timestamp (RFC 1939 7).

MD5 is broken and the server has to store the password in clear; SASL over TLS is better.
"""

import re
import secrets
from hashlib import md5

from mailproto.sasl import SaslError, saslprep

__all__ = ["apop_digest", "apop_timestamp", "find_timestamp"]

# RFC 2449 3: MUST conform to msg-id of RFC 822. Nothing else is ever hashed, because digests
# over chosen octets give the password away (CVE-2007-1558).
_TIMESTAMP = re.compile(r"<[!-;=?A-~]+@[!-;=?A-~]+>")


def find_timestamp(banner: str) -> str | None:
    """Return the timestamp that stands anywhere in a greeting, angle brackets included."""
    found = _TIMESTAMP.search(banner)
    return found[0] if found else None


def apop_timestamp(hostname: str) -> str:
    """Make a timestamp for a greeting, different each time."""
    return f"<{secrets.token_hex(16)}@{hostname}>"


def apop_digest(timestamp: str, password: str) -> str:
    """Return the digest for :class:`Apop`, 32 hexadecimal digits.

    ``password`` is prepared with SASLprep as a stored string (RFC 6856 2.2). Raises
    :class:`~mailproto.sasl.SaslError` if that forbids it, or if the platform forbids MD5.
    """
    prepared = saslprep(password, allow_unassigned=False)
    try:
        return md5((timestamp + prepared).encode()).hexdigest()
    except ValueError:  # a FIPS policy
        raise SaslError("this platform does not allow MD5") from None
