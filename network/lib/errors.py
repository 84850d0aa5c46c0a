"""One tree of errors; each says what happened as a message that the edge translates.

A message is a gettext msgid with %(name)s arguments, never a finished sentence, because only
the edge (a page, a command, the peers list) knows the reader's language.
"""

from __future__ import annotations

from typing import Any


class PioneerError(Exception):
    """Anything that this project raises on purpose.

    message: a gettext msgid; arguments: its %(name)s values.
    """

    def __init__(self, message: str, **arguments: Any) -> None:
        super().__init__(message, arguments)
        self.message = message
        self.arguments = arguments

    def __str__(self) -> str:
        return self.message % self.arguments if self.arguments else self.message


class InvalidInput(PioneerError):
    """What someone gave cannot be used; nothing was changed. field: the form field, if one."""

    def __init__(self, message: str, field: str | None = None, **arguments: Any) -> None:
        super().__init__(message, **arguments)
        self.field = field


class NotFound(PioneerError):
    """What was asked for is not here."""


class Forbidden(PioneerError):
    """The person may not do this."""


class Conflict(PioneerError):
    """Somebody else changed it in the meantime; both versions must be shown."""


class RemoteError(PioneerError):
    """Another site failed us. retryable says whether asking again later can help.

    retry_after: seconds that the other side asked for, if it did.
    """

    def __init__(
        self,
        message: str,
        retryable: bool = True,
        retry_after: float | None = None,
        **arguments: Any,
    ) -> None:
        super().__init__(message, **arguments)
        self.retryable = retryable
        self.retry_after = retry_after
