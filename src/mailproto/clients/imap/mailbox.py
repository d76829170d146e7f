"""The selected mailbox, as far as its responses told (RFC 9051 6.3.2, 7.3, 7.4)."""

from collections.abc import Callable
from typing import Any

from mailproto.imap import (
    ExistsResponse,
    ExpungeResponse,
    FlagsResponse,
    HighestModSeq,
    MailboxId,
    Ok,
    PermanentFlags,
    RecentResponse,
    Response,
    UidNext,
    UidValidity,
    VanishedResponse,
)

__all__ = ["SelectedMailbox"]


class SelectedMailbox:
    """A selected mailbox; ``exists`` and the like follow what the server tells.

    What it did not tell is None, an empty tuple or 0.
    """

    __slots__ = (
        "exists",
        "flags",
        "highest_modseq",
        "mailbox_id",
        "name",
        "permanent_flags",
        "read_only",
        "recent",
        "uid_next",
        "uid_validity",
    )

    def __init__(self, name: str) -> None:
        self.name = name
        self._forget()

    def _forget(self) -> None:
        self.read_only = False
        self.exists = 0
        """How many messages there are."""
        self.recent = 0
        self.flags: tuple[str, ...] = ()
        """Flags in use."""
        self.permanent_flags: tuple[str, ...] = ()
        r"""Flags that can be changed for good; ``\\*`` is any keyword."""
        self.uid_validity: int | None = None
        self.uid_next: int | None = None
        self.highest_modseq: int | None = None
        """The mod-sequence that all changes told so far are within (RFC 7162); None without
        CONDSTORE."""
        self.mailbox_id: str | None = None
        """The server's name for it that outlasts renaming (RFC 8474)."""

    def __repr__(self) -> str:
        return f"<SelectedMailbox {self.name!r}: {self.exists} messages>"

    def learn(self, response: Response) -> None:
        """Take note of an untagged response."""
        learn = _LEARN.get(type(response))
        if learn is not None:
            learn(self, response)

    def _learn_exists(self, response: Any) -> None:
        self.exists = response.count

    def _learn_recent(self, response: Any) -> None:
        self.recent = response.count

    def _learn_flags(self, response: Any) -> None:
        self.flags = response.flags

    def _learn_expunge(self, _: Any) -> None:
        self.exists = max(self.exists - 1, 0)

    def _learn_vanished(self, response: Any) -> None:
        if not (response.earlier or response.uids.has_star or response.uids.saved):
            self.exists = max(self.exists - len(response.uids), 0)

    def _learn_code(self, response: Any) -> None:
        if response.code is not None and response.code.name == "CLOSED":
            self._forget()  # what came before was about the mailbox before, RFC 7162 3.2.11
        fact = _FACTS.get(type(response.code))
        if fact is not None:
            name, value = fact
            setattr(self, name, getattr(response.code, value))


_LEARN: dict[type[Response], Callable[[SelectedMailbox, Any], None]] = {
    ExistsResponse: SelectedMailbox._learn_exists,
    ExpungeResponse: SelectedMailbox._learn_expunge,
    FlagsResponse: SelectedMailbox._learn_flags,
    Ok: SelectedMailbox._learn_code,
    RecentResponse: SelectedMailbox._learn_recent,
    VanishedResponse: SelectedMailbox._learn_vanished,
}
# Response code -> (our attribute, the code's).
_FACTS: dict[type, tuple[str, str]] = {
    HighestModSeq: ("highest_modseq", "modseq"),
    MailboxId: ("mailbox_id", "id"),
    PermanentFlags: ("permanent_flags", "flags"),
    UidNext: ("uid_next", "uid"),
    UidValidity: ("uid_validity", "uid_validity"),
}
