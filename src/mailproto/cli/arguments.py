"""What can be said on the command line; imports nothing of the extra ``cli``."""

import argparse
import re
from collections.abc import Callable
from pathlib import Path

from mailproto import __version__

__all__ = ["PASSWORD_VARIABLE", "STDIN", "parser"]

PASSWORD_VARIABLE = "MAILPROTO_PASSWORD"
STDIN = Path("-")

_DESCRIPTION = """\
Send and receive e-mail from the command line.

  mailproto demo     watch client and server talk, see that mail arrives intact
  mailproto serve    receive mail on this machine and look at it
  mailproto send     send .eml files through any mail server
  mailproto fetch    download new mail from any IMAP or POP3 server
  mailproto probe    see what a mail server offers, and what is wrong with it
"""

_EPILOG = "mailproto COMMAND --help explains each command with examples."

_SERVE = """\
Run a mail server that takes every message, for testing. It listens on this
machine only, unless --host says otherwise, and passes nothing on. STARTTLS, TLS
from the start and log-in are offered. What came can be read by POP3 and IMAP:
mail for a --user by that name is that user's, all other the first one's. Ctrl-C
ends it once what is under way is done.
"""

_SERVE_EXAMPLES = """\
examples:
  mailproto serve --port 2525
  mailproto serve --port 2525 --imap-port 1143 --maildir captured
  mailproto serve --user ann:secret --require-auth
  mailproto serve --lmtp --port 2424
"""

_SEND = """\
Send messages (.eml files, "-" for standard input) through a mail server, all
over one connection. The envelope is taken from From, To, Cc and Bcc, unless
--from and --to give it.
"""

_SEND_EXAMPLES = f"""\
examples:
  mailproto send letter.eml --host smtp.example.org --user ann
  mailproto send *.eml --port 2525 --tls none --to ben@example.com
  mailproto send - --host mail.example.org --port 465 --user ann < letter.eml

The password comes from --password-file, from the variable {PASSWORD_VARIABLE},
or is asked for. The exit status is 0 only if every recipient of every message
was accepted, 1 if not, 2 if nothing was tried.
"""

_FETCH = """\
Download the messages that are new on an IMAP or POP3 server, into a Maildir or
as .eml files; of an IMAP server all mailboxes, each into its folder, or
the one in the URL. Nothing is fetched twice; if it is interrupted, the same
command goes on. Messages stay on the server, unless --delete is given: then
those go that are safely stored here, now or by an earlier run.
"""

_FETCH_EXAMPLES = f"""\
examples:
  mailproto fetch imaps://ann@imap.example.org --maildir Mail
  mailproto fetch imaps://ann@imap.example.org/Work/2026 --eml work
  mailproto fetch pop3://ann@localhost:1110 --ca ca.pem --eml letters
  mailproto fetch imaps://ann@gmail.com@imap.gmail.com --token-file t --eml m

The password comes from --password-file, from the variable {PASSWORD_VARIABLE},
or is asked for. The exit status is 0 only if everything new was stored, 1 if
not, 2 if nothing was tried.
"""

_DEMO = """\
Start a server on free ports of this machine, send messages to it through
STARTTLS with SCRAM log-in and through implicit TLS, read them back by POP3
and by IMAP, let two IMAP clients share a mailbox, show the conversations with
explanations, and check that each message arrived byte for byte. Nothing leaves
this machine. The exit status is 0 only if all messages arrived intact.
"""

_DEMO_EXAMPLES = """\
examples:
  mailproto demo                samples that come with mailproto
  mailproto demo letter.eml     messages of your own
  mailproto demo --corrupt      see that a damaged message is noticed
"""

_PROBE = """\
Ask a mail server on its usual ports (SMTP, POP3, IMAP) what it offers, how its
TLS and certificate are, and tell what is wrong. No password is ever sent.
"""

_PROBE_EXAMPLES = """\
examples:
  mailproto probe mail.example.org
  mailproto probe localhost --port 1143 --protocol imap --ca ca.pem
  mailproto probe mail.example.org --json

The exit status is 0 if at least one port speaks its protocol, 1 if none does,
2 if nothing was tried.
"""

_TLS_MODES = ("starttls", "implicit", "opportunistic", "none")
_SIZE = re.compile(r"(\d+)\s*([kKmMgG]?)[bB]?")
_UNITS = {"": 1, "k": 1024, "m": 1024**2, "g": 1024**3}


def parser() -> argparse.ArgumentParser:
    """Return the parser; its result names the module to run as ``command``."""
    top = argparse.ArgumentParser(
        "mailproto",
        description=_DESCRIPTION,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    top.add_argument("--version", action="version", version=f"mailproto {__version__}")
    commands = top.add_subparsers(
        dest="command", metavar="COMMAND", required=True, help=argparse.SUPPRESS
    )
    for name, description, examples, add_arguments in (
        ("demo", _DEMO, _DEMO_EXAMPLES, _add_demo),
        ("serve", _SERVE, _SERVE_EXAMPLES, _add_serve),
        ("send", _SEND, _SEND_EXAMPLES, _add_send),
        ("fetch", _FETCH, _FETCH_EXAMPLES, _add_fetch),
        ("probe", _PROBE, _PROBE_EXAMPLES, _add_probe),
    ):
        command = commands.add_parser(
            name,
            description=description,
            epilog=examples,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        add_arguments(command)
    return top


def _add_demo(command: argparse.ArgumentParser) -> None:
    command.add_argument("files", nargs="*", type=Path, metavar="FILE.eml", help="messages to send")
    command.add_argument(
        "--corrupt",
        action="store_true",
        help="slip one byte into the first message, to see that it is noticed",
    )


def _add_serve(command: argparse.ArgumentParser) -> None:
    add = command.add_argument
    add("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
    add(
        "--port",
        type=_port,
        default=0,
        help="port for clear text and STARTTLS (default: a free one)",
    )
    add(
        "--tls-port",
        type=_port,
        metavar="PORT",
        help="port for TLS from the start (likewise)",
    )
    for protocol, start_tls in (("POP3", "STLS"), ("IMAP", "STARTTLS")):
        add(
            f"--{protocol.lower()}-port",
            type=_port,
            default=0,
            metavar="PORT",
            help=f"port to read the messages from by {protocol} with {start_tls} (likewise)",
        )
        add(
            f"--{protocol.lower()}s-port",
            type=_port,
            default=0,
            metavar="PORT",
            help="the same with TLS from the start (likewise)",
        )
    add("--lmtp", action="store_true", help="speak LMTP (RFC 2033) instead of SMTP")
    add(
        "--maildir",
        type=Path,
        metavar="DIR",
        help="keep messages in this Maildir, in one for each of several users (default: memory)",
    )
    add(
        "--max-size",
        type=_size,
        default=_size("64M"),
        metavar="SIZE",
        help="the longest message, as 500k or 10M (default: 64M)",
    )
    add(
        "--capacity",
        type=_size,
        metavar="SIZE",
        help="how much mail is kept in memory (default: 256M), or of each user with --maildir "
        "(default: no limit)",
    )
    add(
        "--user",
        dest="users",
        action="append",
        type=_user,
        metavar="NAME:PASSWORD",
        help="who may log in; repeatable (default: one is made up and shown)",
    )
    add("--require-auth", action="store_true", help="refuse mail from who has not logged in")
    add(
        "--cert",
        type=Path,
        metavar="FILE",
        help="TLS certificate chain in PEM (default: throw-away)",
    )
    add("--key", type=Path, metavar="FILE", help="its private key, if it is not in the same file")
    add("--json", action="store_true", help="print a JSON object per line: ready, each message")


def _add_send(command: argparse.ArgumentParser) -> None:
    add = command.add_argument
    add("files", nargs="+", type=Path, metavar="FILE.eml", help='messages; "-": standard input')
    add("--host", default="localhost", help="the mail server (default: %(default)s)")
    add("--port", type=_port, help="default: 587; 465 with --tls implicit; 24 with --lmtp")
    add("--lmtp", action="store_true", help="speak LMTP (RFC 2033)")
    add("--from", dest="sender", metavar="ADDRESS", help="envelope sender")
    add("--to", dest="recipients", action="append", metavar="ADDRESS", help="recipient; repeatable")
    add("--user", metavar="NAME", help="log in as this user")
    _add_password_file(add)
    add("--chunking", action="store_true", help="send by BDAT instead of DATA")
    _add_connection(
        command,
        tls="default: implicit on port 465, none for LMTP, else starttls, which is then required",
    )


def _add_fetch(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "url",
        metavar="URL",
        help="imaps://USER@HOST[:PORT]/[MAILBOX], imap://, pop3s:// or pop3://",
    )
    into = command.add_mutually_exclusive_group(required=True)
    into.add_argument("--maildir", type=Path, metavar="DIR", help="deliver into this Maildir")
    into.add_argument("--eml", type=Path, metavar="DIR", help="write .eml files into DIR")
    one_way = command.add_mutually_exclusive_group()
    one_way.add_argument(
        "--delete", action="store_true", help="delete from the server what is stored here"
    )
    one_way.add_argument(
        "--prune",
        action="store_true",
        help="delete here what was deleted from the server (IMAP)",
    )
    secret = command.add_mutually_exclusive_group()
    _add_password_file(secret.add_argument)
    secret.add_argument(
        "--token-file", type=Path, metavar="FILE", help="its first line is an OAuth token"
    )
    _add_connection(
        command, tls="default: implicit for imaps:// and pop3s://, else starttls, then required"
    )


def _add_probe(command: argparse.ArgumentParser) -> None:
    add = command.add_argument
    add("host", metavar="HOST", help="the server's name, which its certificate should have")
    add("--port", type=_port, help="this port only; needs --protocol")
    add("--protocol", choices=("smtp", "pop3", "imap"), help="what the port speaks")
    add(
        "--tls",
        choices=("implicit", "starttls", "none"),
        default="starttls",
        help="how TLS begins on --port (default: %(default)s)",
    )
    add("--ca", type=Path, metavar="FILE", help="trust these CA certificates (PEM), no others")
    add(
        "--timeout",
        type=_seconds,
        default=10.0,
        metavar="SECONDS",
        help="longest time for a port (default: 10)",
    )
    add("--json", action="store_true", help="print a JSON object for each port")


def _add_password_file(add: Callable[..., object]) -> None:
    add("--password-file", type=Path, metavar="FILE", help="its first line is the password")


def _add_connection(command: argparse.ArgumentParser, tls: str) -> None:
    add = command.add_argument
    add("--tls", choices=_TLS_MODES, help=tls)
    add("--ca", type=Path, metavar="FILE", help="trust these CA certificates (PEM), no others")
    add("--allow-plaintext", action="store_true", help="send the password even without TLS")
    add("--timeout", type=_seconds, metavar="SECONDS", help="longest wait for a single answer")
    add("--trace", action="store_true", help="show the conversation, without secrets and bodies")


def _port(text: str) -> int:
    if text.isascii() and text.isdecimal() and int(text) < 65536:
        return int(text)
    raise argparse.ArgumentTypeError(f"{text!r} is no port: 0 to 65535")


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not 0 < seconds < 1e9:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of seconds above 0")
    return seconds


def _size(text: str) -> int:
    found = _SIZE.fullmatch(text)
    if not found or not int(found[1]):
        raise argparse.ArgumentTypeError(f"{text!r} is no size: 500000, 500k or 10M, say")
    return int(found[1]) * _UNITS[found[2].lower()]


def _user(text: str) -> tuple[str, str]:
    name, _, password = text.partition(":")
    if not name or not password:
        raise argparse.ArgumentTypeError("write NAME:PASSWORD")
    return name, password
