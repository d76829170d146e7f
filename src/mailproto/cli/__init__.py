"""The ``mailproto`` command, one module for each of its commands; needs the extra ``cli``.

Each module has a ``run`` that takes the parsed arguments and returns the
exit status. They are imported once they are asked for, so that ``--help`` works without the
extra.
"""

import sys
from collections.abc import Sequence
from importlib import import_module

from mailproto.cli.arguments import parser
from mailproto.cli.failures import Unusable

__all__ = ["main"]

_EXTRA = {"cryptography", "rich", "trustme"}
_NOT_TRIED = 2  # as argparse has it
_INTERRUPTED = 130  # as shells have it: 128 + SIGINT


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command that ``arguments`` (``sys.argv`` unless given) name.

    Returns the exit status: 0 if all was well, 1 if something was refused or went wrong, 2 if
    nothing was tried (wrong arguments, unreadable files), 130 after Ctrl-C.
    """
    for stream in (sys.stdout, sys.stderr):  # mail may hold what the terminal can not show
        stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    parsed = parser().parse_args(arguments)
    try:
        status: int = import_module(f"mailproto.cli.{parsed.command}").run(parsed)
    except ModuleNotFoundError as error:
        package = (error.name or "").partition(".")[0]
        if package not in _EXTRA:
            raise
        print(
            f"mailproto {parsed.command} needs the package {package}, which is not installed.\n"
            "Install what the command needs with:  pip install 'mailproto[cli]'",
            file=sys.stderr,
        )
        return _NOT_TRIED
    except Unusable as problem:
        import_module("mailproto.cli.display").show_failure(problem.failure)
        return _NOT_TRIED
    except KeyboardInterrupt:
        print("Interrupted.", file=sys.stderr)
        return _INTERRUPTED
    return status
