"""Files that came with a study, in the words of the page's language."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from network.catalogue.values import Attachment
from network.lib.i18n import N_
from network.lib.sanitise import strip_control
from network.web.entrance.locale import _

KINDS = {
    "audio": N_("Audio"),
    "video": N_("Video"),
    "image": N_("Image"),
    "text": N_("Text"),
    "document": N_("Document"),
    "table": N_("Spreadsheet"),
    "slides": N_("Presentation"),
    "archive": N_("Archive"),
}
_OF_TYPE = (
    (r"(audio|video|image)(/.*)?", None),
    (r"application/(ogg|mp4|x-mpegurl|vnd\.apple\.mpegurl|x-shockwave-flash)", "video"),
    (
        r"application/vnd\.oasis\.opendocument\.text|application/(.*word.*|rtf|epub\+zip)",
        "document",
    ),
    (r"text/csv|.*(excel|spreadsheet).*", "table"),
    (r".*(powerpoint|presentation).*", "slides"),
    (r"application/(zip|gzip|x-tar|x-7z-compressed|x-rar.*|vnd\.rar)", "archive"),
    (r"text/.*", "text"),
)
_OF_ENDING = {
    **dict.fromkeys(("mp3", "m4a", "ogg", "oga", "opus", "flac", "wav"), "audio"),
    **dict.fromkeys(("mp4", "m4v", "webm", "mov", "avi", "ogv"), "video"),
    **dict.fromkeys(("jpg", "jpeg", "png", "gif", "webp", "avif", "svg", "tif", "tiff"), "image"),
    **dict.fromkeys(("doc", "docx", "odt", "rtf", "epub"), "document"),
    **dict.fromkeys(("csv", "xls", "xlsx", "ods", "tsv"), "table"),
    **dict.fromkeys(("ppt", "pptx", "odp"), "slides"),
    **dict.fromkeys(("zip", "gz", "7z", "rar", "tar"), "archive"),
    **dict.fromkeys(("txt", "md"), "text"),
}
LONGEST_NAME = 200


@dataclass(frozen=True, slots=True)
class File:
    """A file as a page shows it. kind: what it is, perhaps empty; size: in bytes, if declared."""

    url: str
    name: str
    kind: str
    size: int | None


def show(attachments: Iterable[Attachment]) -> list[File]:
    """The files to list below a study's text."""
    return [File(each.url, _name(each), _kind(each), each.length) for each in attachments]


def _name(each: Attachment) -> str:
    """Its title, or its file's name, or else its address."""
    in_path = strip_control(unquote(urlsplit(each.url).path.rpartition("/")[2])).strip()
    return (each.title or in_path or each.url)[:LONGEST_NAME]


def _kind(each: Attachment) -> str:
    """By its declared type, or when that says nothing by the end of its name."""
    declared = each.type.split(";")[0].strip().lower()
    ending = urlsplit(each.url).path.rpartition(".")[2].lower()
    if declared in ("application/pdf", "application/x-pdf") or ending == "pdf":
        return "PDF"
    for pattern, kind in _OF_TYPE:
        if re.fullmatch(pattern, declared):
            return _(KINDS[kind or declared.partition("/")[0]])
    return _(KINDS[_OF_ENDING[ending]]) if ending in _OF_ENDING else ""
