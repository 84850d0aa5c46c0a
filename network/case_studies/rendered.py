"""The HTML of texts that are looked at first, all of them, and published afterwards."""

from __future__ import annotations

from typing import cast

from network.case_studies import drafts, versions
from network.case_studies.drafts import TextDraft
from network.lib.aside import Aside


class Rendered(Aside):
    """Makes HTML of texts, once of each, and keeps it out of memory."""

    def __init__(self) -> None:
        super().__init__()
        self._slots: dict[tuple[str, ...], int] = {}

    def __call__(self, text: TextDraft, lang: str) -> str:
        """See `versions.html`."""
        typed = lang, *(getattr(text, name) for name in drafts.MARKDOWN)
        if typed not in self._slots:
            self._slots[typed] = self.put(versions.html(text, lang))
        return cast(str, self.get(self._slots[typed]))
