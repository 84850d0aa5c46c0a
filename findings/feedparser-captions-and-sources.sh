#!/bin/sh
# feedparser 6.0.12 takes what belongs to something else in an item for the item's own, on valid input:
# 1. RSS 2.0 with Media RSS: a picture's media:description inside media:content becomes the item's text. After the
#    item's own description it is given as `content`, which most programs prefer to `summary`; before it, it is the
#    summary. (Media RSS 1.5.1: media:description is a “short description describing the media object”.)
# 2. Atom: an entry without an author has that of its atom:source (RFC 4287, 4.2.1); feedparser leaves author, authors
#    and rights of the entry unset, so that whoever falls back on the feed's names the wrong person.
# Ends with 0 while that is so, with 1 when it has changed.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check feedparser==6.0.12 sgmllib3k==1.0.0
"$folder/venv/bin/python" - <<'END'
import io
import sys

import feedparser

RSS = """<rss version="2.0" xmlns:media="http://search.yahoo.com/mrss/"><channel><title>City</title>
<link>https://city.example/</link><description>News</description><item><title>Bees</title>{}</item></channel></rss>"""
TEXT = "<description>The article.</description>"
PICTURE = """<media:content url="https://city.example/a.jpg" medium="image">
<media:description type="plain">A caption.</media:description></media:content>"""
ATOM = """<feed xmlns="http://www.w3.org/2005/Atom"><id>urn:x:planet</id><title>Planet</title>
<updated>2026-01-01T00:00:00Z</updated><author><name>Keeper</name></author><entry><id>urn:x:1</id><title>Bees</title>
<updated>2026-01-01T00:00:00Z</updated><content>Text</content><source><id>urn:x:city</id><title>City</title>
<updated>2026-01-01T00:00:00Z</updated><author><name>Writer</name></author><rights>CC BY</rights></source></entry>
</feed>"""


def read(document):
    found = feedparser.parse(io.BytesIO(document.encode()))
    assert not found.bozo, found.bozo_exception
    return found


def texts(order):
    entry = read(RSS.format(order)).entries[0]
    return entry.get("summary"), [part.value for part in entry.get("content", ())]


planet = read(ATOM)
entry = planet.entries[0]
people = [entry.get("author"), entry.get("rights"), entry.source.author, planet.feed.author]
seen = [texts(TEXT + PICTURE), texts(PICTURE + TEXT), people]
print(f"feedparser {feedparser.__version__}: (summary, content) {seen[0]}, {seen[1]}")
print(f"author and rights of the entry, author of its source, of the feed: {people}")
expected = [
    ("The article.", ["A caption."]),
    ("A caption.", ["The article."]),
    [None, None, "Writer", "Keeper"],
]
sys.exit(seen != expected)
END
