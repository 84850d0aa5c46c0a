"""A certificate authority for tests, as a careful city would run one, or a careless one."""

from __future__ import annotations

import shutil
import ssl
import subprocess
from pathlib import Path

import pytest

CONFIGURATION = """
[ca]
default_ca = authority
[authority]
database = index.txt
serial = serial.txt
new_certs_dir = .
certificate = authority.pem
private_key = authority.key
default_md = sha256
policy = anything
copy_extensions = copy
x509_extensions = issued
unique_subject = no
[anything]
commonName = supplied
[req]
distinguished_name = dn
[dn]
[issued]
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
"""
VALID = ("20200101000000Z", "20991231000000Z")
LONG_AGO = ("20200101000000Z", "20200201000000Z")


class Authority:
    """Certificates of any kind, made by the openssl command when they are needed.

    usage: what the authority's own certificate says its key is for; empty for one that is silent,
    as many that were made by hand are. limits: what the certificates that it issues may be.
    """

    def __init__(
        self,
        folder: Path,
        usage: str = "critical,keyCertSign,cRLSign",
        limits: str = "critical,CA:TRUE",
    ) -> None:
        if shutil.which("openssl") is None:
            pytest.fail("these tests need the openssl command to make certificates")
        self.folder = folder
        (folder / "openssl.cnf").write_text(CONFIGURATION)
        (folder / "index.txt").touch()
        (folder / "serial.txt").write_text("01")
        self._openssl(
            "req",
            "-x509",
            *self._key("authority"),
            "-out",
            "authority.pem",
            "-subj",
            "/CN=Authority",
            "-days",
            "3650",
            "-addext",
            f"basicConstraints={limits}",
            *(["-addext", f"keyUsage={usage}"] if usage else []),
        )

    def _openssl(self, *arguments: str) -> None:
        command, *rest = arguments
        run = ["openssl", command, "-config", "openssl.cnf", *rest]
        subprocess.run(run, cwd=self.folder, check=True, capture_output=True)

    def _key(self, name: str) -> list[str]:
        curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"]
        return [*curve, "-nodes", "-keyout", f"{name}.key"]

    def issue(self, name: str, period: tuple[str, str] = VALID) -> str:
        """Make LABEL.pem and LABEL.key for a name ("DNS:…" or "IP:…"); gives the label."""
        label = f"{name}-{period[1]}".replace(":", "-")
        self._openssl(
            "req",
            *self._key(label),
            "-out",
            f"{label}.csr",
            "-subj",
            "/CN=x",
            "-addext",
            f"subjectAltName={name}",
        )
        self._openssl(
            "ca",
            "-batch",
            "-notext",
            "-startdate",
            period[0],
            "-enddate",
            period[1],
            "-in",
            f"{label}.csr",
            "-out",
            f"{label}.pem",
        )
        return label

    def server(self, name: str, period: tuple[str, str] = VALID) -> ssl.SSLContext:
        """A server's side of TLS with a certificate for a name."""
        label = self.issue(name, period)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.folder / f"{label}.pem", self.folder / f"{label}.key")
        return context

    def client(self) -> ssl.SSLContext:
        """A client's side that trusts this authority alone, as strictly as Python 3.13 does."""
        context = ssl.create_default_context(cafile=str(self.folder / "authority.pem"))
        context.verify_flags |= ssl.VERIFY_X509_STRICT
        return context
