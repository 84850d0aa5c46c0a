"""Makes network/search/data/lexicon.tsv anew: `python -m benchmarks.shipped_lexicon`.

Learnt from half of the real pages; the other half judges (benchmarks/relevance.py).
"""

from __future__ import annotations

from pathlib import Path

import network.search
from benchmarks import bilingual
from network.search import lexicon

FILE = Path(network.search.__file__).parent / "data" / "lexicon.tsv"
LEAST = 0.12
"""Below this, what half a thousand pages say is as often wrong."""


def main() -> None:
    """Write the file."""
    learnt = lexicon.learn(bilingual.aligned(bilingual.teaching()))
    kept = [pair for pair in learnt.pairs() if pair[2] >= LEAST and pair[0].isalpha()]
    lines = [f"{english}\t{french}\t{weight:.2f}\n" for english, french, weight in kept]
    FILE.write_text("".join(lines), "utf-8")
    print(f"{len(lines)} pairs")


if __name__ == "__main__":
    main()
