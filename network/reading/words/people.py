"""Names of people as feeds write them, without the mailboxes beside them, which are nobody's to
publish again."""

from __future__ import annotations

import re

from network.reading.words.text import LONGEST_LABEL, one_line

_MAILBOX = re.compile(r"(?:mailto:)?[^\s@()<>\[\]{},;:\"'|]+@[^\s@()<>\[\]{},;:\"'|]+", re.I)
_BESIDE = re.compile(rf"{_MAILBOX.pattern}\s*\(([^()@]+)\)", re.I)
_EMPTY = re.compile(r"\(\s*\)|<\s*>|\[\s*\]|\{\s*\}|\"\s*\"")
_WHOLE = re.compile(r"\((.*)\)|<(.*)>|\[(.*)\]|\"(.*)\"|'(.*)'|«(.*)»|“(.*)”")
_EDGE = " \t\u00a0\u202f,;:|/–—-"


def name_of(written: str) -> str:
    """The name in “Name (mail@host)”, “mail@host (Name)”, “Name <mail@host>” and their like; empty
    when there is a mailbox, a page or the name of an account alone. What holds neither is a name as
    it is.
    """
    line = one_line(written[: 2 * LONGEST_LABEL])
    if line.startswith(("http://", "https://")):
        return ""
    if "@" not in line:
        return line
    rest = _MAILBOX.sub("", _BESIDE.sub(r"\1", line))
    if "@" in rest:  # the name of an account stands for nobody elsewhere
        return ""
    while (shorter := _EMPTY.sub("", rest)) != rest:
        rest = shorter
    rest = one_line(rest).strip(_EDGE)
    if whole := _WHOLE.fullmatch(rest):
        rest = next(filter(None, whole.groups()), "")
    return rest.strip(_EDGE)
