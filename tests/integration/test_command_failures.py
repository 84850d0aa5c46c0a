"""A command that cannot do its work says why in one line, without secrets, and exits non-zero."""

from __future__ import annotations

import os
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from network import config
from network.cli import context, demo
from network.cli.main import MODULES, pioneer_cities
from network.migrations import newest

Run = Callable[..., Result]
Said = Callable[[str | None, tuple[str, ...]], str]


@pytest.fixture
def database_url(tmp_path: Path, prepared_sqlite: Path) -> str:
    """A node’s own SQLite."""
    home = tmp_path / "home"
    home.mkdir()
    (home / "pioneer.sqlite").write_bytes(prepared_sqlite.read_bytes())
    return ""


@pytest.fixture
def home(tmp_path: Path, database_url: str) -> Path:
    """The home of a node that is ready."""
    return tmp_path / "home"


@pytest.fixture
def run(home: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs a command in this process; keyword arguments are settings, None for one not given."""
    for name in [n for n in os.environ if n.startswith("PIONEER_")]:
        monkeypatch.delenv(name)

    def command(*arguments: str, input: bytes = b"", **values: str | None) -> Result:
        settings = {"home": str(home)} | values
        environment = {f"PIONEER_{name.upper()}": value for name, value in settings.items()}
        return CliRunner().invoke(
            pioneer_cities, arguments, input=input, env=environment, prog_name="pioneer-cities"
        )

    return command


def reason(result: Result, status: int = 1) -> str:
    """Why it failed: the last line; there is no other, but for how a command is used."""
    assert result.exit_code == status, result.output
    assert isinstance(result.exception, SystemExit), result.exception
    lines = result.stderr.strip().splitlines()
    usage = [line for line in lines if line.startswith(("Usage:", "Try '")) or not line]
    assert len(lines) - len(usage) == 1, lines
    assert lines[-1].startswith("Error: ")
    return lines[-1].removeprefix("Error: ")


NEEDS_A_DATABASE = [
    ("user", "list"), ("user", "add", "a@b.example", "--password-stdin"), ("peers",),
    ("follow", "https://a.example/"), ("unfollow", "a"), ("poll", "--all"), ("poll", "a"),
    ("reindex",), ("check",), ("backup", "node.zip"), ("worker",), ("export", "out"),
    ("import", "."),
]  # fmt: skip


@pytest.mark.parametrize("arguments", NEEDS_A_DATABASE, ids=" ".join)
def test_before_init_a_command_says_what_to_run(
    run: Run, tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    said = reason(run(*arguments, home=str(tmp_path / "new"), input=b"a good long password\n"))
    assert said == (
        f"This node has no database yet in {tmp_path / 'new'} (PIONEER_HOME in the environment). "
        "Run: pioneer-cities init"
    )
    assert not (tmp_path / "new").exists(), "a command that only looks leaves nothing behind"


def test_a_node_that_is_not_where_it_was_looked_for_is_not_begun_anew_without_a_word(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(context, "SYSTEM_FILE", tmp_path / "none.env")
    (tmp_path / "some.env").write_text("PIONEER_NAME=Ville\n")
    for looked, named in [("none.env (not there)", None), ("some.env", tmp_path / "some.env")]:
        said = reason(run("check", home=None, config=named and str(named)))
        assert f"{tmp_path / 'instance'}, because PIONEER_HOME is neither" in said
        assert f"in the environment nor in {tmp_path / looked}." in said
        assert "PIONEER_CONFIG" in said
    assert not (tmp_path / "instance").exists()


def test_init_and_check_say_what_the_address_means_for_ever(run: Run, tmp_path: Path) -> None:
    for url, level, word in [
        ("http://127.0.0.1:8000", "warning", "leads nowhere from outside this machine"),
        ("http://pioneers.lan", "warning", "leads nowhere from outside this machine"),
        ("https://villes.example", "ok", "keep it"),
    ]:
        for command in ("init", "check"):
            shown = run(command, base_url=url).output
            (line,) = [line for line in shown.splitlines() if url in line]
            assert "every permanent id, for ever" in line
            assert word in line
        assert line.split()[:2] == [level, "address"]


def test_check_says_which_settings_are_in_use(run: Run, home: Path, tmp_path: Path) -> None:
    file = tmp_path / "some.env"
    file.write_text(f"PIONEER_HOME={home}\nPIONEER_NAME=Ville\nPIONEER_PORT=8001\n")
    shown = run("check", home=None, config=str(file), port="8002").output
    assert f"2 in {file}, in the environment PIONEER_PORT, the others" in shown


@pytest.mark.parametrize("arguments", [*NEEDS_A_DATABASE, ("init",), ("serve",)], ids=" ".join)
def test_a_database_that_is_damaged_is_said_to_be(
    run: Run, home: Path, arguments: tuple[str, ...]
) -> None:
    (home / "pioneer.sqlite").write_bytes(os.urandom(4000))
    said = reason(run(*arguments, input=b"a good long password\n"))
    assert said.startswith("The database is damaged: file is not a database. Stop the node and ")
    assert "pioneer-cities restore FILE" in said


EVERY = [*NEEDS_A_DATABASE, ("init",), ("serve",), ("restore", "node.zip")]


def at_revision(home: Path, revision: str | None) -> None:
    """Have the database say another revision of itself, or none."""
    with closing(sqlite3.connect(home / "pioneer.sqlite")) as connection, connection:
        connection.execute("DELETE FROM alembic_version")
        if revision:
            connection.execute("INSERT INTO alembic_version VALUES (?)", [revision])


@pytest.fixture
def said_of(run: Run, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Said:
    """What a command says of a database at a revision that it does not expect."""
    monkeypatch.chdir(tmp_path)
    assert run("backup", "node.zip").exit_code == 0

    def said(revision: str | None, arguments: tuple[str, ...]) -> str:
        at_revision(home, revision)
        overwrite = ("--overwrite",) if arguments[0] == "backup" else ()
        return reason(run(*arguments, *overwrite, port="9", input=b"a good long password\n"))

    return said


@pytest.mark.parametrize("arguments", EVERY, ids=" ".join)
def test_a_newer_database_is_said_to_be_newer_by_every_command(
    said_of: Said, arguments: tuple[str, ...]
) -> None:
    said = said_of("9999", arguments)
    assert said.startswith("The database is at revision 9999, and this version knows none after ")
    assert said.endswith("Install that version again")


@pytest.mark.parametrize("arguments", EVERY, ids=" ".join)
def test_a_database_that_is_not_ours_is_said_to_be_so_by_every_command(
    said_of: Said, arguments: tuple[str, ...]
) -> None:
    assert said_of(None, arguments).startswith("The database is not empty (adoption, …)")


@pytest.mark.parametrize("arguments", NEEDS_A_DATABASE, ids=" ".join)
def test_a_database_that_was_not_upgraded_to_the_end_is_said_to_be_so(
    said_of: Said, arguments: tuple[str, ...]
) -> None:
    said = said_of("0006", arguments)
    assert said.startswith(f"The database is at revision 0006, and this version needs {newest()}")
    assert said.endswith("Run: pioneer-cities init")


def test_an_upgrade_that_cannot_go_on_says_where_the_database_stays(said_of: Said) -> None:
    said = said_of("0006", ("init",))
    assert said.startswith("The database stays at revision 0006, because the next one cannot be")
    assert "already exists" in said


def test_a_database_that_does_not_answer_is_said_to_be_away_without_its_password(run: Run) -> None:
    url = "postgresql+psycopg://pioneer:hush@127.0.0.1:1/pioneer"
    said = reason(run("init", database_url=url))
    assert said.startswith("The database cannot be used: ")
    assert "hush" not in said


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (["nothing"], "No such command"),
        (["--nothing"], "No such option"),
        (["poll"], "--all"),
        (["follow"], "Name a site"),
        (["user", "add"], "Missing argument"),
        (["user", "add", "a@b.example", "--role", "king"], "king"),
        (["user", "role", "a@b.example", "king"], "king"),
        (["serve", "--port", "0"], "range"),
        (["serve", "--port", "http"], "integer"),
        (["import", "/nowhere"], "does not exist"),
        (["import"], "Missing argument"),
    ],
)
def test_a_command_that_is_used_wrongly_says_how(run: Run, arguments: list[str], word: str) -> None:
    assert word in reason(run(*arguments), status=2)


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (["user", "role", "nobody@b.example", "editor"], "no account"),
        (["user", "disable", "nobody@b.example"], "no account"),
        (["user", "add", "nobody", "--password-stdin"], "mailbox"),
        (["unfollow", "nothing"], "not the address"),
        (["poll", "nothing"], "not the address"),
        (["follow", ""], "not a web address"),
        (["follow", "file:///etc/passwd"], "not a web address"),
        (["follow", "http://[::1"], "not a web address"),
        (["follow", "https://127.0.0.1/"], "127.0.0.1"),
        (["follow", "gopher://a.example/"], "not a web address"),
    ],
)
def test_what_is_not_there_or_may_not_be_is_said(run: Run, arguments: list[str], word: str) -> None:
    assert word in reason(run(*arguments, input=b"a good long password\n"))


@pytest.mark.parametrize(
    ("password", "word"),
    [(b"short\n", "12 characters"), (b"\xff\xfe fountains and a bridge\n", "UTF-8"), (b"", "12")],
)
def test_a_password_that_cannot_be_used_is_refused(run: Run, password: bytes, word: str) -> None:
    said = reason(run("user", "add", "a@b.example", "--password-stdin", input=password))
    assert word in said
    assert "fountains" not in said


@pytest.mark.parametrize("secret", ["hu@sh", "hu/sh@x", "@hush", "hu@sh/x", "hush@1/x"])
@pytest.mark.parametrize("scheme", ["postgresql", "postgresql+psycopg"])
def test_a_password_whose_signs_must_be_encoded_is_said_to_be_so_and_not_repeated(
    run: Run, scheme: str, secret: str
) -> None:
    said = reason(run("init", database_url=f"{scheme}://pioneer:{secret}@127.0.0.1:1/pioneer"))
    assert said.startswith("PIONEER_DATABASE_URL cannot be used: expected ")
    assert "write @ as %40, / as %2F" in said
    assert "hu" not in said


@pytest.mark.parametrize("secret", ["a/b", "a:b", "a%40b", "a?b", "a#b"])
@pytest.mark.parametrize("scheme", ["postgresql", "postgresql+psycopg"])
def test_a_password_that_can_be_told_from_the_rest_is_taken(
    run: Run, scheme: str, secret: str
) -> None:
    said = reason(run("init", database_url=f"{scheme}://pioneer:{secret}@127.0.0.1:1/pioneer"))
    assert said.startswith("The database cannot be used: connection failed")


@pytest.mark.parametrize("option", ["sslmod=require", "connect_timeout=soon"])
def test_what_the_driver_does_not_take_is_one_line(run: Run, option: str) -> None:
    for command in ("init", "check"):
        said = reason(run(command, database_url=f"postgresql://p@127.0.0.1:1/pioneer?{option}"))
        assert said.startswith("The database cannot be used: ")
        assert option.partition("=")[0] in said


def test_without_its_driver_postgresql_says_what_to_install(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)  # as where it is not installed
    said = reason(run("check", database_url="postgresql://pioneer@127.0.0.1/pioneer"))
    assert 'pip install "psycopg[binary]>=3.2"' in said


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("database_url", "hush"),
        ("database_url", "mysql://pioneer:hush@a.example/pioneer"),
        ("database_url", "postgresql+psycopg://pioneer:hush@a.example:port/pioneer"),
        ("database_url", "postgresql://pioneer:hush@a.example"),
        ("database_url", "sqlite://"),
        ("secret_key", "hush"),
    ],
)
def test_a_secret_that_cannot_be_used_is_not_repeated(run: Run, setting: str, value: str) -> None:
    said = reason(run("init", **{setting: value}))
    assert said.startswith(f"PIONEER_{setting.upper()} cannot be used: expected ")
    assert "hush" not in said


@pytest.mark.parametrize(
    "value",
    ["http://[::1", "http://a.example:99999", "https://user:pass@a.example", "http://a b/",
     'http://a"><script>', "http://", "//a.example", "http://a.example?x", "http://a.example#x",
     "http://a.example:0", "http://a.example:"],
)  # fmt: skip
def test_an_address_that_the_site_cannot_have_is_refused(run: Run, value: str) -> None:
    assert "PIONEER_BASE_URL" in reason(run("init", base_url=value))


@pytest.mark.parametrize("where", ["/proc/nowhere", "/dev/null", "/dev/null/home"])
def test_a_home_that_cannot_be_one_is_named(run: Run, where: str) -> None:
    said = reason(run("init", home=where))
    assert "PIONEER_HOME" in said
    assert where in said


def test_a_folder_that_cannot_be_used_is_named(run: Run, home: Path) -> None:
    (home / "index").write_text("a file")
    assert str(home / "index") in reason(run("reindex"))


@pytest.mark.parametrize(
    ("content", "word"),
    [
        (b"\xff\xfe\0", "UTF-8"),
        (b"no front matter", "front matter"),
        (b"---\ntitle: a\nlang: fr\nbudget: [\n---\n", "YAML"),
        (b"---\ntitle: a\nlang: fr\ncity: !!python/object/apply:os.system [id]\n---\n", "tag"),
        (b"---\ntitle: a\nlang: fr\nx: &a [1,1]\ny: &b [*a,*a]\ncity: *b\n---\n", "alias"),
        (b"---\ntitle: a\nlang: fr\nbudget: " + b"[" * 5000 + b"\n---\n", "nested"),
        (b"---\n" + b"x" * 300_000 + b": a\n---\n", "longer than"),
        (b"\n" * 6_000_000, "larger than"),
    ],
    ids=["bytes", "text", "broken", "python", "aliases", "nested", "long", "large"],
)
def test_a_file_that_cannot_be_imported_is_named_and_nothing_is(
    run: Run, tmp_path: Path, content: bytes, word: str
) -> None:
    (tmp_path / "bad.md").write_bytes(content)
    (tmp_path / "good.md").write_text("---\ntitle: Bon\nlang: fr\ncity: paris\n---\n\nTexte.\n")
    result = run("import", str(tmp_path))
    assert result.exit_code == 1
    assert isinstance(result.exception, SystemExit)
    (line,) = [line for line in result.stderr.splitlines() if "bad.md" in line]
    assert word in line
    assert run("export", str(tmp_path / "out")).output.startswith("0 case studies")


def test_nothing_but_files_is_read(run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "import"
    folder.mkdir()
    os.mkfifo(folder / "pipe.md")
    (folder / "gone.md").symlink_to("nowhere")
    (folder / "device.md").symlink_to("/dev/zero")
    result = run("import", str(folder))
    assert result.exit_code == 1
    for name in ("pipe.md", "gone.md", "device.md"):
        assert f"{name}: The file cannot be read" in result.stderr


def serve(home: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """`serve` where it must not start."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith("PIONEER_")}
    return subprocess.run(
        [sys.executable, "-m", "network", "serve", *options],
        env=environment | {"PIONEER_HOME": str(home)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_a_port_in_use_and_a_host_that_is_none_are_said_plainly(home: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        for options in (("--port", port), ("--host", "no-host.invalid"), ("--host", "192.0.2.1")):
            ended = serve(home, *options)
            assert ended.returncode == 1
            (line,) = ended.stderr.strip().splitlines()
            assert line.startswith("Error: Port ")
            assert "cannot be used" in line


@pytest.mark.parametrize(
    "kept", [b"", b"{", b"[1]", b"\xff", b'{"paris": 1}',
             b'{"paris": 1, "madrid": -1, "seoul": "x"}',
             b'{"paris": 1, "madrid": 2, "seoul": 99999}'],
)  # fmt: skip
def test_a_demonstration_whose_ports_are_not_known_says_how_to_go_on(
    run: Run, tmp_path: Path, kept: bytes
) -> None:
    (tmp_path / "ports.json").write_bytes(kept)
    said = reason(run("demo", "--home", str(tmp_path)))
    assert str(tmp_path / "ports.json") in said
    assert "--fresh" in said
    demo._forget(tmp_path)
    assert not (tmp_path / "ports.json").exists()


def test_starting_over_touches_nothing_but_a_demonstration(tmp_path: Path) -> None:
    (tmp_path / "paris").mkdir()
    (tmp_path / "paris" / "somebody’s").write_text("work")
    demo._forget(tmp_path)
    assert (tmp_path / "paris" / "somebody’s").exists()


def test_every_command_has_its_help(run: Run) -> None:
    for name in MODULES:
        assert run(name, "--help").exit_code == 0


# The key that signs cookies


def test_an_empty_key_of_a_disk_that_was_full_is_made_anew(tmp_path: Path) -> None:
    (tmp_path / "secret_key").write_text("")
    first = config.load({"PIONEER_HOME": str(tmp_path)}).secret_key
    assert len(first) == 64
    assert config.load({"PIONEER_HOME": str(tmp_path)}).secret_key == first
    assert (tmp_path / "secret_key").stat().st_mode & 0o077 == 0
    assert [path.name for path in tmp_path.iterdir()] == ["secret_key"]


def test_a_key_appears_whole_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(config.ConfigurationError, match="No space left"):
        config.load({"PIONEER_HOME": str(tmp_path)})
    assert list(tmp_path.iterdir()) == []


def test_a_backup_that_cannot_be_made_or_brought_back_says_why(
    run: Run, home: Path, tmp_path: Path
) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    file = tmp_path / "node.zip"
    assert run("backup", str(file)).exit_code == 0
    assert "is there already" in reason(run("backup", str(file)))
    assert "No such file" in reason(run("backup", str(tmp_path / "nowhere" / "x.zip")))
    (tmp_path / "text").write_text("not a backup")
    said = reason(run("restore", str(tmp_path / "text"), port=port))
    assert said.startswith("This is not a whole backup")
    said = reason(run("restore", str(file), port=port, base_url="https://madrid.example"))
    assert "--other-address" in said
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", int(port)))
        taken.listen()
        assert "Stop the node first" in reason(run("restore", str(file), port=port))
    done = run("restore", str(file), port=port)
    assert done.exit_code == 0, done.output
    assert "The node is as of" in done.output


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--topic", "mobility"), "without --moderation"),
        (("--moderation", "maybe"), "Invalid value for '--moderation'"),
        (("--moderation", "hold-some"), "Choose at least one topic, one city or one language."),
        (("--moderation", "hold-some", "--topic", "magic"), "magic is not a topic that we know"),
    ],
)
def test_a_rule_that_means_nothing_is_said_before_anything_is_followed(
    run: Run, arguments: tuple[str, ...], said: str
) -> None:
    result = run("follow", "http://127.0.0.1:9/", *arguments)
    assert result.exit_code != 0
    assert said in result.stderr
