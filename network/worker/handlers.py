"""Job name to handler, and duties that come round: what the worker does beside indexing and polls.

A handler runs at least once and is therefore idempotent. It opens its own sessions, asks nothing of
the network while a transaction is open, and raises when the job is to be tried again: RemoteError
when another site failed, anything else when the fault is ours.
"""

from __future__ import annotations

from datetime import timedelta

from network.jobs.kinds import Kind
from network.worker import (
    adoptions,
    clocks,
    icons,
    membership,
    push,
    searches,
    sign_in,
    teaching,
    webmention,
)
from network.worker.tools import Duty, Handler

HANDLERS: dict[Kind, Handler] = {
    Kind.WEBMENTION_PLAN: webmention.plan,
    Kind.WEBMENTION_SEND: webmention.send,
    Kind.WEBMENTION_CHECK: webmention.check,
    Kind.HUB_VERIFY: push.hub_verify_one,
    Kind.HUB_PUSH: push.hub_push,
    Kind.HUB_DENY: push.hub_deny,
    Kind.WEBSUB_SUBSCRIBE: push.ask,
    Kind.WEBSUB_UNSUBSCRIBE: push.leave,
    Kind.ICON: icons.refresh,
    Kind.FOLLOW: membership.follow,
    Kind.DESCRIBE: membership.describe,
    Kind.SEARCH_CONFIRM: searches.ask,
    Kind.SEARCH_DIGEST: searches.tell,
    Kind.SIGN_IN_LINK: sign_in.send,
}
"""Kinds of jobs that run beside each other in threads. One that hangs keeps one thread."""


DUTIES: tuple[Duty, ...] = (
    Duty("clocks", timedelta(minutes=1), clocks.settle),
    Duty("webmentions due", timedelta(seconds=2), webmention.queue_due),
    Duty("webmentions of sites", timedelta(seconds=2), webmention.Reconciliation()),
    Duty("old webmentions", timedelta(hours=1), webmention.forget_old),
    Duty("hub-distribute", timedelta(0), push.distribute),
    Duty("hub-sweep", timedelta(minutes=10), push.sweep),
    Duty("websub-keep", timedelta(seconds=10), push.keep),
    Duty("adoptions", timedelta(seconds=15), adoptions.reconcile),
    Duty("followers", timedelta(seconds=15), adoptions.confirm_followers),
    Duty("icons", timedelta(seconds=20), icons.plan),
    Duty("trusted lists", timedelta(hours=1), membership.read_lists),
    Duty("lexicon", timedelta(minutes=5), teaching.learn),
    Duty("saved searches", timedelta(seconds=20), searches.look),
    Duty("members' descriptions", timedelta(hours=1), membership.describe_members),
)
