"""The kinds of jobs there are: one row each, so that none is added that nobody does."""

from __future__ import annotations

from enum import StrEnum


class Kind(StrEnum):
    """What a job does. It stands in the database, so a value that was released stays as it is.

    The leader indexes by itself; each other kind has its handler in `worker.handlers`.
    """

    INDEX = "index"
    WEBMENTION_PLAN = "webmention"
    WEBMENTION_SEND = "webmention-send"
    WEBMENTION_CHECK = "webmention-check"
    HUB_VERIFY = "hub-verify"
    HUB_PUSH = "hub-push"
    HUB_DENY = "hub-deny"
    WEBSUB_SUBSCRIBE = "websub-subscribe"
    WEBSUB_UNSUBSCRIBE = "websub-unsubscribe"
    ICON = "icon"
    FOLLOW = "follow"
    DESCRIBE = "describe"
    SEARCH_CONFIRM = "search-confirm"
    SEARCH_DIGEST = "search-digest"
    SIGN_IN_LINK = "sign-in-link"
