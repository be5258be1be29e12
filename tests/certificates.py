"""An authority and a certificate for localhost, made for the test and trusted by nobody else."""

import ssl
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID


@dataclass(frozen=True)
class Certificates:
    """Files in PEM."""

    authority: Path
    authority_key: Path
    chain: Path
    key: Path

    def server(self) -> ssl.SSLContext:
        """What a server of ours presents."""
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(self.chain, self.key)
        return context

    def client(self) -> ssl.SSLContext:
        """What a client that trusts the authority checks with."""
        return ssl.create_default_context(cafile=str(self.authority))


def make_certificates(folder: Path, *, days: int = 90, authority: Certificates | None = None) -> Certificates:
    """A certificate for ``localhost`` and 127.0.0.1 that ends in ``days``, under ``authority`` or a new one."""
    made = Certificates(
        authority=authority.authority if authority else folder / "authority.pem",
        authority_key=authority.authority_key if authority else folder / "authority.key",
        chain=folder / "localhost.pem",
        key=folder / "localhost.key",
    )
    if authority is None:
        _make_authority(made)
    issuer = x509.load_pem_x509_certificate(made.authority.read_bytes())
    issuer_key = serialization.load_pem_private_key(made.authority_key.read_bytes(), None)
    assert isinstance(issuer_key, ec.EllipticCurvePrivateKey)
    key = ec.generate_private_key(ec.SECP256R1())
    names = x509.SubjectAlternativeName([x509.DNSName("localhost"), x509.IPAddress(ip_address("127.0.0.1"))])
    certificate = (
        _builder("localhost", issuer.subject, key.public_key(), days)
        .add_extension(names, critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage(_BOTH_ENDS), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()), critical=False)
        .sign(issuer_key, hashes.SHA256())
    )
    _write_key(made.key, key)
    made.chain.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    return made


_BOTH_ENDS = [ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]


def _make_authority(made: Certificates) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "telepath tests")])
    usage = dict.fromkeys(
        ("digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement"), False
    ) | dict.fromkeys(("encipher_only", "decipher_only"), False)
    certificate = (
        _builder("telepath tests", name, key.public_key(), 90)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(x509.KeyUsage(key_cert_sign=True, crl_sign=True, **usage), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    _write_key(made.authority_key, key)
    made.authority.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))


def _builder(common_name: str, issuer: x509.Name, key: ec.EllipticCurvePublicKey, days: int) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)]))
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=days))
    )


def _write_key(path: Path, key: ec.EllipticCurvePrivateKey) -> None:
    text = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(text)
    path.chmod(0o600)
