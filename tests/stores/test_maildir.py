"""MaildirStore: what is on the disk, what other programs do there, and what should not be there."""

import errno
import mailbox as stdlib
import os
import socket
import sqlite3
import subprocess
import sys
import time
import tracemalloc
from collections.abc import Awaitable, Callable
from contextlib import closing
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from mailproto._value import evolve
from mailproto.stores import FlagChange, Mailbox, StoreError
from mailproto.stores.maildir import MaildirAccount, MaildirMailbox, MaildirStore
from mailproto.stores.maildir.index import Entry, Index

from ..libraries import Library
from .kinds import content, pieces

MESSAGE = b"Subject: hello\r\n\r\nline\r\n"
ON_DISK = b"Subject: hello\n\nline\n"
ADD, REMOVE, REPLACE = FlagChange.ADD, FlagChange.REMOVE, FlagChange.REPLACE
ROOT_MAY_ALL = pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """The Maildir of ann."""
    return tmp_path / "mail" / "ann"


async def open_inbox(library: Library, root: Path) -> tuple[MaildirAccount, MaildirMailbox]:
    """Open the INBOX of ann with a store of its own, as another process would."""
    account = await MaildirStore(root.parent, library.runtime).account("ann")
    return account, await account.mailbox("INBOX")


def names(folder: Path) -> list[str]:
    return sorted(
        f"{place}/{path.name}" for place in ("new", "cur") for path in folder.glob(f"{place}/*")
    )


def rename(folder: Path, flags: str) -> None:
    """Give the only message other flags, as another program does."""
    ((place, name),) = [name.split("/", 1) for name in names(folder)]
    (folder / place / name).rename(folder / "cur" / f"{name.partition(':')[0]}:2,{flags}")


def deliver(folder: Path, name: str, data: bytes = ON_DISK, place: str = "new") -> None:
    (folder / "tmp" / name).write_bytes(data)
    (folder / "tmp" / name).rename(folder / place / name)


async def noticed(
    mailbox: Mailbox, expected: object, seen: Callable[[], Awaitable[object]]
) -> None:
    """Ask until the answer is what is expected: two changes can have the same time stamp."""
    give_up = time.monotonic() + 10
    while (found := await seen()) != expected:
        assert time.monotonic() < give_up, found


async def flags(mailbox: Mailbox) -> list[set[str]]:
    return [set(info.flags) for info in await mailbox.messages()]


async def refused(code: str, act: Callable[[], Awaitable[object]]) -> None:
    with pytest.raises(StoreError) as caught:
        await act()
    assert caught.value.code == code


async def test_files(library: Library, root: Path) -> None:
    _, inbox = await open_inbox(library, root)
    await inbox.append(pieces(MESSAGE))
    (new,) = names(root)
    assert new.startswith("new/")
    assert new.endswith(",S=21,W=24")
    assert (root / new).read_bytes() == ON_DISK
    await inbox.change_flags([1], ADD, ["\\Seen", "\\Draft", "$Label", "$Forwarded"])
    (cur,) = names(root)
    assert cur == f"cur{new[3:]}:2,DSab"
    assert (root / "dovecot-keywords").read_text() == "0 $Forwarded\n1 $Label\n"
    await inbox.append(pieces(b"bare\n\r\n"), ["\\Deleted", "$label"])
    assert [name for name in names(root) if name.endswith(",S=7,W=7,V:2,Tb")]
    assert await flags(inbox) == [
        {"\\Seen", "\\Draft", "$Label", "$Forwarded"},
        {"\\Deleted", "$Label"},
    ]
    assert list((root / "tmp").iterdir()) == []
    assert await inbox.path(1) == root / cur
    await refused("NONEXISTENT", lambda: inbox.path(3))


async def test_python_reads_and_writes_it(library: Library, root: Path) -> None:
    account, inbox = await open_inbox(library, root)
    await account.create("Work")
    await inbox.append(pieces(MESSAGE), ["\\Flagged"])
    theirs = stdlib.Maildir(root, create=False)
    ((key, message),) = theirs.items()
    assert (message["subject"], message.get_flags()) == ("hello", "F")
    assert theirs.list_folders() == ["Work"]
    message.add_flag("S")
    theirs[key] = message
    theirs.add(ON_DISK.replace(b"hello", b"two"))
    theirs.get_folder("Work").add(ON_DISK)
    await noticed(inbox, [{"\\Flagged", "\\Seen"}, set()], lambda: flags(inbox))
    assert await content(inbox, 2) == MESSAGE.replace(b"hello", b"two")
    work = await account.mailbox("Work")
    assert await _count(work) == 1
    assert await content(work, 1) == MESSAGE
    theirs.clear()
    await noticed(inbox, [], inbox.messages)
    assert await inbox.expunged(1) == [1, 2]


async def test_changes_by_others_are_told(library: Library, root: Path) -> None:
    account, inbox = await open_inbox(library, root)
    told: list[str] = []
    await inbox.state()
    inbox.watch(lambda: told.append("mailbox"))
    account.watch(told.append)
    deliver(root, "1.a.host")
    await noticed(inbox, 2, lambda: _uid_next(inbox))
    assert told == ["mailbox", "INBOX"]
    before = (await inbox.state()).highest_modseq
    rename(root, "RS")
    await noticed(inbox, [{"\\Answered", "\\Seen"}], lambda: flags(inbox))
    assert [info.uid for info in await inbox.messages(before)] == [1]
    before = (await inbox.state()).highest_modseq
    (path,) = (root / "cur").iterdir()
    path.unlink()
    await noticed(inbox, [], inbox.messages)
    assert await inbox.expunged(before) == [1]


async def _uid_next(mailbox: Mailbox) -> int:
    return (await mailbox.state()).uid_next


async def test_a_move_to_cur_is_no_change(library: Library, root: Path) -> None:
    _, inbox = await open_inbox(library, root)
    deliver(root, "1.a.host")
    before = await inbox.messages()
    rename(root, "")
    assert await content(inbox, 1) == MESSAGE  # found under its new name
    assert await inbox.messages() == before


async def test_two_stores_are_as_two_processes(library: Library, root: Path) -> None:
    _, one = await open_inbox(library, root)
    _, two = await open_inbox(library, root)
    assert one is not two
    await one.append(pieces(MESSAGE))
    await two.append(pieces(MESSAGE), ["\\Seen"])
    assert await one.messages() == await two.messages()
    await one.change_flags([1, 2], ADD, ["x"])
    await two.change_flags([1, 2], ADD, ["y"])
    assert await flags(one) == await flags(two) == [{"x", "y"}, {"\\Seen", "x", "y"}]
    await two.expunge([1])
    assert [info.uid for info in await one.messages()] == [2]
    await refused("NONEXISTENT", lambda: content(one, 1))


async def test_forwarded_of_other_programs(library: Library, root: Path) -> None:
    _, inbox = await open_inbox(library, root)
    deliver(root, "1.a.host:2,PXz", place="cur")
    assert await flags(inbox) == [{"$Forwarded"}]
    await inbox.change_flags([1], ADD, ["\\Seen"])
    assert names(root) == ["cur/1.a.host:2,PSXz"]
    await inbox.change_flags([1], REMOVE, ["$Forwarded"])
    assert names(root) == ["cur/1.a.host:2,SXz"]


async def test_keywords_of_other_programs(library: Library, root: Path) -> None:
    _, inbox = await open_inbox(library, root)
    deliver(root, "1.a.host:2,ac", place="cur")
    assert await flags(inbox) == [set()]
    (root / "dovecot-keywords").write_text("0 One\n2 Three\n30 Far\n")
    await noticed(inbox, [{"One", "Three"}], lambda: flags(inbox))
    await inbox.change_flags([1], ADD, ["two", "ONE"])
    assert (root / "dovecot-keywords").read_text() == "0 One\n1 two\n2 Three\n30 Far\n"
    assert names(root) == ["cur/1.a.host:2,abc"]
    assert set(await inbox.keywords()) == {"One", "two", "Three"}


async def test_too_many_keywords(library: Library, root: Path) -> None:
    _, inbox = await open_inbox(library, root)
    await inbox.append(pieces(MESSAGE))
    await inbox.change_flags([1], ADD, [f"k{number}" for number in range(26)])
    before = await inbox.messages()
    await refused("LIMIT", lambda: inbox.change_flags([1], ADD, ["\\Seen", "one-more"]))
    await refused("LIMIT", lambda: inbox.append(pieces(MESSAGE), ["one-more"]))
    await refused("CANNOT", lambda: inbox.change_flags([1], ADD, ["a b"]))
    assert await inbox.messages() == before
    await inbox.change_flags([1], REPLACE, ["K7", "\\seen"])
    assert await flags(inbox) == [{"k7", "\\Seen"}]


async def test_lock_of_keywords(library: Library, root: Path) -> None:
    _, inbox = await open_inbox(library, root)
    await inbox.append(pieces(MESSAGE))
    lock = root / "dovecot-uidlist.lock"
    lock.write_text(f"{_dead_process()}:{socket.gethostname()}")
    await inbox.change_flags([1], ADD, ["of-a-dead-process"])
    lock.write_text("1:elsewhere")
    os.utime(lock, (1, 1))
    await inbox.change_flags([1], ADD, ["of-long-ago"])
    assert not lock.exists()


def _dead_process() -> int:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    return ended.pid


async def test_a_lock_that_is_held(
    library: Library, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mailproto.stores.disk._LOCK_WAIT", 0.0)
    _, inbox = await open_inbox(library, root)
    await inbox.append(pieces(MESSAGE))
    for holder in (f"{os.getpid()}:{socket.gethostname()}", f"1:{socket.gethostname()}", "?"):
        (root / "dovecot-uidlist.lock").write_text(holder)
        await refused("INUSE", lambda: inbox.change_flags([1], ADD, ["x"]))
    assert await flags(inbox) == [set()]


async def test_a_lock_that_is_given_back(
    library: Library, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def may_not(*_: object) -> None:
        raise PermissionError

    _, inbox = await open_inbox(library, root)
    await inbox.append(pieces(MESSAGE))
    lock = root / "dovecot-uidlist.lock"
    lock.write_text(f"1:{socket.gethostname()}")
    monkeypatch.setattr(os, "kill", may_not)  # it is another user's
    monkeypatch.setattr("mailproto.stores.disk.time.sleep", lambda _: lock.unlink())
    await inbox.change_flags([1], ADD, ["x"])
    assert await flags(inbox) == [{"x"}]


async def test_an_index_that_another_process_holds(
    library: Library, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mailproto.stores.maildir.index._BUSY", 0.0)
    _, inbox = await open_inbox(library, root)
    await inbox.append(pieces(MESSAGE))
    with closing(sqlite3.connect(root / "mailproto.sqlite", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        await refused("INUSE", lambda: inbox.append(pieces(MESSAGE)))
        await refused("INUSE", lambda: inbox.change_flags([1], ADD, ["\\Seen"]))
        assert await content(inbox, 1) == MESSAGE
        other.execute("ROLLBACK")
    assert [info.uid for info in await inbox.messages()] == [1]
    assert list((root / "tmp").iterdir()) == []


async def test_a_maildrop_lock_that_fails(
    library: Library, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_locks(*_: object) -> None:
        raise OSError(errno.ENOLCK, "no locks")

    _, inbox = await open_inbox(library, root)

    async def lock() -> None:
        async with inbox.lock_maildrop():
            raise AssertionError("locked")

    with monkeypatch.context() as patch:
        patch.setattr("fcntl.flock", no_locks)
        await refused("UNAVAILABLE", lock)
    (root / "mailproto-maildrop.lock").unlink()
    (root / "mailproto-maildrop.lock").symlink_to("elsewhere")
    await refused("UNAVAILABLE", lock)


async def test_the_index_is_rebuilt(library: Library, root: Path) -> None:
    account, inbox = await open_inbox(library, root)
    work = await account.create("Work/Deep", ["\\Sent"])
    for number in range(5):
        await inbox.append(pieces(MESSAGE, b"%d" % number), ["\\Seen", f"k{number}"])
    await inbox.copy([2], work)
    before = await inbox.messages()
    copied = await work.messages()
    validity = (await inbox.state()).uid_validity
    account._tree.index.close()
    _remove_index(root)
    account, inbox = await open_inbox(library, root)
    after = await inbox.messages()
    assert (await inbox.state()).uid_validity > validity
    tell = [(info.size, info.flags, info.internal_date, info.email_id) for info in before]
    assert [(i.size, i.flags, i.internal_date, i.email_id) for i in after] == tell
    again = await (await account.mailbox("Work/Deep")).messages()
    assert [i.email_id for i in again] == [i.email_id for i in copied] == [before[1].email_id]
    assert {info.name: info.attributes for info in await account.mailboxes()} == {
        "INBOX": set(),
        "Work/Deep": {"\\Sent"},
    }


def _remove_index(root: Path) -> None:
    for path in root.glob("mailproto.sqlite*"):
        path.unlink()


async def test_a_broken_index(library: Library, root: Path) -> None:
    account, inbox = await open_inbox(library, root)
    await inbox.append(pieces(MESSAGE), ["\\Seen"])
    account._tree.index.close()
    _remove_index(root)
    (root / "mailproto.sqlite").write_bytes(b"garbage" * 1000)
    _, inbox = await open_inbox(library, root)
    assert await flags(inbox) == [{"\\Seen"}]
    assert (root / "mailproto.sqlite.broken").read_bytes().startswith(b"garbage")


async def test_an_index_of_another_version(library: Library, root: Path) -> None:
    account, inbox = await open_inbox(library, root)
    await inbox.append(pieces(MESSAGE), ["\\Seen"])
    account._tree.index.close()
    database = sqlite3.connect(root / "mailproto.sqlite")
    database.execute("PRAGMA user_version = 77")
    database.close()
    _, inbox = await open_inbox(library, root)
    assert await flags(inbox) == [{"\\Seen"}]


async def test_an_index_of_before_headers_were_remembered(library: Library, root: Path) -> None:
    account, inbox = await open_inbox(library, root)
    await inbox.append(pieces(MESSAGE))
    state = await inbox.state()
    account._tree.index.close()
    with closing(sqlite3.connect(root / "mailproto.sqlite")) as database:
        database.executescript("DROP TABLE header; PRAGMA user_version = 1")
    _, inbox = await open_inbox(library, root)
    assert await subjects(inbox) == [(1, b"Subject: hello\r\n\r\n")]
    assert await inbox.state() == state


async def subjects(mailbox: Mailbox) -> list[tuple[int, bytes]]:
    uids = [info.uid for info in await mailbox.messages()]
    return [found async for found in mailbox.headers(uids, ["subject"])]


async def test_headers_are_remembered_as_long_as_their_messages_are_there(
    library: Library, root: Path
) -> None:
    account, inbox = await open_inbox(library, root)
    for number in range(600):  # more than are read at once
        deliver(root, f"{number}.x", b"Subject: %d\nX: y\n\nline\n" % number)
    found = await subjects(inbox)
    assert found == [(uid, b"Subject: %d\r\n\r\n" % (uid - 1)) for uid in range(1, 601)]
    for name in names(root):
        os.truncate(root / name, 0)  # only what is remembered can be told now
    await inbox.change_flags(range(1, 601), ADD, ["\\Seen"])
    moved = await account.create("moved")
    await inbox.expunge([1])
    await inbox.move([2], moved)
    await account.delete("moved")
    account._tree.index.close()
    _, inbox = await open_inbox(library, root)
    assert await subjects(inbox) == found[2:]
    with pytest.raises(StoreError):
        [each async for each in inbox.headers([3], ["x"])]
    await inbox.expunge(range(3, 601))
    with closing(sqlite3.connect(root / "mailproto.sqlite")) as database:
        assert database.execute("SELECT * FROM header").fetchall() == []


async def test_of_a_header_without_end_no_more_is_read_than_counts(
    library: Library, root: Path
) -> None:
    _, inbox = await open_inbox(library, root)
    deliver(root, "1.x", b"Subject: hello\nX: " + b"x" * 2**21)
    await inbox.messages()
    os.truncate(root / "new" / "1.x", 2**20)  # who reads on notices it
    plain = [each async for each in Mailbox.headers(inbox, [1], ["subject"])]
    assert plain == await subjects(inbox) == [(1, b"Subject: hello\r\n")]


async def test_headers_that_can_not_be_remembered_are_told(library: Library, root: Path) -> None:
    _, inbox = await open_inbox(library, root)
    deliver(root, "1.x")
    await inbox.messages()
    with closing(sqlite3.connect(root / "mailproto.sqlite")) as database:
        database.execute("DROP TABLE header")
        database.execute("CREATE VIEW header AS SELECT 0 AS folder, 0 AS uid, '' AS fields")
    assert await subjects(inbox) == [(1, b"Subject: hello\r\n\r\n")]


async def test_who_reads_headers_does_not_wait_for_who_writes(library: Library, root: Path) -> None:
    _, inbox = await open_inbox(library, root)
    await inbox.append(pieces(MESSAGE))
    with closing(sqlite3.connect(root / "mailproto.sqlite", isolation_level=None)) as database:
        database.execute("BEGIN IMMEDIATE")
        async with library.runtime.deadline(15):  # a store waits for 30 seconds at other times
            found = [each async for each in inbox.headers([1], ["subject"])]
    assert found == [(1, b"Subject: hello\r\n\r\n")]
    await inbox.change_flags([1], ADD, ["\\Seen"])


async def test_an_index_that_breaks_while_it_is_used(library: Library, root: Path) -> None:
    account, inbox = await open_inbox(library, root)
    await inbox.append(pieces(MESSAGE), ["\\Seen"])
    other = sqlite3.connect(root / "mailproto.sqlite")
    other.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    other.close()
    (root / "mailproto.sqlite").write_bytes(b"garbage" * 1000)
    await refused("NONEXISTENT", inbox.state)
    inbox = await account.mailbox("INBOX")
    assert await flags(inbox) == [{"\\Seen"}]


async def test_what_is_no_message_is_passed_over(library: Library, root: Path) -> None:
    _, inbox = await open_inbox(library, root)
    (root / "secret").write_text("secret")
    (root / "new" / "link").symlink_to(root / "secret")
    (root / "cur" / "dangling:2,S").symlink_to(root / "nothing")
    (root / "cur" / "directory:2,").mkdir()
    os.mkfifo(root / "new" / "pipe")
    deliver(root, ".hidden")
    assert await inbox.messages() == []
    deliver(root, "1.real")
    await noticed(inbox, 1, lambda: _count(inbox))


async def _count(mailbox: Mailbox) -> int:
    return len(await mailbox.messages())


async def test_strange_names(library: Library, root: Path) -> None:
    account, inbox = await open_inbox(library, root)
    strange = [
        b"\xff\xfe:2,S",
        b"no number:2,FF,x",
        b":2,T",
        b"a:1,S",
        b"b:2,",
        b"line\nend:2,R",
        b"c,S=,W=x,E=..,V=3:2,D",
        b"d,S=99999999999999999999,W=1",
        "99999999999999999999.ü😀:2,S".encode(),
        b"e,S=21,W=24,E=" + b"x" * 100,
    ]
    for name in strange:
        deliver(root, os.fsdecode(name), place="cur")
    found = await inbox.messages()
    assert [info.uid for info in found] == [*range(1, len(strange) + 1)]
    kinds = sorted("".join(sorted(flag[1] for flag in info.flags)) for info in found)
    assert kinds == ["", "", "", "", "A", "D", "D", "F", "S", "S"]
    octets = sorted([await content(inbox, info.uid) for info in found])
    assert octets == [ON_DISK, *[MESSAGE] * (len(strange) - 1)]
    assert all(len(info.email_id) < 65 for info in found)
    uids = [info.uid for info in found]
    await inbox.change_flags(uids, ADD, ["\\Answered", "key"])
    target = await account.create("Target")
    assert len(await inbox.copy(uids, target)) == len(uids)
    assert len(await inbox.move(uids, target)) == len(uids)
    assert names(root) == []
    assert len(await target.messages()) == 2 * len(uids)
    assert sorted(i.email_id for i in found) == sorted(
        {i.email_id for i in await target.messages()}
    )


async def test_two_files_of_one_name(library: Library, root: Path) -> None:
    _, inbox = await open_inbox(library, root)
    deliver(root, "1.same,S=4:2,S", b"one\n", "cur")
    deliver(root, "1.same,S=4:2,F", b"two\n", "cur")
    deliver(root, "1.same,S=4", b"six\n", "new")
    await noticed(inbox, 3, lambda: _count(inbox))
    assert {await content(inbox, uid) for uid in (1, 2, 3)} == {b"one\r\n", b"two\r\n", b"six\r\n"}
    assert sorted(map(sorted, await flags(inbox))) == [[], ["\\Flagged"], ["\\Seen"]]


async def test_a_rename_that_was_cut_short(library: Library, root: Path) -> None:
    """A power cut can leave a file with both of its names."""
    _, inbox = await open_inbox(library, root)
    deliver(root, "1.a,S=21,W=24")
    (root / "cur" / "1.a,S=21,W=24:2,S").hardlink_to(root / "new" / "1.a,S=21,W=24")
    await noticed(inbox, [{"\\Seen"}], lambda: flags(inbox))
    assert names(root) == ["cur/1.a,S=21,W=24:2,S"]


async def test_names_that_never_rest(
    library: Library, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While other programs rename all the time, nothing is taken for gone."""
    _, inbox = await open_inbox(library, root)
    deliver(root, "1.a,S=21,W=24")
    assert await _count(inbox) == 1
    (root / "new" / "1.a,S=21,W=24").rename(root / "tmp" / "1.a,S=21,W=24")
    with monkeypatch.context() as patch:
        ticks = count()
        patch.setattr("mailproto.stores.maildir.scan.stamp", lambda folder: str(next(ticks)))
        assert await _count(inbox) == 1
        await refused("UNAVAILABLE", lambda: content(inbox, 1))
        await refused("UNAVAILABLE", lambda: inbox.expunge([1]))
    assert await _count(inbox) == 0
    await refused("NONEXISTENT", lambda: content(inbox, 1))


async def test_expunges_of_long_ago_are_forgotten(library: Library, root: Path) -> None:
    _, inbox = await open_inbox(library, root)
    await inbox.append(pieces(MESSAGE))
    _, behind = await open_inbox(library, root)
    assert await _count(behind) == 1
    await inbox.expunge([1])
    index = inbox._folder._index
    number = inbox._folder.row().id
    for start in range(0, 10_100, 100):
        with index.writing():
            index.expunge(number, range(start + 1, start + 101), index.next_modseq(number))
    modseq = (await inbox.state()).highest_modseq
    _, again = await open_inbox(library, root)
    for mailbox in (inbox, again, behind):
        assert await mailbox.expunged(1) is None
        assert await mailbox.expunged(modseq - 1) == [*range(10_001, 10_101)]
        assert await _count(mailbox) == 0


async def test_a_file_that_lies_about_its_size(library: Library, root: Path) -> None:
    _, inbox = await open_inbox(library, root)
    deliver(root, "1.a,S=21,W=1000")
    deliver(root, "2.b,S=21,W=3")
    deliver(root, "3.c,S=20,W=3")
    assert [info.size for info in await inbox.messages()] == [1000, 3, 24]
    await refused("UNAVAILABLE", lambda: content(inbox, 1))
    assert await content(inbox, 2) == MESSAGE[:3]
    assert await content(inbox, 3) == MESSAGE


async def test_a_file_that_becomes_a_link(library: Library, root: Path) -> None:
    _, inbox = await open_inbox(library, root)
    deliver(root, "1.a")
    await inbox.messages()
    (root / "secret").write_text("secret")
    (root / "new" / "1.a").unlink()
    (root / "new" / "1.a").symlink_to(root / "secret")
    with pytest.raises(StoreError):
        await content(inbox, 1)


@ROOT_MAY_ALL
async def test_a_file_that_may_not_be_read(library: Library, root: Path) -> None:
    _, inbox = await open_inbox(library, root)
    deliver(root, "1.a")
    deliver(root, "2.b,S=21,W=24")
    for path in (root / "new").iterdir():
        path.chmod(0)
    (info,) = await inbox.messages()  # the size of the other can not be known
    await refused("NOPERM", lambda: content(inbox, info.uid))
    for path in (root / "new").iterdir():
        path.chmod(0o600)
    await noticed(inbox, 2, lambda: _count(inbox))


async def test_dates_out_of_range(library: Library, root: Path) -> None:
    _, inbox = await open_inbox(library, root)
    deliver(root, "1.a")
    deliver(root, "2.b")
    os.utime(root / "new" / "1.a", (0, -(10**9)))
    os.utime(root / "new" / "2.b", (0, 10**10))
    assert [info.internal_date.year for info in await inbox.messages()] == [1970, 2286]


async def test_garbage_in_small_files(library: Library, root: Path) -> None:
    account, inbox = await open_inbox(library, root)
    await inbox.append(pieces(MESSAGE))
    garbage = b"\xff\0x\n99999 a\n-1 b\n0 \n1 a b\n2 ok\n2 twice\n3 OK\n" + bytes(300_000)
    (root / "dovecot-keywords").write_bytes(garbage)
    (root / "subscriptions").write_bytes(garbage)
    (root / "mailproto-account").write_bytes(garbage)
    (root / "mailproto-annotations").write_bytes(b"[" * 100_000)
    await inbox.change_flags([1], ADD, ["ok", "new"])
    assert (root / "dovecot-keywords").read_bytes() == b"0 new\n2 ok\n"
    assert dict(await account.metadata()) == dict(await account.metadata("INBOX")) == {}
    for data in (b"7", b'{"a": 7}', b'{"a": "?"}', b'{"a": "4pyT"}'):
        (root / "mailproto-account").write_bytes(data)
    assert dict(await account.metadata()) == {"a": "✓".encode()}
    await account.subscriptions()
    await account.subscribe("Work", True)
    assert "Work" in await account.subscriptions()


async def test_subscriptions_that_would_not_be_read_again(library: Library, root: Path) -> None:
    """Their file is read up to 256 KiB: it never gets longer, so nothing is lost."""
    account, _ = await open_inbox(library, root)
    lines = "".join(f"{number:0>950}\n" for number in range(275))
    (root / "subscriptions").write_text("V\t2\n\n" + lines)
    with pytest.raises(StoreError, match="no room"):
        await account.subscribe("x" * 900, True)
    assert len(await account.subscriptions()) == 275


async def test_subscriptions_of_other_programs(library: Library, root: Path) -> None:
    account, _ = await open_inbox(library, root)
    (root / "subscriptions").write_text("INBOX\nWork.&AOQ-\nA/B\n\n..\n")
    assert await account.subscriptions() == {"INBOX", "Work/ä", "A/B"}
    await account.subscribe("A/B", False)
    await account.subscribe("New", True)
    assert (root / "subscriptions").read_text() == "V\t2\n\nINBOX\nNew\nWork\t&AOQ-\n"
    for name in ("", "/", "a//b", "a/", "x" * 2000, "a\tb", "a\nb", "a\udc09b"):
        await refused("CANNOT", partial(account.subscribe, name, True))
    for name in ("user/ann@x.example/A", "a.b", "g&h", "\udcffi"):
        await account.subscribe(name, True)
        assert name in await account.subscriptions()


async def test_folders(library: Library, root: Path) -> None:
    account, _ = await open_inbox(library, root)
    await account.create("Wörk/a&b")
    assert (root / ".W&APY-rk.a&-b" / "maildirfolder").is_file()
    for name in (".Plain", ".bad&utf7", ".\udcff", "..", ".a..b", ".inbox", ".NoMaildir", "Other"):
        (root / name / ("cur" if name != ".NoMaildir" else "x")).mkdir(parents=True, exist_ok=True)
        (root / name / "new").mkdir(exist_ok=True)
        (root / name / "tmp").mkdir(exist_ok=True)
    (root / ".Link").symlink_to(root / ".Plain")
    (root / ".file").write_text("")
    listed = [info.name for info in await account.mailboxes()]
    assert listed == ["INBOX", "Plain", "Wörk/a&b", "bad\udc26utf7", "\udcff"]
    for name in listed:
        assert (await account.mailbox(name)).name == name
    for name in ("a.b", ".", "Inbox", "x" * 300, "a\0b", "a\ud800b", "INBOX/../x"):
        with pytest.raises(StoreError) as caught:
            await account.create(name)
        assert caught.value.code in ("CANNOT", "ALREADYEXISTS")
        if name != "Inbox":
            await refused("NONEXISTENT", lambda name=name: account.mailbox(name))  # type: ignore[misc]
    await refused("NONEXISTENT", lambda: account.mailbox("Link"))


async def test_folders_of_other_programs_come_and_go(library: Library, root: Path) -> None:
    account, inbox = await open_inbox(library, root)
    theirs = stdlib.Maildir(root, create=False)
    theirs.add_folder("Theirs").add(ON_DISK)
    mailbox = await account.mailbox("Theirs")
    assert await _count(mailbox) == 1
    assert await content(mailbox, 1) == MESSAGE
    other = theirs.get_folder("Theirs")
    other.clear()
    theirs.remove_folder("Theirs")
    await refused("NONEXISTENT", mailbox.state)
    await refused("NONEXISTENT", lambda: inbox.move([1], mailbox))
    assert [info.name for info in await account.mailboxes()] == ["INBOX"]
    await refused("NONEXISTENT", lambda: account.mailbox("Theirs"))


async def test_old_garbage_is_removed(
    library: Library, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await open_inbox(library, root)
    for name in ("old", "older"):
        (root / "tmp" / name).write_bytes(b"")
    (root / "tmp" / "directory").mkdir()
    (root / "mailproto-old-x" / "cur").mkdir(parents=True)
    await open_inbox(library, root)
    assert len(list((root / "tmp").iterdir())) == 3
    assert not (root / "mailproto-old-x").exists()
    now = time.time
    monkeypatch.setattr("mailproto.stores.maildir.scan.time.time", lambda: now() + 37 * 3600)
    await open_inbox(library, root)
    assert [path.name for path in (root / "tmp").iterdir()] == ["directory"]


async def test_names_of_users(library: Library, tmp_path: Path) -> None:
    store = MaildirStore(tmp_path / "mail", library.runtime)
    for user in ("", ".", "..", "../x", "a/b", "a\0b", ".hidden", "a\nb"):
        await refused("NONEXISTENT", lambda user=user: store.account(user))  # type: ignore[misc]
    assert not (tmp_path / "mail").exists()
    some = MaildirStore(lambda user: tmp_path / "all", library.runtime, users=["ann", "ben"])
    assert await some.account("ann") is await some.account("ben")
    await refused("NONEXISTENT", lambda: some.account("eve"))
    (tmp_path / "file").write_text("")
    nowhere = MaildirStore(tmp_path / "file", library.runtime)
    with pytest.raises(StoreError):
        await nowhere.account("ann")


async def test_copies_where_there_are_no_links(
    library: Library, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def link(*args: object, **kwargs: object) -> None:
        raise OSError(18, "another file system")

    account, inbox = await open_inbox(library, root)
    target = await account.create("Target")
    await inbox.append(pieces(MESSAGE), ["\\Seen"])
    monkeypatch.setattr(os, "link", link)
    assert await inbox.copy([1], target) == [(1, 1)]
    assert await content(target, 1) == MESSAGE
    ((before,), (after,)) = await inbox.messages(), await target.messages()
    assert before.internal_date == after.internal_date


@pytest.mark.parametrize("call", ["rename", "link", "fsync", "unlink"])
async def test_a_disk_that_fails(
    library: Library, root: Path, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    account, inbox = await open_inbox(library, root)
    target = await account.create("Target")
    await inbox.append(pieces(MESSAGE), ["\\Seen"])
    await inbox.append(pieces(MESSAGE), ["\\Seen"])
    before = await flags(inbox)

    def fails(*args: object, **kwargs: object) -> None:
        raise OSError(28, "no space")

    codes = []
    for act in (
        lambda: inbox.append(pieces(MESSAGE)),
        lambda: inbox.change_flags([1, 2], ADD, ["\\Seen", "\\Flagged", "key"]),
        lambda: inbox.copy([1, 2], target),
        lambda: inbox.move([1], target),
        lambda: inbox.expunge([2]),
        lambda: account.subscribe("x", True),
        lambda: account.set_metadata({"/private/x": b"x"}),
    ):
        with monkeypatch.context() as patch:
            patch.setattr(os, call, fails)
            try:
                await act()
            except StoreError as error:
                codes.append(error.code)
    assert set(codes) == {"OVERQUOTA"}
    total = len(await inbox.messages()) + len(await target.messages())
    assert total == len(names(root)) + len(names(root / ".Target"))
    _, again = await open_inbox(library, root)
    assert await flags(again) == await flags(inbox)
    assert before


async def test_large_folders_are_not_looked_at_again(
    library: Library, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, inbox = await open_inbox(library, root)
    for number in range(50):
        deliver(root, f"{number}.a,S=21,W=24")
    assert len(await inbox.messages()) == 50
    for place in ("new", "cur"):  # as if that had been long ago
        os.utime(root / place, (10**9, 10**9))
    await noticed(inbox, True, lambda: _settled(inbox))
    looked = []

    def counting(call: Callable[[Any], object]) -> Callable[[Any], object]:
        def counted(path: Any) -> object:
            looked.append(path)
            return call(path)

        return counted

    monkeypatch.setattr(os, "lstat", counting(os.lstat))
    monkeypatch.setattr(os, "scandir", counting(os.scandir))
    await inbox.messages()
    assert len(looked) == 3  # new, cur and the keywords
    looked.clear()
    _, again = await open_inbox(library, root)
    assert len(await again.messages()) == 50
    assert len(looked) <= 5


async def _settled(mailbox: MaildirMailbox) -> bool:
    await mailbox.state()
    return mailbox._folder._settled


def test_sets_of_flags_are_not_remembered_without_end(tmp_path: Path) -> None:
    index = Index(tmp_path / "index")
    folder = index.folder_named("").id
    entry = Entry(0, "1.a", "cur/1.a:2,", frozenset(), 1, 0.0, 0.0, "M1", 1)
    names = [f"keyword{number}" for number in range(14)]
    tracemalloc.start()
    try:
        with index.writing():
            (entry,) = index.add(folder, [entry])
            for number in range(10_000):
                flags = frozenset(name for at, name in enumerate(names) if number >> at & 1)
                index.update(folder, [evolve(entry, flags=flags)])
                assert index.entries(folder, [1])[0].flags == flags
        assert tracemalloc.get_traced_memory()[0] < 4_000_000  # octets
    finally:
        tracemalloc.stop()
        index.close()
