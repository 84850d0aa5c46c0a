#!/bin/sh
# Babel 2.19.0 writes “SEK2,000,000” where CLDR asks for a no-break space between a currency that ends in a letter
# and the digits after it (UTS 35, part 3, “currencySpacing”: currencyMatch [[:^S:]&[:^Z:]], surroundingMatch [:digit:],
# insertBetween U+00A0). The locale data that Babel ships has no trace of the rule, so no option turns it on.
# Seen: 'SEK2,000,000.00', 'CHF5.00' and 'F\u202fCFA7'; right: 'SEK\xa02,000,000.00', 'CHF\xa05.00', 'F\u202fCFA\xa07'.
# Ends with 0 while that is so, with 1 when it has changed.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check babel==2.19.0
"$folder/venv/bin/python" - <<'END'
import sys

import babel
from babel import Locale
from babel.numbers import format_currency

found = [
    format_currency(2000000, "SEK", locale="en_GB"),
    format_currency(5, "CHF", locale="en_US"),
    format_currency(7, "XOF", locale="en"),
]
data = [key for key in Locale("en", "GB")._data if "spacing" in str(key).lower()]
print(f"Babel {babel.__version__}: {found}, spacing in its data: {data}")
sys.exit(found != ["SEK2,000,000.00", "CHF5.00", "F\u202fCFA7"] or data != [])
END
