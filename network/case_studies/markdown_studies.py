"""Which files are one study, and the draft that they make together. Pure.

Files that carry an id belong together by it; without one, `budget/fr.md` and `budget/en.md`, or
`budget.fr.md` and `budget.en.md`, or `budget.md` alone, are a study, whose id is made of that name.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any, NamedTuple, cast

from network.case_studies import drafts
from network.case_studies.drafts import Draft, TextDraft
from network.case_studies.markdown_files import File, language_in, meta_of
from network.case_studies.markdown_render import StudyMeta
from network.catalogue.values import TranslationKind
from network.cities import typed as cities
from network.facts import links, typed
from network.facts.lines import as_text, typed_line
from network.lib.errors import InvalidInput
from network.lib.i18n import N_

_NAMESPACE = uuid.uuid5(uuid.NAMESPACE_URL, "urn:pioneer-cities:import")


class Remark(NamedTuple):
    """Something to say about a file: a msgid and its arguments (lib.errors). field: its key."""

    file: str
    message: str
    arguments: Mapping[str, Any] = MappingProxyType({})
    field: str = ""

    def __str__(self) -> str:
        """In English, with the file first."""
        where = f"{self.file}, {self.field}" if self.field else self.file
        return f"{where}: {self.message % self.arguments}"


@dataclass(frozen=True, slots=True)
class Study:
    """A study as its files give it. files: language → name. tags: free words that may be topics.

    understood: figures and dates with words in them, see facts.typed.
    city: what they say of its city beside its name, by the city's fields.
    """

    meta: StudyMeta
    draft: Draft
    files: Mapping[str, str]
    tags: tuple[str, ...] = ()
    understood: tuple[tuple[str, str, str], ...] = ()
    city: Mapping[str, str] = field(default_factory=dict)

    @property
    def file(self) -> str:
        """The original's file."""
        return self.files[self.draft.original_lang]


def assemble(files: Iterable[File]) -> tuple[list[Study], list[Remark]]:
    """The studies, in the order of their files, and what is wrong with the others."""
    studies: list[Study] = []
    wrong: list[Remark] = []
    for study_id, group in _by_id(list(files)).items():
        try:
            studies.append(_study(study_id, group))
        except InvalidInput as error:
            wrong.append(Remark(group[-1].name, error.message, error.arguments))
    return studies, wrong


def _by_id(files: Sequence[File]) -> dict[str, list[File]]:
    """A file without an id takes its siblings'."""
    given: dict[str, set[str]] = {}
    for file in files:
        given.setdefault(key_of(file.name), set()).update({file.id} if file.id else ())
    groups: dict[str, list[File]] = {}
    for file in files:
        siblings = given[key_of(file.name)]
        made = next(iter(siblings)) if len(siblings) == 1 else id_of(key_of(file.name))
        groups.setdefault(file.id or made, []).append(file)
    return groups


def key_of(name: str) -> str:
    """What the files of a study without an id share: the folder, or the name without language."""
    folder, _, last = name.rpartition("/")
    stem = last.rpartition(".")[0] or last
    if language_in(name) is None:
        return f"{folder}/{stem}".strip("/")
    return f"{folder}/{re.sub(r'(^|[._])[A-Za-z]+$', '', stem)}".strip("/")


def id_of(key: str) -> str:
    """The id of a study whose files give none: always the same for the same name."""
    return str(uuid.uuid5(_NAMESPACE, key))


def _study(study_id: str, group: Sequence[File]) -> Study:
    files: dict[str, File] = {}
    for file in group:
        if file.lang in files:
            raise InvalidInput(
                N_("%(other)s is the same study in the same language: change the id or the lang."),
                other=files[file.lang].name,
            )
        files[file.lang] = file
    original = _original(group)
    given = _merged(original, group)
    return Study(
        meta=meta_of(given, study_id),
        draft=_draft(original, group, given),
        files={file.lang: file.name for file in group},
        tags=_words(given.get("tags")),
        understood=tuple(typed.understood(typed.of_file(given), original.lang)),
        city=_said_of_city(given.get("city")),
    )


def _said_of_city(given: Any) -> Mapping[str, str]:
    """“city: {name_fr: …, country: …}”; a name alone says nothing more."""
    if not isinstance(given, dict):
        return {}
    return cities.from_file({key: as_text(value) for key, value in given.items()})


def _name_of_city(given: Any) -> str | None:
    said = _said_of_city(given)
    names = [said.get(name) for name in ("slug", *cities.NAMES)]
    return next(filter(None, names), None) if said else as_text(given) or None


def _original(group: Sequence[File]) -> File:
    """The file that says it is the original, or the only one that may be."""
    said = [file for file in group if file.translation == "original"]
    silent = [file for file in group if file.translation is None]
    if len(said) == 1:
        return said[0]
    if not said and len(silent) == 1:
        return silent[0]
    raise InvalidInput(
        N_("Say which file of %(files)s is the original: “translation: original” in one of them."),
        files=", ".join(file.name for file in group),
    )


def _merged(original: File, group: Sequence[File]) -> dict[str, Any]:
    """The facts, wherever they are given; two files may not say different things."""
    merged: dict[str, Any] = {}
    for file in sorted(group, key=lambda each: each is not original):
        for key, value in file.given.items():
            if merged.setdefault(key, value) != value:
                raise InvalidInput(
                    N_("“%(key)s” is not the same in %(files)s: give it in one file."),
                    key=key,
                    files=", ".join(each.name for each in group if key in each.given),
                )
    return merged


def _draft(original: File, group: Sequence[File], given: Mapping[str, Any]) -> Draft:
    facts, unreadable = typed.read(typed.of_file(given), original.lang)
    return drafts.tidy(
        Draft(
            original_lang=original.lang,
            city=_name_of_city(given.get("city")),
            topics=_words(given.get("topics")),
            facts=facts,
            inspired_by=_inspired_by(given.get("inspired_by")),
            texts={file.lang: _text(file, original) for file in group},
            unreadable=unreadable,
        )
    )


def _text(file: File, original: File) -> TextDraft:
    kind = "original" if file is original else file.translation or "human"
    return replace(file.text, translation=cast(TranslationKind, kind))


def _words(given: Any) -> tuple[str, ...]:
    """A list, or texts between commas."""
    items = given if isinstance(given, list) else as_text(given).split(",")
    return tuple(text for item in items if (text := typed_line(as_text(item))))


def _inspired_by(given: Any) -> tuple[Any, ...]:
    try:
        return links.read(given or [])
    except ValueError:
        raise InvalidInput(
            N_('“inspired_by” must be a list such as {title: "…", href: "https://…"}.')
        ) from None
