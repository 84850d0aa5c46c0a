#!/bin/sh
# mutmut 3.8.1 keeps the verdict “survived” of a mutant after the test that would notice it was written: `mutmut run`
# goes through code that changed, and passes over mutants whose function is the same. Only naming the mutant tries it
# again. Seen: survivors after the first run, after a better test and a second run, and after naming them: 2, 2 and 0.
# Ends with 0 while that is so, with 1 when it has changed.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
PATH="$folder/venv/bin:$PATH"
pip install --quiet --disable-pip-version-check mutmut==3.8.1 pytest==9.2.0
mkdir -p "$folder/project/lib" "$folder/project/tests"
cd "$folder/project"
printf 'def late(minutes):\n    return minutes > 5\n' > lib/train.py
touch lib/__init__.py
printf '[mutmut]\nsource_paths = lib\n' > setup.cfg
printf 'from lib.train import late\n\n\ndef test_late():\n    assert late(60)\n' > tests/test_train.py
survivors() { mutmut results 2>/dev/null | grep -c ': survived' || true; }
mutmut run >/dev/null 2>&1
first=$(survivors)
printf '    assert not late(5)\n    assert late(6)\n' >> tests/test_train.py
mutmut run >/dev/null 2>&1
second=$(survivors)
mutmut run $(mutmut results 2>/dev/null | sed -n 's/^ *\(.*\): survived$/\1/p') >/dev/null 2>&1
third=$(survivors)
echo "mutmut 3.8.1: $first survive, $second after a better test, $third when they are named"
[ "$first $second $third" = "2 2 0" ]
