"""The one way out for e-mail: a message is given to the mail server that the settings name.

That server is chosen by whoever runs the node, and is often on the same machine or in a private
network; so it is not guarded like the sites whose addresses strangers name (lib.http).
"""

from __future__ import annotations

import re
import smtplib
import ssl
from contextlib import suppress
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path

from network.lib import certificates, clock
from network.lib.errors import PioneerError, RemoteError
from network.lib.i18n import N_

SECONDS = 20.0
"""For each answer of the mail server; a message needs about eight."""


@dataclass(frozen=True, slots=True)
class Server:
    """A mail server. tls: `starttls`, `tls` (from the first byte) or `none`. user: empty for none.

    password_file: read at each use, so that a password can be changed without a restart.
    sender: the mailbox that messages are from.
    """

    host: str
    port: int
    user: str
    password_file: Path | None
    tls: str
    sender: str


@dataclass(frozen=True, slots=True)
class Letter:
    """A message in two forms that say the same. id: before the @ of its Message-ID, the same each
    time that it is sent. unsubscribe: where one POST ends such letters (RFC 8058); empty if none.
    """

    id: str
    to: str
    subject: str
    text: str
    html: str
    lang: str
    unsubscribe: str = ""


class Refused(PioneerError):
    """The mail server will never take this message for this mailbox."""


def send(server: Server, letter: Letter, sender_name: str, host: str) -> None:
    """Hand a letter over; when this returns, the mail server has taken it.

    host: of this node, for the Message-ID. Raises Refused, or RemoteError when it can be tried
    again. Neither repeats what the server said: it may name the mailbox.
    """
    message = compose(server, letter, sender_name, host)
    try:
        connection = _connected(server)
        try:
            connection.send_message(message)
        finally:
            with suppress(smtplib.SMTPException, OSError):  # what was taken stays taken
                connection.quit()
    except smtplib.SMTPRecipientsRefused as error:
        raise _failure(max(code for code, _said in error.recipients.values())) from None
    except smtplib.SMTPResponseException as error:
        about_us = not isinstance(error, smtplib.SMTPDataError)
        raise _failure(error.smtp_code, about_us) from None
    except ssl.SSLCertVerificationError as error:
        raise certificates.explain(error, server.host) from None
    except (smtplib.SMTPException, OSError, ValueError) as error:
        kind = type(error).__name__
        raise RemoteError(N_("The mail server cannot be used (%(kind)s)."), kind=kind) from None


def _failure(code: int, about_us: bool = False) -> PioneerError:
    """5xx is for ever (RFC 5321, section 4.2.1), unless it is about our connection or account."""
    if code >= 500 and not about_us:
        return Refused(N_("The mail server refused the message (%(code)s)."), code=code)
    return RemoteError(N_("The mail server did not take the message (%(code)s)."), code=code)


def _connected(server: Server) -> smtplib.SMTP:
    """A session in which a message can be sent."""
    context = ssl.create_default_context() if server.tls != "none" else None
    if server.tls == "tls":
        connection: smtplib.SMTP = smtplib.SMTP_SSL(
            server.host, server.port, timeout=SECONDS, context=context
        )
    else:
        connection = smtplib.SMTP(server.host, server.port, timeout=SECONDS)
    try:
        if server.tls == "starttls":
            connection.starttls(context=context)
        if server.user:
            password = server.password_file.read_text("utf-8") if server.password_file else ""
            connection.login(server.user, password.strip("\r\n"))
    except BaseException:
        with suppress(OSError):
            connection.close()
        raise
    return connection


def compose(server: Server, letter: Letter, sender_name: str, host: str) -> EmailMessage:
    """The letter as a message (RFC 5322), text first and then the same in HTML."""
    message = EmailMessage()
    message["From"] = _mailbox(sender_name, server.sender)
    message["To"] = letter.to
    message["Subject"] = _one_line(letter.subject)
    message["Date"] = format_datetime(clock.now())
    message["Message-ID"] = f"<{letter.id}@{host}>"
    message["Content-Language"] = letter.lang
    message["Auto-Submitted"] = "auto-generated"
    if letter.unsubscribe:
        message["List-Unsubscribe"] = f"<{letter.unsubscribe}>"
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    message.set_content(letter.text, cte="quoted-printable")
    message.add_alternative(letter.html, subtype="html", cte="quoted-printable")
    return message


def _mailbox(name: str, address: str) -> str:
    quoted = _one_line(name).replace("\\", "").replace('"', "")
    return f'"{quoted}" <{address}>' if quoted else address


def _one_line(text: str) -> str:
    """Without line ends, which would begin another field; no-break spaces stay."""
    return re.sub(r"[^\S\u00a0\u202f]+", " ", text).strip(" ")
