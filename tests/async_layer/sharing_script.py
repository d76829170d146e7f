"""What two users do with a mailbox that one of them shares, against any IMAP server."""

from collections.abc import Awaitable, Callable
from typing import Any

from mailproto.clients import ImapClient
from mailproto.errors import CommandFailed

__all__ = ["BOX", "STEPS", "Seen", "share"]

BOX = "user/ann/Work"
STEPS = ("l", "lr", "lrs", "lrtp", "lrw", "lrip", "lre", "lrswit", "lrswite")
"""Rights that are tried one after the other.

Each has another number of letters than the one before: Dovecot looks at the size of its file only,
if that has changed within a second. Nothing here takes ``p``.
"""

MESSAGE = b"Subject: shared\r\n\r\n"

Seen = dict[str, object]


def _value(result: Any) -> object:
    """What can be compared: rights in no order."""
    if isinstance(result, dict):
        return {key: _value(value) for key, value in result.items()}
    return frozenset(result) if isinstance(result, str) else result


class _Script:
    def __init__(self, ann: ImapClient, bob: ImapClient) -> None:
        self.ann, self.bob = ann, bob
        self.seen: Seen = {}

    async def see(self, what: str, act: Callable[[], Awaitable[object]]) -> None:
        """Note what comes of an act: its result, or with which code it was refused."""
        assert what not in self.seen
        try:
            self.seen[what] = _value(await act())
        except CommandFailed as error:
            code = getattr(error.reply, "code", None)
            self.seen[what] = "refused" if code is None else f"refused {code.name}"

    async def grant(self, rights: str, box: str = "Work") -> None:
        await self.ann.set_acl(box, "bob", rights)

    async def names(self) -> list[str]:
        listed = await self.bob.list(f"{BOX}*")
        return sorted(mailbox.name for mailbox in listed if mailbox.selectable)

    async def selected(self) -> tuple[bool, frozenset[str]]:
        mailbox = await self.bob.select(BOX)
        seen = mailbox.read_only, frozenset(mailbox.permanent_flags)
        await self.bob.unselect()
        return seen

    async def flags(self) -> list[frozenset[str]]:
        fetched = await self.ann.fetch("1:*", ["FLAGS"]).all()
        return [frozenset(message.flags or ()) - {"\\Recent"} for message in fetched]


async def share(ann: ImapClient, bob: ImapClient) -> Seen:
    """Play it; return what was seen, by what was done. The users have nothing but an INBOX."""
    script = _Script(ann, bob)
    see, grant = script.see, script.grant
    await ann.create("Work")
    for _ in range(4):
        await ann.append("Work", MESSAGE)

    # Rights are set, told and taken away.
    await see("rights of the owner", lambda: ann.my_rights("Work"))
    await see("first ACL", lambda: ann.acl("Work"))
    await ann.set_acl("Work", "carol and co", "l")
    await see("hidden: rights", lambda: bob.my_rights(BOX))
    await see("hidden: select", lambda: bob.select(BOX))
    await see("nothing there: select", lambda: bob.select(f"{BOX}2"))
    await see("hidden: list", script.names)
    await grant("lrd")
    await ann.set_acl("Work", "-bob", "e")
    await ann.set_acl("Work", "carol and co", "+l")
    await ann.set_acl("Work", "carol and co", "+ws")
    await ann.set_acl("Work", "carol and co", "-s")
    await see("ACL", lambda: ann.acl("Work"))
    await see("rights less negative ones", lambda: bob.my_rights(BOX))
    await ann.delete_acl("Work", "-bob")
    await ann.delete_acl("Work", "carol and co")
    await ann.delete_acl("Work", "nobody")
    await see("ACL after deletion", lambda: ann.acl("Work"))
    await see("unknown right", lambda: ann.set_acl("Work", "bob", "lrq"))
    await see("rights that can be granted", lambda: _grantable(ann))

    # What is told of a mailbox, and what may be done with it.
    for rights in STEPS:
        await grant(rights)
        await see(f"{rights}: rights", lambda: bob.my_rights(BOX))
        await see(f"{rights}: list", script.names)
        await see(f"{rights}: status", lambda: bob.status(BOX, ["MESSAGES"]))
        await see(f"{rights}: select", script.selected)
        await see(f"{rights}: ACL", lambda: bob.acl(BOX))
        await see(f"{rights}: change the ACL", lambda: bob.set_acl(BOX, "bob", "lra"))
        await see(f"{rights}: create", lambda: bob.create(f"{BOX}/New"))
        await see(f"{rights}: delete", lambda: bob.delete(BOX))
        await see(f"{rights}: rename", lambda: bob.rename(BOX, f"{BOX}/Old"))
    await grant("lr")
    await see("lr: append", lambda: bob.append(BOX, MESSAGE))

    # Flags.
    await ann.select("Work")
    await ann.add_flags("1:*", "\\Deleted", "\\Flagged", uid=False)
    await grant("lrs")
    await bob.select(BOX)
    await bob.add_flags("1", "\\Seen", "\\Deleted", uid=False)
    await see("s: add", script.flags)
    await bob.set_flags("1", "\\Answered", uid=False)
    await see("s: set", script.flags)
    await grant("lrwp")
    await bob.select(BOX)
    await bob.set_flags("2", "\\Answered", "\\Seen", uid=False)
    await see("w: set", script.flags)
    await see("w: expunge", bob.expunge)
    await see("w: move", lambda: bob.move("1:*", "INBOX"))
    await see("w: copy", lambda: _copied(bob, "1", "INBOX"))
    await bob.close()
    await see("w: closed", script.flags)

    # Messages that come in, and go.
    await grant("lrist")
    await bob.append(BOX, MESSAGE, ["\\Seen", "\\Flagged", "\\Draft"])
    await ann.noop()
    await see("st: appended", script.flags)
    await bob.append("INBOX", MESSAGE, ["\\Seen", "\\Flagged", "\\Deleted"])
    await bob.select("INBOX")
    await bob.copy("*", BOX, uid=False)
    await ann.noop()
    await see("st: copied", script.flags)
    await grant("lrte")
    await bob.select(BOX)
    await bob.expunge()
    await ann.noop()
    await see("te: expunged", script.flags)

    # Mailboxes.
    await grant("lrk")
    await bob.create(f"{BOX}/New")
    await see("inherited", lambda: ann.acl("Work/New"))
    await see("k: list", script.names)
    await see("k: rename", lambda: bob.rename(f"{BOX}/New", f"{BOX}/Newer"))
    await grant("lrxp", "Work/New")
    await bob.rename(f"{BOX}/New", f"{BOX}/Newer")
    await see("kx: list", script.names)
    await see("kept", lambda: ann.acl("Work/Newer"))
    await bob.delete(f"{BOX}/Newer")
    await see("x: list", script.names)

    # Only the ACL.
    await bob.close()
    await grant("a")
    await see("a: rights", lambda: bob.my_rights(BOX))
    await bob.set_acl(BOX, "bob", "+lr")
    await see("a: ACL", lambda: bob.acl(BOX))
    await bob.set_acl(BOX, "bob", "")
    await see("gone", lambda: bob.my_rights(BOX))
    await see("gone: list", script.names)
    return script.seen


async def _grantable(ann: ImapClient) -> frozenset[str]:
    required, optional = await ann.list_rights("Work", "bob")
    assert not required
    return frozenset("".join(optional))


async def _copied(bob: ImapClient, numbers: str, mailbox: str) -> bool:
    return await bob.copy(numbers, mailbox, uid=False) is not None
