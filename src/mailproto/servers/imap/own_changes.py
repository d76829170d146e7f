"""What a command of the client itself has changed: NOTIFY tells others of it (RFC 5465 5)."""

from collections.abc import Mapping
from typing import Any

from mailproto._value import evolve, value
from mailproto.imap import (
    AppendUid,
    Condition,
    CopyUid,
    Create,
    Delete,
    Ok,
    Rename,
    SequenceSet,
    SetMetadata,
    Subscribe,
    Unsubscribe,
)
from mailproto.stores import MailboxState
from mailproto.stores.rules import canonical_name

__all__ = ["NO_CHANGES", "OwnChanges", "own_changes"]

_NAMES: Mapping[type[Any], tuple[str, ...]] = {
    **dict.fromkeys((Create, Delete, Subscribe, Unsubscribe), ("mailbox",)),
    Rename: ("mailbox", "new_name"),
}
"""The fields with the names of mailboxes that a command makes, removes or subscribes."""


@value
class OwnChanges:
    """Names that came, went or were subscribed; annotations that were set; messages that came.

    ``entries`` are annotations of ``mailbox``, into which messages with ``uids`` were put.
    """

    names: frozenset[str] = frozenset()
    mailbox: str = ""
    entries: frozenset[str] = frozenset()
    uids: SequenceSet = SequenceSet(())

    def annotates(self, name: str, entry: str) -> bool:
        """Whether an annotation of a mailbox ("" for the account) was set."""
        return name in self.names or (name == self.mailbox and entry in self.entries)

    def upon(self, name: str, state: MailboxState) -> MailboxState:
        """Return the state of a mailbox with the messages that were put into it.

        It stays as it is if others were faster.
        """
        if name != self.mailbox or not self.uids or self.uids.ranges[0][0] != state.uid_next:
            return state
        messages = state.messages + len(self.uids)
        return evolve(state, messages=messages, uid_next=self.uids.ranges[-1][1] + 1)


NO_CHANGES = OwnChanges()


def own_changes(command: Any, answer: Condition, delimiter: str) -> OwnChanges:
    """Return what a command has changed, by its completion."""
    if not isinstance(answer, Ok):
        return NO_CHANGES

    def name_in(field: str) -> str:
        return canonical_name(getattr(command, field).removesuffix(delimiter), delimiter)

    names = frozenset(map(name_in, _NAMES.get(type(command), ())))
    if names:
        return OwnChanges(names)
    if isinstance(command, SetMetadata):
        entries = frozenset(map(str.lower, command.values))
        return OwnChanges(mailbox=name_in("mailbox"), entries=entries)
    code = answer.code
    if isinstance(code, AppendUid | CopyUid):
        uids = code.uids if isinstance(code, AppendUid) else code.destination
        return OwnChanges(mailbox=name_in("mailbox"), uids=uids)
    return NO_CHANGES
