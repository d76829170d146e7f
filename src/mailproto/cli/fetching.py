"""What a session of ``mailproto fetch`` is given, whatever the protocol."""

from argparse import Namespace
from typing import Any

from mailproto.cli.display import console
from mailproto.cli.fetch_tally import FetchTally
from mailproto.cli.folder import Folder
from mailproto.cli.mail_url import MailUrl
from mailproto.sasl import Credentials

__all__ = ["Fetching"]


class Fetching:
    """One session, which stores in ``folder``.

    ``options`` are further arguments of the function that connects.
    """

    def __init__(
        self,
        arguments: Namespace,
        url: MailUrl,
        credentials: Credentials,
        folder: Folder,
        options: dict[str, Any],
    ) -> None:
        self._arguments = arguments
        self._url = url
        self._credentials = credentials
        self._folder = folder
        self._options = options
        self._console = console()
        self._tally = FetchTally()
        self._begun = False
