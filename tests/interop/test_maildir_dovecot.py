"""MaildirStore and Dovecot on the same Maildir: nothing is lost, nothing doubled, flags agree.

Our side works as the user who owns the mail, as a server would.
"""

import codecs
import ctypes
import imaplib
import pwd
import random
import re
import smtplib
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any, TypeVar, cast

from mailproto.stores import FlagChange, Mailbox
from mailproto.stores.maildir import MaildirAccount, MaildirStore
from mailproto.stream import Runtime

from ..libraries import Library
from .dovecot import Dovecot
from .peers import ANN, BOB, HOST

ADD, REMOVE, REPLACE = FlagChange.ADD, FlagChange.REMOVE, FlagChange.REPLACE
FLAGS = ("\\Seen", "\\Flagged", "\\Answered", "\\Deleted", "\\Draft", "$Forwarded", "Work", "Home")

T = TypeVar("T")

Seen = list[tuple[bytes, frozenset[str]]]  # content and flags of each message


class Owner:
    """A runtime whose threads are the user of the mail where files are concerned."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        codecs.lookup("utf-16-be")  # which the user of the mail may not be able to load
        self._libc = ctypes.CDLL(None)
        self._nobody = pwd.getpwnam("nobody")

    def __getattr__(self, name: str) -> Any:
        return getattr(self._runtime, name)

    async def in_thread(self, function: Callable[[], T]) -> T:
        def as_owner() -> T:
            self._libc.setfsgid(self._nobody.pw_gid)
            self._libc.setfsuid(self._nobody.pw_uid)
            try:
                return function()
            finally:
                self._libc.setfsuid(0)
                self._libc.setfsgid(0)

        return await self._runtime.in_thread(as_owner)


async def ours(library: Library, dovecot: Dovecot) -> MaildirAccount:
    """Our store over what is Dovecot's; Dovecot has made it already."""
    with theirs(dovecot):
        path = dovecot.maildir(ANN).path
    runtime = cast(Runtime, Owner(library.runtime))
    return await MaildirStore(lambda user: path, runtime).account(ANN.name)


@contextmanager
def theirs(dovecot: Dovecot, folder: str = "INBOX") -> Iterator[imaplib.IMAP4]:
    """Dovecot's view, by IMAP."""
    with imaplib.IMAP4(HOST, dovecot.imap_port) as client:
        client.login(ANN.name, ANN.password)
        client.select(folder)
        yield client


def message(name: object) -> bytes:
    return f"From: {BOB.address}\r\nSubject: {name}\r\n\r\nline\r\n.dot\r\n".encode()


async def pieces(*data: bytes) -> AsyncIterator[bytes]:
    for piece in data:
        yield piece


def flags_of(text: bytes) -> frozenset[str]:
    return frozenset(text.decode().split()) - {"\\Recent"}


def their_messages(dovecot: Dovecot, folder: str = "INBOX") -> Seen:
    with theirs(dovecot, folder) as client:
        found = []
        _, rows = client.uid("FETCH", "1:*", "(FLAGS BODY.PEEK[])")
        for row in rows:
            if isinstance(row, tuple):
                head, octets = row
                match = re.search(rb"FLAGS \(([^)]*)\)", head)
                assert match
                found.append((octets, flags_of(match[1])))
        return found


async def our_messages(mailbox: Mailbox) -> Seen:
    return [
        (b"".join([piece async for piece in mailbox.read(info.uid)]), info.flags)
        for info in await mailbox.messages()
    ]


async def agree(library: Library, dovecot: Dovecot, *folders: str) -> Counter[bytes]:
    """Both see the same messages with the same flags; return how often which is there."""
    account = await ours(library, dovecot)
    all_of_them: Counter[bytes] = Counter()
    for folder in folders:
        mine = await our_messages(await account.mailbox(folder))
        dovecots = await library.runtime.in_thread(
            lambda folder=folder: their_messages(dovecot, folder.replace("/", "."))  # type: ignore[misc]
        )
        assert Counter(mine) == Counter(dovecots)
        all_of_them.update(octets for octets, _ in mine)
    return all_of_them


async def test_deliveries_and_flags(library: Library, dovecot: Dovecot) -> None:
    def lmtp() -> None:
        with smtplib.LMTP(HOST, dovecot.lmtp_port) as client:
            client.sendmail(BOB.address, [ANN.address], message("by LMTP"))

    def append_and_flag() -> None:
        with theirs(dovecot) as client:
            client.append("INBOX", "(\\Seen Work)", "", message("by IMAP"))
            client.uid("STORE", "1:*", "+FLAGS", "(\\Flagged $Forwarded)")

    account = await ours(library, dovecot)
    inbox = await account.mailbox("INBOX")
    await inbox.append(pieces(message("ours")), ["Home", "\\Answered"])
    await library.runtime.in_thread(lmtp)
    await library.runtime.in_thread(append_and_flag)
    there = await agree(library, dovecot, "INBOX")
    assert {octets.count(b"Return-Path") for octets in there} == {0, 1}
    found = {len(info.flags) for info in await inbox.messages()}
    assert found == {4, 2}
    uids = [info.uid for info in await inbox.messages()]
    await inbox.change_flags(uids, REMOVE, ["$Forwarded"])
    await inbox.change_flags(uids[:2], REPLACE, ["\\Seen", "brand-new"])
    assert sum((await agree(library, dovecot, "INBOX")).values()) == 3


async def test_folders(library: Library, dovecot: Dovecot) -> None:
    def make() -> None:
        with theirs(dovecot) as client:
            client.create("Theirs.Deep")
            client.create("&ZeVnLIqe-")
            client.subscribe("Theirs.Deep")

    def listed(command: str) -> set[str]:
        with theirs(dovecot) as client:
            rows = client.list()[1] if command == "LIST" else client.lsub()[1]
            return {row.split()[-1].decode() for row in rows if isinstance(row, bytes)}

    account = await ours(library, dovecot)
    await account.create("Ours/Größe")
    await account.subscribe("Ours/Größe", True)
    await library.runtime.in_thread(make)
    here = {info.name for info in await account.mailboxes()}
    assert here == {"INBOX", "Theirs/Deep", "日本語", "Ours/Größe"}
    assert set(await account.subscriptions()) == {"Theirs/Deep", "Ours/Größe"}
    there = await library.runtime.in_thread(lambda: listed("LIST"))
    assert there >= {"INBOX", "Theirs.Deep", "&ZeVnLIqe-", "Ours.Gr&APYA3w-e"}
    subscribed = await library.runtime.in_thread(lambda: listed("LSUB"))
    assert subscribed == {"Theirs.Deep", "Ours.Gr&APYA3w-e"}
    await account.rename("Theirs/Deep", "Moved/Deep")
    assert "Moved.Deep" in await library.runtime.in_thread(lambda: listed("LIST"))


def imap_flags(flags: Iterable[str]) -> str:
    return f"({' '.join(flags)})"


async def test_in_turn(library: Library, dovecot: Dovecot) -> None:
    """One after the other does something at random; after each both agree."""
    chance = random.Random(5)
    account = await ours(library, dovecot)
    await account.create("Other")
    boxes = {name: await account.mailbox(name) for name in ("INBOX", "Other")}
    there: Counter[bytes] = Counter()

    def their_step(folder: str, target: str, number: int) -> None:
        with theirs(dovecot, folder) as client:
            found = client.uid("SEARCH", "ALL")[1][0].split()
            uids = b",".join(chance.sample(found, min(len(found), 3))).decode()
            kind = chance.choice(["append", "flags", "move", "expunge"])
            flags = imap_flags(chance.sample(FLAGS, chance.randint(0, 3)))
            if kind == "append" or not uids:
                client.append(folder, flags, "", message(number))
                there[message(number)] += 1
            elif kind == "flags":
                client.uid("STORE", uids, chance.choice(["", "+", "-"]) + "FLAGS", flags)
            elif kind == "move":
                client.uid("MOVE", uids, target)
            else:
                one = uids.partition(",")[0]
                ((_, octets), *_) = client.uid("FETCH", one, "(BODY.PEEK[])")[1]
                there[octets] -= 1
                client.uid("STORE", one, "+FLAGS", "(\\Deleted)")
                client.uid("EXPUNGE", one)

    async def our_step(folder: str, target: str, number: int) -> None:
        box = boxes[folder]
        found = [info.uid for info in await box.messages()]
        uids = chance.sample(found, min(len(found), 3))
        kind = chance.choice(["append", "flags", "move", "expunge"])
        flags = chance.sample(FLAGS, chance.randint(0, 3))
        if kind == "append" or not uids:
            await box.append(pieces(message(number)), flags)
            there[message(number)] += 1
        elif kind == "flags":
            await box.change_flags(uids, chance.choice(list(FlagChange)), flags)
        elif kind == "move":
            await box.move(uids, boxes[target])
        else:
            there[b"".join([piece async for piece in box.read(uids[0])])] -= 1
            await box.expunge(uids[:1])

    for number in range(25):
        folder, target = chance.sample(["INBOX", "Other"], 2)
        if chance.random() < 0.5:
            await our_step(folder, target, number)
        else:
            await library.runtime.in_thread(
                lambda folder=folder, target=target, number=number: their_step(  # type: ignore[misc]
                    folder, target, number
                )
            )
        assert +there == await agree(library, dovecot, "INBOX", "Other")


async def test_at_the_same_time(library: Library, dovecot: Dovecot) -> None:
    """Both change flags of all messages; each delivers and moves messages of its own."""
    account = await ours(library, dovecot)
    inbox = await account.mailbox("INBOX")
    other = await account.create("Other")

    def their_work() -> None:
        chance = random.Random(1)
        with theirs(dovecot) as client:
            for number in range(60):
                client.append("INBOX", "", "", message(f"theirs {number}"))
                client.noop()
                flags = imap_flags(chance.sample(FLAGS, 2))
                client.uid("STORE", "1:*", chance.choice(["+", "-"]) + "FLAGS.SILENT", flags)
                own = client.uid("SEARCH", "SUBJECT", "theirs")[1][0].split()
                if number % 3 == 0 and own:
                    client.uid("MOVE", chance.choice(own).decode(), "Other")

    chance = random.Random(2)
    with ThreadPoolExecutor(1) as pool:
        work = pool.submit(their_work)
        for number in range(60):
            info = await inbox.append(pieces(message(f"ours {number}")))
            uids = [info.uid for info in await inbox.messages()]
            await inbox.change_flags(uids, chance.choice([ADD, REMOVE]), chance.sample(FLAGS, 2))
            if number % 3 == 0:
                await inbox.move([info.uid], other)
        await library.runtime.in_thread(work.result)
    there = await agree(library, dovecot, "INBOX", "Other")
    sent = [message(f"{who} {number}") for who in ("ours", "theirs") for number in range(60)]
    assert there == Counter(sent)
