"""What is wrong with a mail server that was looked at, and what to do about it."""

from collections.abc import Callable

from mailproto.cli.probing import Probe

__all__ = ["advise"]

_SOON = 14  # days
_MODERN = {"TLSv1.2", "TLSv1.3"}
# X509_V_ERR of OpenSSL: self-signed, or from an issuer that is not known here.
_UNKNOWN_ISSUER = {18, 19, 20, 21}
# X509_V_ERR_HOSTNAME_MISMATCH and X509_V_ERR_IP_ADDRESS_MISMATCH.
_OTHER_NAME = {62, 64}


def _clear(probe: Probe, fact: str, wanted: bool) -> bool:
    """Whether it was seen in clear text, and this fact of what it offers there is so."""
    offers = probe.offers.get("clear")
    return offers is not None and getattr(offers, fact) is wanted


def _expires(probe: Probe, least: float, most: float) -> bool:
    return probe.certificate is not None and least <= probe.certificate.days_left() < most


_RULES: tuple[tuple[Callable[[Probe], bool], str], ...] = (
    (
        lambda probe: _clear(probe, "starttls", False),
        "It offers no STARTTLS: all goes in clear text.",
    ),
    (
        lambda probe: _clear(probe, "passwords", True),
        "It takes passwords in clear text: offer them only with TLS.",
    ),
    (
        lambda probe: any(offers.open for offers in probe.offers.values()),
        "It lets everybody in without a password (PREAUTH).",
    ),
    (
        lambda probe: probe.tls is not None and probe.tls.version not in _MODERN,
        "{probe.tls.version} is too old: TLS 1.2 is the least.",
    ),
    (
        lambda probe: probe.verify_code in _UNKNOWN_ISSUER,
        "If a CA of your own signed the certificate, name that CA with --ca FILE.",
    ),
    (
        lambda probe: probe.verify_code in _OTHER_NAME,
        "Use a name that the certificate has, or get one for {probe.host}.",
    ),
    (
        lambda probe: _expires(probe, float("-inf"), 0),
        "The certificate has expired: renew it.",
    ),
    (
        lambda probe: _expires(probe, 0, _SOON),
        "The certificate ends on {probe.certificate.ends:%Y-%m-%d}: renew it.",
    ),
)


def advise(probe: Probe) -> list[str]:
    """Return what to do about what was found; empty if all is well."""
    return [text.format(probe=probe) for applies, text in _RULES if applies(probe)]
