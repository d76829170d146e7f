"""tls-server-end-point (RFC 5929 4) of certificates of all kinds, and of what is none."""

import hashlib
from datetime import datetime

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from hypothesis import given
from hypothesis import strategies as st

from mailproto.tls import server_end_point

NAME = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "mx.example")])
RSA = rsa.generate_private_key(public_exponent=65537, key_size=2048)
EC = ec.generate_private_key(ec.SECP256R1())
ED = ed25519.Ed25519PrivateKey.generate()
Hash = hashes.SHA224 | hashes.SHA256 | hashes.SHA384 | hashes.SHA512
HASHES: dict[str, Hash] = {
    "sha224": hashes.SHA224(),
    "sha256": hashes.SHA256(),
    "sha384": hashes.SHA384(),
    "sha512": hashes.SHA512(),
}


def issue(
    key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey,
    digest: Hash | None,
    *,
    pss: bool = False,
    names: int = 1,
) -> bytes:
    """Make a self-signed certificate, in DER; ``names`` makes it long."""
    alternatives = [x509.DNSName(f"host{n}.example") for n in range(names)]
    builder = (
        x509.CertificateBuilder()
        .subject_name(NAME)
        .issuer_name(NAME)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(datetime(2020, 1, 1))
        .not_valid_after(datetime(2040, 1, 1))
        .add_extension(x509.SubjectAlternativeName(alternatives), critical=False)
    )
    scheme = padding.PSS(padding.MGF1(hashes.SHA256()), 32) if pss else None
    certificate = builder.sign(key, digest, rsa_padding=scheme)
    return certificate.public_bytes(Encoding.DER)


SAMPLE = issue(EC, hashes.SHA256())


@pytest.mark.parametrize("name", HASHES)
@pytest.mark.parametrize("key", [RSA, EC], ids=["RSA", "ECDSA"])
@pytest.mark.parametrize("names", [1, 3000], ids=["short", "long"])
def test_hash_of_the_signature(
    name: str, key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey, names: int
) -> None:
    certificate = issue(key, HASHES[name], names=names)
    assert server_end_point(certificate) == hashlib.new(name, certificate).digest()


@pytest.mark.parametrize(
    "old",
    [
        "2a864886f70d010104",  # md5WithRSAEncryption
        "2a864886f70d010105",  # sha1WithRSAEncryption
    ],
)
def test_old_hashes_are_replaced(old: str) -> None:
    """RFC 5929 4.1: SHA-256 instead of MD5 and SHA-1."""
    new = issue(RSA, hashes.SHA256())
    certificate = new.replace(bytes.fromhex("2a864886f70d01010b"), bytes.fromhex(old))
    assert certificate != new
    assert server_end_point(certificate) == hashlib.sha256(certificate).digest()


def test_signatures_without_such_a_hash() -> None:
    """RFC 5929 4.1: undefined where no hash, or not just one, belongs to the signature."""
    assert server_end_point(issue(ED, None)) is None
    assert server_end_point(issue(RSA, hashes.SHA256(), pss=True)) is None


@given(st.integers(0, len(SAMPLE) - 1))
def test_cut_off(length: int) -> None:
    """Without its signature algorithm, a certificate has no hash."""
    found = server_end_point(SAMPLE[:length])
    assert found in (None, hashlib.sha256(SAMPLE[:length]).digest())
    if length < len(SAMPLE) - 100:
        assert found is None


@given(st.binary(max_size=200))
def test_nonsense(data: bytes) -> None:
    assert server_end_point(data) is None


@given(st.integers(0, len(SAMPLE) - 1), st.integers(0, 255))
def test_one_octet_wrong(at: int, octet: int) -> None:
    damaged = bytearray(SAMPLE)
    damaged[at] = octet
    server_end_point(bytes(damaged))
