"""What is wrong with another machine's certificate, in words that its operator can act on."""

from __future__ import annotations

import ssl

from network.lib.errors import RemoteError
from network.lib.i18n import N_

_EXPIRED, _HOST_MISMATCH, _ADDRESS_MISMATCH = 10, 62, 64
"""OpenSSL's X509_V_ERR_CERT_HAS_EXPIRED, _HOSTNAME_MISMATCH and _IP_ADDRESS_MISMATCH."""
_NO_KEY_USAGE = 92
"""OpenSSL's X509_V_ERR_CA_CERT_MISSING_KEY_USAGE."""
_AGAINST_THE_RULES = range(79, 95)
"""What OpenSSL's X509_V_FLAG_X509_STRICT finds against RFC 5280. Python sets it from 3.13 on, so
that a private authority of an older making is trusted by one node and not by another."""


def explain(error: ssl.SSLCertVerificationError, host: str) -> RemoteError:
    """Why a certificate is not believed; it may be mended, so it is worth another try."""
    code = getattr(error, "verify_code", 0)
    if code == _EXPIRED:
        return RemoteError(N_("The certificate of %(host)s has expired."), host=host)
    if code in (_HOST_MISMATCH, _ADDRESS_MISMATCH):
        message = N_("%(host)s shows a certificate that was made out to another name.")
        return RemoteError(message, host=host)
    if code == _NO_KEY_USAGE:
        message = N_(
            "The authority behind the certificate of %(host)s does not say what its key is for: "
            "its own certificate lacks the “key usage” that RFC 5280 asks for. Whoever runs that "
            "authority must issue its certificate anew, with keyCertSign and cRLSign."
        )
        return RemoteError(message, host=host)
    if code in _AGAINST_THE_RULES:
        message = N_(
            "The certificate of %(host)s, or that of its authority, is not made as RFC 5280 asks "
            "(%(rule)s). It must be issued anew."
        )
        return RemoteError(message, host=host, rule=getattr(error, "verify_message", ""))
    return RemoteError(
        N_("The certificate of %(host)s does not come from an authority that this node trusts."),
        host=host,
    )
