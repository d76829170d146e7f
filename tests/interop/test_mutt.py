"""mutt, pressed by its keys, reads and changes mail by IMAP, and in the Maildir that we serve."""

import imaplib
import os
import pty
import re
import select
import subprocess
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from mailproto.stores import FlagChange
from mailproto.stores.maildir import MaildirStore

from ..libraries import Library
from .peers import ANN, HOST, Certificates, program
from .stored import WHOLE, account_with, contents, deliver, flags, serve
from .test_pop3_server import ODD

_PATIENCE = 60.0  # seconds after which it waits for a key
_CONFIGURATION = """\
set folder = "{folder}"
set imap_user = {user} imap_pass = "{password}"
set ssl_ca_certificates_file = {authority}
set imap_deflate = yes imap_qresync = yes
set header_cache = {home}/headers message_cachedir = {home}/bodies
set move = no delete = yes quit = yes confirmappend = no confirmcreate = no wait_key = no
set mbox_type = Maildir record = "" postponed = "" mail_check = 0 sleep_time = 0
unset mark_old resolve
"""
NEW = b"Subject: new\r\n\r\nnew\r\n"
# mutt sorts by Date, and does not always keep a bare CR.
KEPT = [
    b"Date: Mon, 01 Jan 2024 12:00:%02d +0000\r\n" % second
    + message.replace(b"\r\nDate:", b"\r\nX:")
    for second, message in enumerate(WHOLE)
    if message != ODD["bare CR"]
]


class Mutt:
    """A user of mutt, whose folders are at ``folder``; it keeps its caches from run to run."""

    def __init__(self, home: Path, folder: str | Path, certificates: Certificates) -> None:
        self._home = home
        (home / "headers").mkdir(parents=True)
        (home / "bodies").mkdir()
        (home / "muttrc").write_text(
            _CONFIGURATION.format(
                home=home,
                folder=folder,
                user=ANN.name,
                password=ANN.password,
                authority=certificates.authority_file,
            )
        )

    def press(self, folder: str | Path, *keys: str) -> None:
        """Open a folder, press keys, leave it with all changes. Blocks."""
        words = [program("mutt", "mutt"), "-n", "-F", str(self._home / "muttrc")]
        words += ["-f", str(folder), "-e", f"push '{''.join(keys)}<sync-mailbox><quit>'"]
        status, output = _on_a_terminal(words, HOME=str(self._home))
        assert status == 0, output


def _on_a_terminal(words: Sequence[str], **variables: str) -> tuple[int, str]:
    """Run a program on a terminal that nobody watches; return its status and what it showed."""
    environment = {**os.environ, "TERM": "xterm", "LC_ALL": "C.UTF-8", **variables}
    ours, its = pty.openpty()
    output = b""
    end = time.monotonic() + _PATIENCE
    try:
        with subprocess.Popen(
            words, stdin=its, stdout=its, stderr=its, env=environment, start_new_session=True
        ) as process:
            os.close(its)
            while select.select([ours], [], [], max(0.0, end - time.monotonic()))[0]:
                try:
                    output += os.read(ours, 65536)
                except OSError:  # it has ended, and its terminal with it
                    break
            else:
                process.kill()
    finally:
        os.close(ours)
    return process.returncode, output.decode("utf-8", "replace")


def plain(message: bytes) -> bytes:
    """The message as a Maildir holds it, without what mutt puts into its header."""
    lines = message.replace(b"\r\n", b"\n").split(b"\n")
    own = re.compile(rb"(Content-Length|Lines|(X-)?Status): ")
    return b"\n".join(line for line in lines if not own.match(line))


def copied(folder: Path) -> Counter[bytes]:
    """The messages in a Maildir that mutt has made."""
    files = [*(folder / "new").iterdir(), *(folder / "cur").iterdir()]
    return Counter(plain(file.read_bytes()) for file in files)


def changes(other: str | Path) -> str:
    """The keys that flag the first message, remove the second, move the third, read the fourth."""
    return (
        "1<enter><flag-message>2<enter><delete-message>"
        f"3<enter><save-message>{other}<enter>4<enter><display-message><exit>"
    )


def copy_to(folder: str | Path, pattern: str = "~A") -> str:
    """The keys that copy all messages of a pattern, if there are any."""
    copy = f"<tag-prefix-cond><copy-message>{folder}<enter><end-cond>"
    return f"<untag-pattern>~A<enter><tag-pattern>{pattern}<enter>{copy}"


async def test_by_imap(library: Library, certificates: Certificates, tmp_path: Path) -> None:
    store = MaildirStore(tmp_path / "mail", library.runtime)
    account = await account_with(store, *KEPT)
    inbox = await account.mailbox("INBOX")
    await account.create("Other")
    async with serve(library, store, certificates, implicit_tls=True) as server:
        mutt = Mutt(tmp_path / "home", f"imaps://localhost:{server.port}/", certificates)

        async def press(folder: str | Path, *keys: str) -> None:
            await library.runtime.in_thread(lambda: mutt.press(folder, *keys))

        await press("=INBOX", copy_to(tmp_path / "near"))
        assert copied(tmp_path / "near") == Counter(map(plain, KEPT))
        await press("=INBOX", changes("=Other"))
        left = [KEPT[0], *KEPT[3:]]
        assert await contents(account) == left
        assert await contents(account, "Other") == [KEPT[2]]
        found = await flags(account)
        assert {uid: names for uid, names in found.items() if names} == {
            1: {r"\Flagged"},
            4: {r"\Seen"},
        }
        # What changes meanwhile is news to its caches.
        await inbox.change_flags([5, 6], FlagChange.ADD, [r"\Flagged"])
        await inbox.change_flags([1], FlagChange.REMOVE, [r"\Flagged"])
        await inbox.expunge([7])
        await deliver(account, NEW)
        flagged, rest = tmp_path / "flagged", tmp_path / "rest"
        await press("=INBOX", copy_to(flagged, "~F"), copy_to(rest))
        assert copied(flagged) == Counter(map(plain, KEPT[4:6]))
        there = [message for message in left if message != KEPT[6]] + [NEW]
        assert copied(rest) == Counter(map(plain, there))
        assert await contents(account) == there
        await press(rest, copy_to("=Back"))
        assert Counter(map(plain, await contents(account, "Back"))) == copied(rest)


async def test_in_the_maildir_that_is_served(
    library: Library, certificates: Certificates, tmp_path: Path
) -> None:
    root = tmp_path / "mail" / ANN.name
    other = root / ".Other"
    store = MaildirStore(root.parent, library.runtime)
    account = await account_with(store, *KEPT)
    await account.create("Other")
    context = certificates.client_context()
    async with serve(library, store, certificates, implicit_tls=True) as server:
        mutt = Mutt(tmp_path / "home", root, certificates)

        def both() -> None:
            """Change it by mutt and by IMAP in turn; both see what the other one does."""
            with imaplib.IMAP4_SSL(HOST, server.port, ssl_context=context, timeout=30) as client:
                client.login(ANN.name, ANN.password)
                client.select()
                mutt.press(root, changes(other))
                client.noop()
                assert client.uid("SEARCH", "FLAGGED")[1] == [b"1"]
                assert client.uid("SEARCH", "SEEN")[1] == [b"4"]
                assert client.uid("SEARCH", "UID 1:4")[1] == [b"1 4"]
                client.uid("STORE", "1", "-FLAGS", r"(\Flagged)")
                client.uid("STORE", "5:6", "+FLAGS", r"(\Answered)")
                client.uid("MOVE", "7", "Other")
                mutt.press(root, copy_to(tmp_path / "replied", "~Q"))
                mutt.press(root, copy_to(tmp_path / "flagged", "~F"), copy_to(other, "~Q"))
                client.noop()
                assert client.uid("SEARCH", "ANSWERED")[1] == [b"5 6"]

        await library.runtime.in_thread(both)
    assert copied(tmp_path / "replied") == Counter(map(plain, KEPT[4:6]))
    assert not (tmp_path / "flagged").exists()
    assert await contents(account) == [KEPT[0], *KEPT[3:6], *KEPT[7:]]
    others = [KEPT[2], KEPT[6], *KEPT[4:6]]
    assert Counter(map(plain, await contents(account, "Other"))) == Counter(map(plain, others))
