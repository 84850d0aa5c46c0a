"""Administration: who is told of this site's changes by its hub, and how that goes."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template
from flask.typing import ResponseReturnValue

from network.feeds import hub_queries
from network.lib.i18n import N_
from network.web.entrance.access import requires
from network.web.entrance.context import session, settings
from network.web.entrance.locale import _, localised, url

blueprint = Blueprint("receivers", __name__)


@localised(blueprint, "/admin/receivers")
@requires("administrator")
def receivers() -> str:
    """Every site that subscribed to a feed of this one."""
    found, total = hub_queries.receivers(session())
    base_url = settings().base_url
    return render_template(
        "administration/receivers.html",
        receivers=[(each, each.topic.removeprefix(base_url)) for each in found],
        total=total,
        said=lambda error: _(error[0], **error[1]) if error else "",
    )


@localised(
    blueprint,
    "/admin/receivers/<int:number>/end",
    methods=("POST",),
)
@requires("administrator")
def end(number: int) -> ResponseReturnValue:
    """Send a site no more of a feed, and tell it so."""
    host = hub_queries.end_one(session(), number)
    flash(_(N_("%(host)s is not told of changes any more."), host=host), "success")
    return redirect(url("receivers.receivers"), 303)
