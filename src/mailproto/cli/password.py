"""Where passwords and tokens come from: never from the command line."""

import os
import warnings
from getpass import GetPassWarning, getpass
from pathlib import Path

from mailproto.cli.arguments import PASSWORD_VARIABLE
from mailproto.cli.failures import Failure, Unusable, reading

__all__ = ["find_password", "read_secret"]


def find_password(user: str, file: Path | None) -> str:
    """Return the password of ``user``: from ``file``, the environment, or the terminal.

    Raises :class:`Unusable` if there is none, ``KeyboardInterrupt``.
    """
    if file is not None:
        return read_secret(file, "password")
    if PASSWORD_VARIABLE in os.environ:
        return os.environ[PASSWORD_VARIABLE]
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", GetPassWarning)  # it would show what is typed
            return getpass(f"Password of {user}: ")
    except (GetPassWarning, EOFError):
        raise Unusable(
            Failure(
                f"There is no password for {user}, and no terminal to ask for it.",
                f"Set the variable {PASSWORD_VARIABLE}, or use --password-file FILE.",
            )
        ) from None


def read_secret(file: Path, what: str) -> str:
    """Return the first line of ``file``, which should be a ``what``.

    Raises :class:`Unusable` if there is none.
    """
    try:
        with reading(file):
            lines = file.read_text("utf-8-sig").splitlines()
    except UnicodeDecodeError:
        lines = []
    if not lines:
        raise Unusable(Failure(f"{file} holds no {what}.", "Its first line is used, in UTF-8."))
    return lines[0]
