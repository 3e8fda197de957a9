"""An authority of the tests' own, and the certificates that it makes: good ones, and others."""

import ipaddress
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

DAY = timedelta(days=1)
HERE = ("localhost", "127.0.0.1")
"""The names under which tests reach their servers."""


class Authority:
    """Signs certificates, whose files it puts into a folder; `file` is its own one."""

    def __init__(self, folder: Path, name: str = "Authority of the tests") -> None:
        self._folder = folder
        self._folder.mkdir(parents=True, exist_ok=True)
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = _named(name)
        made = (
            self._began(self._name, self._key.public_key(), -1, 2)
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(_signs(), critical=True)
        )
        self.file = self._folder / "authority.pem"
        self.file.write_bytes(_pem(made.sign(self._key, hashes.SHA256())))

    def certificate(
        self, file: str, *names: str, since_days: float = -1, until_days: float = 2
    ) -> Path:
        """A file of a key and its certificate for these names, or for those of this machine."""
        key = ec.generate_private_key(ec.SECP256R1())
        names = names or HERE
        made = (
            self._began(_named(names[0]), key.public_key(), since_days, until_days)
            .add_extension(x509.SubjectAlternativeName(map(_alternative, names)), critical=False)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        )
        place = self._folder / f"{file}.pem"
        place.write_bytes(_key_pem(key) + _pem(made.sign(self._key, hashes.SHA256())))
        return place

    def _began(self, subject, public_key, since_days, until_days):
        now = datetime.now(UTC)
        signer = self._key.public_key()
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self._name)
            .public_key(public_key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(now + since_days * DAY)
            .not_valid_after(now + until_days * DAY)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(public_key), critical=False)
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(signer), critical=False
            )
        )


def _named(name):
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def _alternative(name):
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _signs():
    """What the certificate of an authority must say that it may do: Python 3.13 looks."""
    others = (
        *("digital_signature", "content_commitment", "key_encipherment", "data_encipherment"),
        *("key_agreement", "encipher_only", "decipher_only"),
    )
    return x509.KeyUsage(key_cert_sign=True, crl_sign=True, **dict.fromkeys(others, False))


def _pem(certificate):
    return certificate.public_bytes(serialization.Encoding.PEM)


def _key_pem(key):
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
