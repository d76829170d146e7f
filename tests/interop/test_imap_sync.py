"""mbsync and offlineimap keep a Maildir in step with our IMAP server; both sides change."""

import random
import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pytest

from mailproto.stores import Account, FlagChange
from mailproto.stores.disk import unique_name
from mailproto.stores.maildir import MaildirStore
from mailproto.stores.maildir.names import FLAG_OF, split

from ..libraries import Library
from ..stores.kinds import MakeStore, make_store
from .peers import ANN, Certificates, program
from .programs import succeed
from .stored import WHOLE, account_with, change_account, contents, deliver, flags, serve
from .test_pop3_server import ODD

__all__ = ["make_store"]

Seen = Counter[tuple[bytes, frozenset[str]]]  # content and flags of each message


def plain(message: bytes) -> bytes:
    """The message as a Maildir holds it, without the field that a tool has put into it."""
    lines = message.replace(b"\r\n", b"\n").split(b"\n")
    return b"\n".join(line for line in lines if not re.match(b"X-(TUID|OfflineIMAP):", line))


def maildir_files(folder: Path) -> dict[bytes, Path]:
    """The messages of a Maildir with their files."""
    files = [*(folder / "new").iterdir(), *(folder / "cur").iterdir()]
    return {plain(file.read_bytes()): file for file in files}


def make_maildir(folder: Path) -> None:
    for part in ("new", "cur", "tmp"):
        (folder / part).mkdir(parents=True)


def flag(file: Path, letters: str) -> None:
    """Give a message of a Maildir these flags, as a mail reader does."""
    file.rename(file.parents[1] / "cur" / f"{file.name.partition(':')[0]}:2,{letters}")


def near_side(folder: Path) -> Seen:
    """What is in a Maildir."""
    files = [*(folder / "new").iterdir(), *(folder / "cur").iterdir()]
    return Counter(
        (
            plain(file.read_bytes()),
            frozenset(FLAG_OF[letter] for letter in split(file.name)[1]),
        )
        for file in files
    )


async def far_side(account: Account) -> Seen:
    """What is in our INBOX."""
    found = zip(await contents(account), (await flags(account)).values(), strict=True)
    return Counter((plain(message), frozenset(flags)) for message, flags in found)


# --- mbsync ---

_MBSYNC = """\
IMAPAccount ann
Host {host}
Port {port}
User {user}
Pass {password}
SSLType {tls}
CertificateFile {authority}
AuthMechs {mechanism}

IMAPStore far
Account ann

MaildirStore near
Path {folder}/
Inbox {folder}/INBOX
SubFolders Verbatim

Channel all
Far :far:
Near :near:
Patterns *
Create Both
Remove Both
Expunge Both
SyncState *
"""


# mbsync takes a bare CR away where it writes a Maildir.
SYNCED = [message for message in WHOLE if message != ODD["bare CR"]]


def mbsync(
    folder: Path, port: int, certificates: Certificates, tls: str, mechanism: str = "LOGIN"
) -> list[str]:
    """Return mbsync's arguments, and write its configuration."""
    file = folder / "mbsyncrc"
    file.write_text(
        _MBSYNC.format(
            host="localhost",  # the name in the certificate; it looks at no address
            port=port,
            user=ANN.name,
            password=ANN.password,
            tls=tls,
            authority=certificates.authority_file,
            mechanism=mechanism,
            folder=folder / "near",
        )
    )
    (folder / "near").mkdir()
    return [program("mbsync", "isync"), "--verbose", "--config", str(file), "--all"]


@pytest.mark.parametrize(
    ("make_store", "tls"),
    [("memory", "STARTTLS"), ("maildir", "IMAPS")],
    indirect=["make_store"],
    ids=["memory", "maildir"],
)
async def test_mbsync_both_ways(
    library: Library, certificates: Certificates, tmp_path: Path, make_store: MakeStore, tls: str
) -> None:
    store = make_store()
    account = await account_with(store, *SYNCED)
    far = await account.mailbox("INBOX")
    near = tmp_path / "near" / "INBOX"
    async with serve(library, store, certificates, implicit_tls=tls == "IMAPS") as server:
        command = mbsync(tmp_path, server.port, certificates, tls)

        async def sync() -> None:
            await library.runtime.in_thread(lambda: succeed(command))

        await sync()
        assert set(maildir_files(near)) == set(map(plain, SYNCED))
        # The far side: a flag, an expunge, a new message, a new mailbox.
        await far.change_flags([1], FlagChange.ADD, [r"\Seen", r"\Flagged"])
        await far.expunge([2])
        await deliver(account, b"Subject: far\r\n\r\nnew\r\n")
        await account.create("Other")
        # The near side: a flag, a removal, a new message, a new mailbox.
        files = maildir_files(near)
        flag(files[plain(SYNCED[2])], "R")
        files[plain(SYNCED[3])].unlink()
        (near / "new" / "1.2.local").write_bytes(b"Subject: near\n\nnew\n")
        make_maildir(near.parent / "Here")
        await sync()
        await sync()
        kept = [message for n, message in enumerate(SYNCED) if n not in (1, 3)]
        added = [b"Subject: far\r\n\r\nnew\r\n", b"Subject: near\r\n\r\nnew\r\n"]
        assert near_side(near) == await far_side(account)
        assert Counter(map(plain, await contents(account))) == Counter(map(plain, kept + added))
        assert (await contents(account))[: len(kept)] == kept
        found = await flags(account)
        assert found[1] == {r"\Seen", r"\Flagged"}
        assert found[3] == {r"\Answered"}
        assert {info.name for info in await account.mailboxes()} == {"INBOX", "Other", "Here"}
        assert (near.parent / "Other" / "cur").is_dir()


def change_maildir(folder: Path, some: Sequence[bytes], new: bytes, chance: random.Random) -> None:
    """As ``change_account``, by another program."""
    files = maildir_files(folder)
    files[some[0]].unlink()
    for message in some[1:]:
        flag(files[message], "".join(sorted(chance.sample("DFPRS", 2))))
    name = unique_name()
    (folder / "tmp" / name).write_bytes(new)
    (folder / "tmp" / name).rename(folder / "new" / name)


async def test_mbsync_again_and_again(
    library: Library, certificates: Certificates, tmp_path: Path
) -> None:
    """Both sides change between its runs, and another program changes our Maildir too."""
    chance = random.Random(7)
    root = tmp_path / "mail" / ANN.name
    near = tmp_path / "near" / "INBOX"
    store = MaildirStore(root.parent, library.runtime)
    account = await account_with(store, *SYNCED)
    there = Counter(map(plain, SYNCED))
    async with serve(library, store, certificates, implicit_tls=True) as server:
        command = mbsync(tmp_path, server.port, certificates, "IMAPS")
        for number in range(4):
            if number:
                some = chance.sample(sorted(there), 9)
                new = [b"Subject: %d %d\n\nnew\n" % (number, who) for who in range(3)]
                change_maildir(near, some[:3], new[0], chance)
                far = new[1].replace(b"\n", b"\r\n")
                await change_account(account, some[3:6], far, chance, plain)
                change_maildir(root, some[6:], new[2], chance)
                there = there + Counter(new) - Counter(some[::3])
            await library.runtime.in_thread(lambda: succeed(command))
            seen = near_side(near)
            assert seen == await far_side(account)
            assert Counter(message for message, _ in seen.elements()) == there


# --- offlineimap ---

_OFFLINEIMAP = """\
[general]
accounts = ann
metadata = {folder}/metadata
[Account ann]
localrepository = near
remoterepository = far
[Repository near]
type = Maildir
localfolders = {folder}/near
[Repository far]
type = IMAP
remotehost = {host}
remoteport = {port}
remoteuser = {user}
remotepass = {password}
ssl = {ssl}
starttls = {starttls}
sslcacertfile = {authority}
auth_mechanisms = {mechanism}
usecompression = yes
"""


@pytest.mark.parametrize(
    ("make_store", "ssl_", "mechanism"),
    [("maildir", "yes", "PLAIN"), ("memory", "no", "CRAM-MD5")],
    indirect=["make_store"],
    ids=["maildir", "memory"],
)
async def test_offlineimap_both_ways(
    library: Library,
    certificates: Certificates,
    tmp_path: Path,
    make_store: MakeStore,
    ssl_: str,
    mechanism: str,
) -> None:
    store = make_store()
    account = await account_with(store, *filter(bytes.isascii, SYNCED))
    count = len(await contents(account))
    # It reads and writes in two threads, and loses what it writes while OpenSSL reads a ticket.
    context = certificates.server_context()
    context.num_tickets = 0
    options = {"implicit_tls": ssl_ == "yes", "tls_context": context}
    async with serve(library, store, certificates, **options) as server:
        configuration = tmp_path / "offlineimaprc"
        configuration.write_text(
            _OFFLINEIMAP.format(
                host="localhost",  # the name in the certificate; it looks at no address
                port=server.port,
                user=ANN.name,
                password=ANN.password,
                ssl=ssl_,
                starttls="no" if ssl_ == "yes" else "yes",
                authority=certificates.authority_file,
                mechanism=mechanism,
                folder=tmp_path,
            )
        )
        command = [program("offlineimap", "offlineimap3"), "-o", "-c", str(configuration)]

        async def sync() -> None:
            await library.runtime.in_thread(lambda: succeed(command))

        await sync()
        inbox = tmp_path / "near" / "INBOX"
        assert len(maildir_files(inbox)) == count
        far = await account.mailbox("INBOX")
        await far.change_flags([1], FlagChange.ADD, [r"\Flagged"])
        await deliver(account, b"Subject: far\r\n\r\nnew\r\n")
        (inbox / "new" / "1.2.local").write_bytes(b"Subject: near\n\nnew\n")
        await sync()
        await sync()
        assert len(await contents(account)) == count + 2
        assert near_side(inbox) == await far_side(account)
        assert (await flags(account))[1] == {r"\Flagged"}
