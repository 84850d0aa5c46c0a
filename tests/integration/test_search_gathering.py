"""What our writer writes is what Whoosh's own writes, whichever way the postings came to it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from whoosh.codec.whoosh3 import W3Codec
from whoosh.index import FileIndex
from whoosh.reading import SegmentReader
from whoosh.writing import SegmentWriter

from network.search.inverting import invert
from network.search.postings import encode
from network.search.values import SearchDocument
from network.search.whoosh_engine import codec, gathering
from network.search.whoosh_engine.codec import CODEC, DAMAGE
from network.search.whoosh_engine.schema import SCHEMA, values
from network.search.whoosh_engine.store import Files, Generation
from tests.searching import document

WORDS = st.sampled_from(["parc", "Parcs", "l’eau", "eau", "porte-parole", "the", "1 000", "R&D"])
TEXTS = st.lists(WORDS, max_size=12).map(" ".join)


class Own(SegmentWriter):
    """Whoosh's writer, given the same documents a posting at a time."""

    def add(self, documents: list[SearchDocument]) -> None:
        batch = invert(documents)
        given: list[dict[str, list[Any]]] = [{} for _ in documents]
        for part in (batch.words, batch.stems, batch.keys):
            owners, weights = part.documents.tolist(), part.weights.tolist()
            for number, (field, term) in enumerate(part.terms):
                for posting in range(*part.starts[number : number + 2].tolist()):
                    places = part.positions[slice(*part.places[posting : posting + 2])]
                    item = (encode(term), weights[posting], places.tobytes())
                    given[owners[posting]].setdefault(field, []).append(item)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(
                type(SCHEMA["words"]),
                "index",
                lambda _, items: [(t, int(w), float(w), p) for t, w, p in items],
                raising=False,
            )
            for postings, document in zip(given, documents, strict=True):
                self.add_document(**postings, **values(document))


class Plain(W3Codec):
    """Whoosh's codec, without what ours leaves out."""

    length_stats = False


def written(folder: Path, documents: list[SearchDocument], own: bool) -> list[Any]:
    """Everything that a reader of Whoosh's finds in an index of these documents."""
    generation = Generation.create(folder)
    index = FileIndex(Files(folder), SCHEMA)
    used: Any = Plain(blocklimit=codec.BLOCK, compression=1) if own else CODEC
    if own:
        writer: Any = Own(index, codec=used, compound=False)
    else:
        writer = gathering.Writer(index, folder, codec=used, compound=False)
    for start in range(0, len(documents), 3):
        writer.add(documents[start : start + 3])
    writer.commit(merge=False)
    (segment,) = generation.state().segments
    reader = SegmentReader(Files(folder), SCHEMA, segment, codec=used)
    found: list[Any] = []
    for field, term in reader.all_terms():
        info, matcher = reader.term_info(field, term), reader.postings(field, term)
        found.append((field, term, info.weight(), info.doc_frequency(), info.max_weight()))
        found.append((info.min_id(), info.max_id()))
        while matcher.is_active():
            found.append((matcher.id(), matcher.weight(), matcher.value()))
            matcher.next()
    for number, stored in reader.iter_docs():
        lengths = [reader.doc_field_length(number, name) for name in ("fr", "en", "words")]
        columns = [
            reader.column_reader(name)[number] for name in ("lang", "city", "facts", "study_key")
        ]
        found.append((number, stored, lengths, columns))
    reader.close()
    return found


@settings(max_examples=25, deadline=None)
@given(st.lists(TEXTS, min_size=1, max_size=12), st.sampled_from([1, 7, 10_000]))
def test_it_is_what_whoosh_writes(
    tmp_path_factory: pytest.TempPathFactory, texts: list[str], held: int
) -> None:
    folder = tmp_path_factory.mktemp("index")
    documents = [
        document(f"s{n}", ("fr", "en")[n % 2], title=f"x {text}", body=text * 2, city="paris")
        for n, text in enumerate(texts)
    ]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(gathering, "MOST", held)
        ours = written(folder / "ours", documents, own=False)
    assert ours == written(folder / "whooshs", documents, own=True)


def test_it_is_so_beyond_a_block(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(codec, "BLOCK", 64)
    documents = [document(f"s{n}", body="mot " * (1 + n % 3)) for n in range(200)]
    ours = written(tmp_path / "ours", documents, own=False)
    assert ours == written(tmp_path / "whooshs", documents, own=True)


@pytest.mark.parametrize("number", [3, 400], ids=["plain", "compressed"])
def test_a_block_in_which_anything_flipped_is_told(tmp_path: Path, number: int) -> None:
    """But for the bits that a compressed stream does not use: what is read is what was written."""
    documents = [document(f"s{n}", body="mot " * (1 + n * 7 % 5)) for n in range(number)]
    written(tmp_path / "index", documents, own=False)
    (postings,) = (tmp_path / "index").glob("*.pst")
    whole = postings.read_bytes()
    (segment,) = Generation(tmp_path / "index").state().segments
    files = Files(tmp_path / "index")
    reader = CODEC.terms_reader(files, segment)
    (matcher,) = codec.blocks(reader, "words", b"mot", SCHEMA["words"].format)
    start, end = matcher._dataoffset, matcher._nextoffset
    assert matcher._compression == (number > 3)
    expected, told = [array.tolist() for array in matcher.block()], 0
    reader.close()
    for place in range(start, end):
        postings.write_bytes(whole[:place] + bytes([whole[place] ^ 0x10]) + whole[place + 1 :])
        reader = CODEC.terms_reader(files, segment)
        try:
            block = next(codec.blocks(reader, "words", b"mot", SCHEMA["words"].format)).block()
            assert [array.tolist() for array in block] == expected, place
        except DAMAGE:
            told += 1
        reader.close()
    assert told == end - start if number == 3 else told > 0.9 * (end - start)


def test_what_went_to_a_file_is_gone_with_the_writer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gathering, "MOST", 1)
    generation = Generation.create(tmp_path / "index")
    with generation.writer() as writer:
        for n in range(3):
            writer.add([document(f"s{n}")])
        assert len(writer.pool._runs) > 3
    assert generation.state().segments == []
    assert writer.pool._runs == []
