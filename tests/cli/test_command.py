"""``mailproto`` itself: help, version, what is missing."""

import subprocess
import sys

import pytest

import mailproto
from mailproto.cli import main

from .command import PATIENCE, environment, run


def test_version() -> None:
    ran = run("--version")
    assert (ran.returncode, ran.stdout) == (0, f"mailproto {mailproto.__version__}\n")


@pytest.mark.parametrize("command", ["demo", "serve", "send", "fetch", "probe"])
def test_help_has_examples_and_fits(command: str) -> None:
    assert f"mailproto {command}" in run("--help").stdout
    ran = run(command, "--help")
    assert ran.returncode == 0
    assert f"examples:\n  mailproto {command}" in ran.stdout
    assert max(map(len, ran.stdout.splitlines())) <= 80


@pytest.mark.parametrize(
    ("arguments", "advice"),
    [
        ((), "COMMAND"),
        (("send",), "FILE.eml"),
        (("send", "x", "--port", "70000"), "0 to 65535"),
        (("send", "x", "--timeout", "0"), "seconds"),
        (("send", "x", "--timeout", "nan"), "seconds"),
        (("send", "x", "--lmtp", "--user", "ann"), "Leave out --user"),
        (("fetch", "pop3://ann@localhost"), "--maildir"),
        (("fetch", "pop3://ann@localhost", "--eml", "x", "--maildir", "x"), "not allowed"),
        (("serve", "--user", "ann"), "NAME:PASSWORD"),
        (("serve", "--user", "a\tb:c"), "Choose another name"),
        (("serve", "--max-size", "many"), "500k"),
        (("serve", "--key", "x"), "--cert"),
        (("serve", "--cert", __file__), "PEM"),
        (("serve", "--maildir", __file__), "Check the name"),
        (("serve", "--maildir", "x", "--user", "a/b:c", "--user", "d:e"), "Choose another name"),
        (("serve", "--lmtp", "--require-auth"), "--require-auth"),
        (("serve", "--lmtp", "--tls-port", "0"), "--tls-port"),
        (("demo", "missing.eml"), "missing.eml"),
    ],
)
def test_wrong_arguments(
    arguments: tuple[str, ...], advice: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as end:  # how argparse ends, and the script
        sys.exit(main(arguments))
    shown = capsys.readouterr()
    assert end.value.code == 2
    assert advice in shown.err
    assert shown.out == ""


@pytest.mark.parametrize("package", ["rich", "trustme"])
def test_missing_extra(package: str) -> None:
    code = (
        f"import sys; sys.modules[{package!r}] = None; from mailproto.cli import main;"
        "sys.exit(main())"
    )

    def without(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-c", code, *arguments],
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            env=environment(),
            check=False,
        )

    ran = without("demo")
    assert ran.returncode == 2
    assert package in ran.stderr
    assert "pip install 'mailproto[cli]'" in ran.stderr
    assert "Traceback" not in ran.stderr
    assert without("--help").returncode == without("serve", "--help").returncode == 0
