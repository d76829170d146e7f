"""``mailproto fetch``: what is new on a mail server, into Maildirs or .eml files."""

import asyncio
from argparse import Namespace

from mailproto.cli.connecting import connection_options
from mailproto.cli.display import show_failure
from mailproto.cli.failures import EXPECTED, Failure, Unusable
from mailproto.cli.fetch_imap import ImapFetching
from mailproto.cli.fetch_pop3 import Pop3Fetching
from mailproto.cli.folder import NotStored, open_folder
from mailproto.cli.layout import EML, MAILDIR
from mailproto.cli.mail_url import parse_mail_url
from mailproto.cli.password import find_password, read_secret
from mailproto.sasl import Credentials
from mailproto.tls import TlsMode

__all__ = ["run"]

_FETCHINGS: dict[str, type[Pop3Fetching | ImapFetching]] = {
    "pop3": Pop3Fetching,
    "imap": ImapFetching,
}
_CAN_PRUNE = ("imap",)


def run(arguments: Namespace) -> int:
    """Fetch what is new; 0 if all of it is stored, and deleted if that was asked for, else 1.

    Raises :class:`Unusable` if that can not begin.
    """
    url = parse_mail_url(arguments.url, TlsMode[arguments.tls.upper()] if arguments.tls else None)
    if arguments.prune and url.protocol not in _CAN_PRUNE:
        raise Unusable(Failure("--prune is for IMAP.", "Leave it out, or write imaps://."))
    options = connection_options(arguments)
    directory, layout = (arguments.maildir, MAILDIR) if arguments.maildir else (arguments.eml, EML)
    with open_folder(directory, layout) as folder:
        fetching = _FETCHINGS[url.protocol](
            arguments, url, _credentials(arguments, url.user), folder, options
        )
        try:
            return asyncio.run(fetching.run())
        except NotStored as error:
            show_failure(
                Failure(
                    f"{directory}: {error}.",
                    "Make room there, or see to the permissions: the same command goes on.",
                )
            )
        except EXPECTED as error:
            show_failure(fetching.explain(error))
    return 1


def _credentials(arguments: Namespace, user: str) -> Credentials:
    if arguments.token_file:
        return Credentials(user, token=read_secret(arguments.token_file, "token"))
    return Credentials(user, find_password(user, arguments.password_file))
