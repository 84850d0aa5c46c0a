"""A file of settings is read as its writer meant it, or refused with the line and what to do."""

from __future__ import annotations

import codecs
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from network.config import NAMES, SETTINGS, ConfigurationError, Settings, load
from network.config.given import nearest
from network.config.lines import assignment, lines

TEXT = "PIONEER_BASE_URL=https://villes.example\nPIONEER_NAME=Ville\n"


def read(folder: Path, content: str | bytes, **environment: str) -> Settings:
    """The settings of a node whose file this is."""
    file = folder / "config.env"
    file.write_bytes(content.encode() if isinstance(content, str) else content)
    return load({"PIONEER_CONFIG": str(file), "PIONEER_HOME": str(folder / "home"), **environment})


def refusal(folder: Path, content: str | bytes) -> str:
    """What is said of a file that is not read, without where it is."""
    with pytest.raises(ConfigurationError) as caught:
        read(folder, content)
    said = str(caught.value)
    assert said.startswith(f"{folder / 'config.env'}, line ")
    return said.removeprefix(f"{folder / 'config.env'}, ")


@pytest.mark.parametrize(
    "raw",
    [
        TEXT.encode(),
        codecs.BOM_UTF8 + TEXT.encode(),
        TEXT.encode("utf-16"),
        codecs.BOM_UTF16_BE + TEXT.encode("utf-16-be"),
        TEXT.replace("\n", "\r\n").encode(),
        TEXT.replace("\n", "\r").encode(),
        TEXT.replace("PIONEER", "export PIONEER").encode(),
        TEXT.replace("PIONEER", "\texport \tPIONEER").encode(),
        TEXT.replace("=", " = ").encode(),
        TEXT.replace("\n", " \t\u00a0\n").encode(),
        TEXT.replace("\nPIONEER", "\n\ufeffPIONEER").encode(),
        b"PIONEER_BASE_URL=\"https://villes.example\"\nPIONEER_NAME='Ville'",
        b"# The city's\n\n  # own\nPIONEER_BASE_URL='https://villes.example' # for ever\n"
        b'PIONEER_NAME="Ville"\t# on every page\n',
    ],
    ids=[
        "plain", "mark", "utf-16", "utf-16 big", "windows", "old mac", "export", "export with tabs",
        "spaces", "spaces behind", "put together", "quotes", "remarks",
    ],
)  # fmt: skip
def test_a_file_says_the_same_however_an_editor_keeps_it(tmp_path: Path, raw: bytes) -> None:
    settings = read(tmp_path, raw)
    assert (settings.base_url, settings.name) == ("https://villes.example", "Ville")


@pytest.mark.parametrize(
    ("value", "meant"),
    [
        ("Ville d’Évry", "Ville d’Évry"),
        ("L'eau", "L'eau"),
        ('Ville "la belle" du Sud', 'Ville "la belle" du Sud'),
        ('"Atelier #3 du conseil"', "Atelier #3 du conseil"),
        ("Atelier#3", "Atelier#3"),
        ('"« Ville »"', "« Ville »"),
        (r'"une \"belle\" \\ ville à 3 \$"', r'une "belle" \ ville à 3 $'),
        (r'"une\nville"', r"une\nville"),
        (r"'CITY\ville $HOME `x`'", r"CITY\ville $HOME `x`"),
        ("a=b", "a=b"),
        ("100 $", "100 $"),
        ("Ville\u2028du Sud", "Ville\u2028du Sud"),
    ],
)
def test_a_value_is_what_stands_there_without_its_quotation_marks(
    tmp_path: Path, value: str, meant: str
) -> None:
    assert read(tmp_path, f"PIONEER_NAME={value}\n").name == meant


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("what is this", "expected PIONEER_"),
        ("PIONEER_PORT 8000", "expected PIONEER_PORT=value"),
        ("PIONEER_PORT: 8000", "expected PIONEER_PORT=value"),
        ("export PIONEER_PORT", "expected PIONEER_PORT=value"),
        ("[pioneer]", "expected PIONEER_"),
        ("PIONEER_PROT=8000", "PIONEER_PROT is no setting; the nearest is PIONEER_PORT"),
        ("pioneer_port=8000", "pioneer_port is no setting; the nearest is PIONEER_PORT"),
        ("Pioneer_Port=8000", "Pioneer_Port is no setting; the nearest is PIONEER_PORT"),
        ("PIONEER-PORT=8000", "PIONEER-PORT is no setting; the nearest is PIONEER_PORT"),
        ("port=8000", "port is no setting; the nearest is PIONEER_PORT"),
        ("PIONNER_PORT=8000", "the nearest is PIONEER_PORT"),
        ("set PIONEER_PORT=8000", "the nearest is PIONEER_PORT"),
        ("exportPIONEER_PORT=8000", "the nearest is PIONEER_PORT"),
        ("PIONEER_PORT\u200b=8000", "the nearest is PIONEER_PORT"),
        ("PIONEER_BASEURL=http://a.example", "the nearest is PIONEER_BASE_URL"),
        ("PIONEER_URL=http://a.example", "the nearest is PIONEER_BASE_URL"),
        ("PIONEER_LICENSE=CC", "the nearest is PIONEER_LICENCE"),
        ("PIONEER_SMTP_PASSWORD=hush", "the nearest is PIONEER_SMTP_PASSWORD_FILE"),
        ("TZ=Europe/Paris", "TZ is no setting; the table in the README lists them"),
        ("=8000", "is no setting"),
        ("PIONEER_CONFIG=/etc/other", "only be set in the environment"),
        ('PIONEER_NAME="Ville', 'PIONEER_NAME: the value must end with the "'),
        ("PIONEER_NAME='Ville\"", "must end with the '"),
        ('PIONEER_NAME="Ville" du Sud', 'must end with the "'),
        ("PIONEER_NAME='a'#b", "must end with the '"),
        (r'PIONEER_NAME="Ville\"', 'must end with the "'),
        ('PIONEER_NAME=Ville"', "that it does not begin with"),
        ("PIONEER_NAME=Atelier #3", "put the remark (#) on a line of its own, or the whole value"),
        ("PIONEER_PORT=8000 # usual", "put the remark (#)"),
        ("PIONEER_PORT=8000\t# usual", "put the remark (#)"),
        ("PIONEER_NAME= # none", "put the remark (#)"),
        ("PIONEER_NAME=Ville \\", "never goes on"),
        (r"PIONEER_SMTP_USER=CITY\ville", "backslash"),
        ("PIONEER_HOME=$HOME/node", "PIONEER_HOME: nothing is put in for $"),
        ("PIONEER_HOME=${HOME}/node", "nothing is put in for $"),
        ('PIONEER_HOME="$(pwd)/node"', "nothing is put in for $"),
        ("PIONEER_HOME=`pwd`", "nothing is put in for `"),
        ("PIONEER_NAME=“Ville”", "“ is no quotation mark"),
        ("PIONEER_NAME=« Ville »", "« is no quotation mark"),
        ("PIONEER_NAME=Vil\0le", "cannot be seen"),
        ("PIONEER_NAME=Ville\x1b[0m", "cannot be seen"),
        ("PIONEER_PORT=eighty", "PIONEER_PORT='eighty' cannot be used: expected a whole number"),
        ("PIONEER_NAME=", "PIONEER_NAME='' cannot be used: expected a value, or no such line"),
        ('PIONEER_NAME=""', "expected a value, or no such line"),
    ],
)  # fmt: skip
def test_a_line_that_could_be_misread_is_refused_with_its_number_and_what_to_do(
    tmp_path: Path, line: str, reason: str
) -> None:
    said = refusal(tmp_path, f"# Settings\r\nPIONEER_CITY=paris\n{line}\n")
    assert said.startswith("line 3: ")
    assert reason in said


def test_a_name_that_is_there_twice_is_refused_with_both_lines(tmp_path: Path) -> None:
    said = refusal(tmp_path, "PIONEER_PORT=1\nPIONEER_NAME=a\nexport PIONEER_PORT=2\n")
    assert said == "line 3: PIONEER_PORT is there already, in line 1"


@pytest.mark.parametrize("secret", ["PIONEER_SECRET_KEY", "PIONEER_DATABASE_URL"])
@pytest.mark.parametrize(
    "line", ["{}=hush", "{} hush", '{}="hush', "{}=hush #1", "{}X=hush", "{}=hu\\sh", "{}=$hush"]
)
def test_no_message_repeats_a_secret(tmp_path: Path, secret: str, line: str) -> None:
    said = refusal(tmp_path, line.format(secret))
    assert "hush" not in said
    assert secret in said


def test_a_file_in_another_encoding_is_refused_with_the_line(tmp_path: Path) -> None:
    said = refusal(tmp_path, "PIONEER_CITY=evry\nPIONEER_NAME=Évry\n".encode("latin-1"))
    assert said == "line 2: not in UTF-8; save the file in that encoding"


def test_what_is_no_file_of_settings_is_not_read_to_its_end() -> None:
    with pytest.raises(ConfigurationError, match="/dev/zero is too large"):
        load({"PIONEER_CONFIG": "/dev/zero"})


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=f"PIONEER_CONFIG: {tmp_path} cannot be read"):
        load({"PIONEER_CONFIG": str(tmp_path)})


@pytest.mark.parametrize("name", ["pioneer_port", "PIONEER-PORT", "Pioneer_Prot", "PIONNER_PORT"])
def test_a_variable_of_the_environment_that_is_nearly_ours_is_refused(
    tmp_path: Path, name: str
) -> None:
    with pytest.raises(ConfigurationError, match=f"{name} is no setting.*PIONEER_PORT"):
        load({"PIONEER_HOME": str(tmp_path), name: "8000"})


def test_a_variable_of_another_program_is_left_alone(tmp_path: Path) -> None:
    others = {"PORT": "80", "PYTHON_NAME": "x", "POSTGRES_PORT": "1", "NAME": "x", "P": "1"}
    assert load({"PIONEER_HOME": str(tmp_path), **others}).port == 8000


@given(st.sampled_from(SETTINGS), st.data())
def test_one_wrong_letter_leads_to_the_right_name(setting, data) -> None:
    name = setting.variable
    at = data.draw(st.integers(len("PIONEER_"), len(name) - 1))
    wrong = name[:at] + data.draw(st.sampled_from(["", "X", "__", "x"])) + name[at + 1 :]
    assert nearest(f"{wrong}=1", NAMES) == name or len(name) - len("PIONEER_") < 5


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"])))
@example("Atelier #3 \\ $HOME `x` 'y' \"z\"")
@example("\\")
def test_anything_can_be_said_between_quotation_marks(value: str) -> None:
    value = value.replace("\ufeff", "")
    written = value.translate({ord(sign): f"\\{sign}" for sign in '\\"$`'})
    assert assignment(f'PIONEER_NAME="{written}"') == ("PIONEER_NAME", value)
    if "'" not in value:
        assert assignment(f"PIONEER_NAME='{value}'") == ("PIONEER_NAME", value)


@given(st.text(), st.sampled_from(["", '"', "'"]))
def test_a_line_is_read_or_refused_and_nothing_else(text: str, quote: str) -> None:
    line = f"PIONEER_NAME={quote}{text}{quote}"
    try:
        read_ = assignment(line)
    except ValueError:
        return
    assert read_ is not None
    name, value = read_
    assert name == "PIONEER_NAME"
    assert value in line.replace("\ufeff", "") or quote == '"'


@given(st.binary(max_size=60))
def test_any_bytes_are_lines_or_refused(raw: bytes) -> None:
    try:
        numbers = [number for number, _line in lines(raw)]
    except ValueError:
        return
    assert numbers == list(range(1, len(numbers) + 1))
