"""What a certificate says about itself, trusted or not."""

from datetime import UTC, datetime

from cryptography import x509

from mailproto._value import value

__all__ = ["CertificateFacts", "read_certificate"]


@value
class CertificateFacts:
    """Subject (RFC 4514), names (DNS and IP) and validity of a certificate (RFC 5280 4)."""

    subject: str
    names: tuple[str, ...]
    begins: datetime
    ends: datetime

    def days_left(self) -> float:
        """Return in how many days it expires; negative if it has."""
        return (self.ends - datetime.now(UTC)).total_seconds() / 86400


def read_certificate(der: bytes) -> CertificateFacts:
    """Read a certificate in DER; raises ``ValueError`` if it is none."""
    certificate = x509.load_der_x509_certificate(der)
    try:
        found = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        names: tuple[str, ...] = ()
    else:
        addresses = found.get_values_for_type(x509.IPAddress)
        names = (*found.get_values_for_type(x509.DNSName), *map(str, addresses))
    return CertificateFacts(
        certificate.subject.rfc4514_string(),
        names,
        certificate.not_valid_before_utc,
        certificate.not_valid_after_utc,
    )
