"""Sends links that make a browser known (accounts.links)."""

from __future__ import annotations

from typing import Any

from network.accounts import links
from network.cities import site as sites
from network.lib.i18n import N_, translate
from network.lib.languages import in_words
from network.lib.mail import Refused
from network.saved_searches import letters, posting
from network.worker.tools import Tools, Work

PAGE = "account/link"
"""What the link opens, in English (web.entrance.sign_in_links)."""


def send(tools: Tools, work: Work) -> None:
    """Make a link for the mailbox, if it has an account, and send it. Raises RemoteError."""
    mailbox, lang = work.payload["mailbox"], work.payload["lang"]
    with tools.sessions() as session:
        made, site = links.make(session, mailbox), sites.read(session, tools.settings)
    if made is None:
        return
    user, token = made
    address = f"{tools.settings.base_url}/{lang}/{in_words(PAGE, lang)}/{token}"
    words = _words(lang, site.name(lang), address)
    letter = letters.letter(f"link.{work.key}", user.email, words.title, words)
    try:
        posting.send(tools.settings, letter, site)
    except Refused:
        return  # a mailbox that takes no mail has no other chance here


def _words(lang: str, site: str, address: str) -> letters.Words:
    def say(message: str, **arguments: Any) -> str:
        return translate(lang, message, arguments)

    return letters.Words(
        lang=lang,
        title=say(N_("Sign in to %(site)s"), site=site),
        paragraphs=[
            say(
                N_(
                    "Open this link in the browser in which you want to sign in. It is good once, "
                    "for %(minutes)s minutes; you then sign in with your password."
                ),
                minutes=int(links.LINK_LASTS.total_seconds() // 60),
            )
        ],
        items=[],
        links=[(say(N_("Continue to sign in")), address)],
        footer=[
            say(N_("If you did not ask for it, do nothing: the link opens nothing by itself."))
        ],
        ends=[],
    )
