"""Every way another site can fail us, in words that its operator and ours can act on."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from http.client import BadStatusLine, HTTPException, IncompleteRead, LineTooLong

from requests.exceptions import RequestException
from urllib3 import exceptions as urllib3

from network.lib import certificates
from network.lib.errors import RemoteError
from network.lib.i18n import N_

TRANSPORT = (OSError, HTTPException, urllib3.HTTPError, RequestException, ValueError)
"""What the transport may raise below us; `explain` turns it into a RemoteError.

ValueError too: a chunk of "-5" bytes gets as far as a read() that refuses a negative length.
"""


SHOWN = 200


class HostBusy(RemoteError):
    """We ask that host as often at once as we allow ourselves; the host is not to blame."""


def _short(url: str) -> str:
    """An address as a message shows it: one that a redirect made up may be very long."""
    return url if len(url) <= SHOWN else url[:SHOWN] + "…"


def not_an_address(url: str) -> RemoteError:
    return RemoteError(
        N_("“%(url)s” is not a web address that begins with http:// or https://."),
        retryable=False,
        url=_short(url),
    )


def credentials(host: str) -> RemoteError:
    return RemoteError(
        N_("The address at %(host)s contains a user name or password; this node sends none."),
        retryable=False,
        host=host,
    )


def refused_port(url: str, port: int, ports: tuple[int, ...]) -> RemoteError:
    return RemoteError(
        N_("The address %(url)s uses port %(port)s; this node contacts only ports %(ports)s."),
        retryable=False,
        url=_short(url),
        port=port,
        ports=", ".join(map(str, ports)),
    )


def private_address(url: str) -> RemoteError:
    return RemoteError(
        N_(
            "The address %(url)s leads to a private network address, "
            "which this node does not contact."
        ),
        retryable=False,
        url=_short(url),
    )


def unknown_name(host: str) -> RemoteError:
    return RemoteError(N_("The domain name system does not know %(host)s."), host=host)


def slow(host: str, seconds: float) -> RemoteError:
    return RemoteError(
        N_("%(host)s took longer than %(seconds)s seconds to answer."),
        host=host,
        seconds=f"{seconds:g}",
    )


def busy(host: str) -> HostBusy:
    return HostBusy(
        N_("This node is already asking %(host)s for something else; its turn comes later."),
        host=host,
    )


def unreachable(host: str, error: OSError | None) -> RemoteError:
    if isinstance(error, ConnectionRefusedError):
        return RemoteError(N_("%(host)s refused the connection."), host=host)
    return RemoteError(N_("%(host)s could not be reached."), host=host)


def too_large(host: str, limit: int) -> RemoteError:
    return RemoteError(
        N_("The answer of %(host)s is larger than %(megabytes)s MB."),
        host=host,
        megabytes=f"{limit / (1 << 20):.3g}",
    )


def too_many_headers(host: str) -> RemoteError:
    return RemoteError(N_("The answer of %(host)s begins with too many headers."), host=host)


def not_http(host: str) -> RemoteError:
    return RemoteError(N_("%(host)s did not answer as a web server does."), host=host)


def unwanted_coding(host: str, coding: str) -> RemoteError:
    return RemoteError(
        N_("The answer of %(host)s is encoded as “%(coding)s”, which this node did not ask for."),
        host=host,
        coding=coding[:50],
    )


def damaged(host: str) -> RemoteError:
    return RemoteError(N_("The compressed answer of %(host)s is damaged."), host=host)


def incomplete(host: str) -> RemoteError:
    return RemoteError(N_("The answer of %(host)s broke off before its end."), host=host)


def circle(url: str) -> RemoteError:
    return RemoteError(N_("The address %(url)s is redirected in a circle."), url=_short(url))


def too_many_redirects(url: str, count: int) -> RemoteError:
    return RemoteError(
        N_("The address %(url)s is redirected more than %(count)s times."),
        url=_short(url),
        count=count,
    )


def explain(error: BaseException, host: str, seconds: float) -> RemoteError:
    """What an exception of the transport means. seconds: the time that had been allowed."""
    chain = list(_causes(error))
    for cause in chain:
        if isinstance(cause, RemoteError):
            return cause
        if isinstance(cause, ssl.SSLCertVerificationError):
            return certificates.explain(cause, host)
    if any(isinstance(cause, TimeoutError | urllib3.TimeoutError) for cause in chain):
        return slow(host, seconds)
    for cause in chain:
        if found := _from_type(cause, host):
            return found
    return not_http(host)


def _from_type(cause: BaseException, host: str) -> RemoteError | None:
    if isinstance(cause, ssl.SSLError):
        return RemoteError(N_("No secure connection to %(host)s could be made."), host=host)
    if isinstance(cause, IncompleteRead | urllib3.IncompleteRead | ConnectionError):
        return incomplete(host)
    if isinstance(cause, LineTooLong) or "got more than" in str(cause):
        return too_many_headers(host)
    if isinstance(cause, urllib3.ProtocolError) and "prematurely" in str(cause):
        return incomplete(host)
    if isinstance(cause, BadStatusLine) and not str(cause).strip("'\""):
        return incomplete(host)
    return None


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The exception and all that it wraps (arguments, reason, cause, context), nearest first."""
    seen: list[BaseException] = []
    waiting: list[object] = [error]
    while waiting:
        each = waiting.pop(0)
        if isinstance(each, BaseException) and each not in seen:
            seen.append(each)
            yield each
            inner = (getattr(each, "reason", None), *each.args, each.__cause__, each.__context__)
            waiting.extend(inner)
