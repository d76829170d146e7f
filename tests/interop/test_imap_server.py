"""curl, Python's imaplib, IMAPClient, mbsync, offlineimap and imapflow against our IMAP server."""

import imaplib
import json
import ssl
from contextlib import AbstractAsyncContextManager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from imapclient import IMAPClient

from mailproto.sasl import PasswordAuthenticator
from mailproto.servers import Server
from mailproto.stores import FlagChange, MemoryAccount, MemoryStore

from ..libraries import Library
from .messages import SAMPLES
from .peers import ACCOUNTS, ANN, HOST, Certificates, program
from .programs import imapflow, run, succeed
from .test_pop3_server import ODD

MESSAGES = [sample.data for sample in SAMPLES] + list(ODD.values())


def serve(
    library: Library, store: MemoryStore, certificates: Certificates, **options: Any
) -> AbstractAsyncContextManager[Server]:
    authenticator = PasswordAuthenticator(
        {account.name: account.password for account in ACCOUNTS},
        mechanisms=("SCRAM-SHA-256", "CRAM-MD5", "PLAIN", "LOGIN"),
    )
    settings = {"tls_context": certificates.server_context(), "auth_failure_delay": 0.0, **options}
    server: AbstractAsyncContextManager[Server]
    server = library.binding.serve_imap(store, authenticator, HOST, **settings)
    return server


async def account_with(*messages: bytes) -> tuple[MemoryStore, MemoryAccount]:
    """A store in which Ann has messages."""
    store = MemoryStore()
    account = await store.account(ANN.name)
    for message in messages:
        account.inbox.add(message)
    return store, account


async def contents(account: MemoryAccount, mailbox: str = "INBOX") -> list[bytes]:
    """The messages of a mailbox."""
    found = await account.mailbox(mailbox)
    return [
        b"".join([piece async for piece in found.read(info.uid)]) for info in await found.messages()
    ]


async def flags(account: MemoryAccount) -> list[set[str]]:
    return [set(info.flags) for info in await account.inbox.messages()]


# --- curl ---


def curl(
    port: int, certificates: Certificates, *words: str, path: str = "INBOX", implicit: bool = False
) -> list[str]:
    return [
        *(program("curl", "curl"), "--silent", "--show-error", "--ssl-reqd"),
        *("--cacert", str(certificates.authority_file), "--user", f"{ANN.name}:{ANN.password}"),
        *(*words, f"{'imaps' if implicit else 'imap'}://{HOST}:{port}/{path}"),
    ]


@pytest.mark.parametrize("implicit", [False, True], ids=["STARTTLS", "implicit TLS"])
async def test_curl_gets_and_puts_every_octet(
    library: Library, certificates: Certificates, tmp_path: Path, implicit: bool
) -> None:
    store, account = await account_with(*MESSAGES)
    async with serve(library, store, certificates, implicit_tls=implicit) as server:

        async def call(*words: str, path: str) -> None:
            arguments = curl(server.port, certificates, *words, path=path, implicit=implicit)
            await library.runtime.in_thread(lambda: succeed(arguments))

        file = tmp_path / "message"
        for uid, message in enumerate(MESSAGES, 1):
            await call("--output", str(file), path=f"INBOX;UID={uid}")
            assert file.read_bytes() == message
        await account.create("Copies")
        for message in MESSAGES:
            file.write_bytes(message)
            await call("--upload-file", str(file), path="Copies")
    assert await contents(account, "Copies") == MESSAGES


@pytest.mark.parametrize("mechanism", ["PLAIN", "LOGIN", "CRAM-MD5", "*"])
async def test_curl_logs_in(library: Library, certificates: Certificates, mechanism: str) -> None:
    store, _ = await account_with(b"Subject: x\r\n\r\n")
    async with serve(library, store, certificates) as server:
        for password, success in ((ANN.password, True), ("wrong", False)):
            words = curl(server.port, certificates, "--request", "SEARCH ALL")
            at = words.index("--user") + 1
            words[at] = f"{ANN.name}:{password}"
            words[at + 1 : at + 1] = ["--login-options", f"AUTH={mechanism}"]
            result = await library.runtime.in_thread(lambda words=words: run(words))  # type: ignore[misc]
            assert (result.returncode == 0) is success, result.stdout
            assert ("* SEARCH 1" in result.stdout) is success


# --- imaplib ---


def by_imaplib(port: int, context: ssl.SSLContext, *, implicit: bool) -> dict[str, Any]:
    """Do what imaplib can, and say what was seen."""
    client: imaplib.IMAP4
    if implicit:
        client = imaplib.IMAP4_SSL(HOST, port, ssl_context=context, timeout=30)
    else:
        client = imaplib.IMAP4(HOST, port, timeout=30)
        client.starttls(context)
    seen: dict[str, Any] = {}
    if implicit:
        client.login(ANN.name, ANN.password)
    else:
        client.login_cram_md5(ANN.name, ANN.password)
    client.create('"Old mail"')
    client.append("INBOX", r"(\Flagged)", imaplib.Time2Internaldate(86400.0), MESSAGES[0])
    seen["exists"] = client.select()[1]
    seen["flagged"] = client.uid("SEARCH", "FLAGGED")[1]
    seen["subject"] = client.search("UTF-8", "SUBJECT", '"interop"')[1]
    seen["sorted"] = client.sort("(REVERSE ARRIVAL)", "UTF-8", "ALL")[1]
    seen["threads"] = client.thread("REFERENCES", "UTF-8", "ALL")[1]
    seen["bodies"] = [
        part[1] for part in client.fetch("1:*", "(BODY.PEEK[])")[1] if isinstance(part, tuple)
    ]
    client.store("1", "+FLAGS", r"(\Deleted $Done)")
    client.copy("2", '"Old mail"')
    client.expunge()
    seen["status"] = client.status('"Old mail"', "(MESSAGES UIDNEXT)")[1]
    seen["list"] = client.list()[1]
    seen["quota"] = client.getquotaroot("INBOX")[1]
    seen["namespace"] = client.namespace()[1]
    client.rename('"Old mail"', "Older")
    client.delete("Older")
    client.close()
    client.logout()
    return seen


@pytest.mark.parametrize("implicit", [False, True], ids=["STARTTLS", "implicit TLS"])
async def test_imaplib(library: Library, certificates: Certificates, implicit: bool) -> None:
    store, account = await account_with(*MESSAGES)
    context = certificates.client_context()
    async with serve(library, store, certificates, implicit_tls=implicit) as server:
        seen = await library.runtime.in_thread(
            lambda: by_imaplib(server.port, context, implicit=implicit)
        )
    count = len(MESSAGES) + 1
    assert seen["exists"] == [str(count).encode()]
    assert seen["flagged"] == [str(count).encode()]
    assert len(seen["subject"][0].split()) == sum(b"Subject: interop" in m for m in MESSAGES) + 1
    # The last one has an INTERNALDATE of 1970.
    assert seen["sorted"][0].split()[-1] == str(count).encode()
    assert seen["threads"][0].count(b"(") >= 1
    assert seen["bodies"] == [*MESSAGES, MESSAGES[0]]
    assert seen["status"] == [b'"Old mail" (MESSAGES 1 UIDNEXT 2)']
    assert b'(\\HasNoChildren) "/" "Old mail"' in seen["list"]
    assert [info.name for info in await account.mailboxes()] == ["INBOX"]
    assert len(await contents(account)) == count - 1


# --- IMAPClient ---


def by_imapclient(port: int, context: ssl.SSLContext) -> dict[str, Any]:
    """Do what IMAPClient can, and say what was seen."""
    seen: dict[str, Any] = {}
    with IMAPClient(HOST, port, ssl=False, timeout=30) as client:
        client.starttls(context)
        client.plain_login(ANN.name, ANN.password)
        seen["id"] = client.id_({"name": "test"})
        client.create_folder("Entwürfe")
        seen["folders"] = [name for _, _, name in client.list_folders()]
        client.subscribe_folder("Entwürfe")
        seen["subscribed"] = [name for _, _, name in client.list_sub_folders()]
        client.enable("QRESYNC")
        seen["select"] = client.select_folder("INBOX")
        seen["found"] = client.search(["SUBJECT", "interop", "UNSEEN"], "UTF-8")
        seen["esearch"] = client.search(["SINCE", date(2000, 1, 1)])
        items = ["FLAGS", "ENVELOPE", "BODYSTRUCTURE", "INTERNALDATE", "BODY.PEEK[]", "MODSEQ"]
        seen["fetched"] = client.fetch(seen["esearch"], items)
        client.add_flags(1, [r"\Seen", "$Work"])
        seen["flags"] = client.get_flags(1)
        seen["append"] = client.append("INBOX", MESSAGES[0], [r"\Draft"], datetime(2024, 1, 2))
        client.idle()
        seen["idle"] = client.idle_check(timeout=0.01)
        client.idle_done()
        client.move([2], "Entwürfe")
        client.copy([3], "Entwürfe")
        seen["multi"] = client.multiappend(
            "Entwürfe", [b"Subject: 1\r\n\r\n", b"Subject: 2\r\n\r\n"]
        )
        seen["status"] = client.folder_status("Entwürfe", ["MESSAGES", "HIGHESTMODSEQ"])
        client.delete_messages([3])
        client.uid_expunge([3])
        seen["sort"] = client.sort(["SUBJECT"])
        seen["thread"] = client.thread()
        seen["quota"] = client.get_quota_root("INBOX")
        client.unselect_folder()
        client.delete_folder("Entwürfe")
    return seen


async def test_imapclient(library: Library, certificates: Certificates) -> None:
    store, account = await account_with(*MESSAGES)
    context = certificates.client_context()
    async with serve(library, store, certificates) as server:
        seen = await library.runtime.in_thread(lambda: by_imapclient(server.port, context))
    assert seen["folders"] == ["INBOX", "Entwürfe"] or set(seen["folders"]) == {"INBOX", "Entwürfe"}
    assert seen["subscribed"] == ["Entwürfe"]
    assert seen["select"][b"EXISTS"] == len(MESSAGES)
    assert len(seen["found"]) == sum(b"Subject: interop" in m for m in MESSAGES)
    assert seen["esearch"] == list(range(1, len(MESSAGES) + 1))
    assert [seen["fetched"][uid][b"BODY[]"] for uid in sorted(seen["fetched"])] == MESSAGES
    assert set(seen["flags"][1]) >= {rb"\Seen", b"$Work"}
    assert seen["status"][b"MESSAGES"] == 4
    uids = {info.uid for info in await account.inbox.messages()}
    assert uids == set(range(1, len(MESSAGES) + 2)) - {2, 3}
    assert set(seen["sort"]) == uids


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


def plain(message: bytes) -> bytes:
    """The message as a Maildir holds it, without mbsync's own field."""
    lines = message.replace(b"\r\n", b"\n").split(b"\n")
    return b"\n".join(line for line in lines if not line.startswith(b"X-TUID:"))


def maildir_files(folder: Path) -> dict[bytes, Path]:
    """The messages of a Maildir with their files."""
    files = [*(folder / "new").iterdir(), *(folder / "cur").iterdir()]
    return {plain(file.read_bytes()): file for file in files}


# mbsync takes a bare CR away where it writes a Maildir; no tool of this kind takes a message whose
# header does not end.
WHOLE = [message for message in MESSAGES if b"\r\n\r\n" in message]
SYNCED = [message for message in WHOLE if message != ODD["bare CR"]]


@pytest.mark.parametrize("tls", ["STARTTLS", "IMAPS"])
async def test_mbsync_both_ways(
    library: Library, certificates: Certificates, tmp_path: Path, tls: str
) -> None:
    near = tmp_path / "mail"
    near.mkdir()
    store, account = await account_with(*SYNCED)
    async with serve(library, store, certificates, implicit_tls=tls == "IMAPS") as server:
        configuration = tmp_path / "mbsyncrc"
        configuration.write_text(
            _MBSYNC.format(
                host="localhost",  # the name in the certificate; it looks at no address
                port=server.port,
                user=ANN.name,
                password=ANN.password,
                tls=tls,
                authority=certificates.authority_file,
                mechanism="LOGIN",
                folder=near,
            )
        )
        command = [program("mbsync", "isync"), "--verbose", "--config", str(configuration), "--all"]

        async def sync() -> None:
            await library.runtime.in_thread(lambda: succeed(command))

        await sync()
        assert set(maildir_files(near / "INBOX")) == set(map(plain, SYNCED))
        # The far side: a flag, an expunge, a new message, a new mailbox.
        await account.inbox.change_flags([1], FlagChange.ADD, [r"\Seen", r"\Flagged"])
        await account.inbox.expunge([2])
        account.inbox.add(b"Subject: far\r\n\r\nnew\r\n")
        await account.create("Other")
        # The near side: a flag, a removal, a new message, a new mailbox.
        files = maildir_files(near / "INBOX")
        replied = files[plain(SYNCED[2])]
        replied.rename(near / "INBOX" / "cur" / f"{replied.name.partition(':')[0]}:2,R")
        files[plain(SYNCED[3])].unlink()
        (near / "INBOX" / "new" / "1.2.local").write_bytes(b"Subject: near\n\nnew\n")
        for part in ("new", "cur", "tmp"):
            (near / "Here" / part).mkdir(parents=True)
        await sync()
        await sync()
        here = set(maildir_files(near / "INBOX"))
        kept = [message for n, message in enumerate(SYNCED) if n not in (1, 3)]
        assert here == {*map(plain, kept), b"Subject: far\n\nnew\n", b"Subject: near\n\nnew\n"}
        assert {plain(message) for message in await contents(account)} == here
        assert len(await contents(account)) == len(kept) + 2
        infos = {info.uid: info.flags for info in await account.inbox.messages()}
        assert infos[1] == {r"\Seen", r"\Flagged"}
        assert infos[3] == {r"\Answered"}
        assert maildir_files(near / "INBOX")[plain(SYNCED[0])].name.endswith(":2,FS")
        assert {info.name for info in await account.mailboxes()} == {"INBOX", "Other", "Here"}
        assert (near / "Other" / "cur").is_dir()


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
localfolders = {folder}/mail
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
    ("ssl_", "mechanism"), [("yes", "PLAIN"), ("no", "CRAM-MD5")], ids=["IMAPS", "STARTTLS"]
)
async def test_offlineimap_both_ways(
    library: Library, certificates: Certificates, tmp_path: Path, ssl_: str, mechanism: str
) -> None:
    store, account = await account_with(*(message for message in SYNCED if message.isascii()))
    count = len(await account.inbox.messages())
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
        inbox = tmp_path / "mail" / "INBOX"
        assert len(maildir_files(inbox)) == count
        await account.inbox.change_flags([1], FlagChange.ADD, [r"\Flagged"])
        account.inbox.add(b"Subject: far\r\n\r\nnew\r\n")
        (inbox / "new" / "1.2.local").write_bytes(b"Subject: near\n\nnew\n")
        await sync()
        await sync()
        assert len(maildir_files(inbox)) == count + 2
        assert len(await contents(account)) == count + 2
        assert any(message.endswith(b"\r\n\r\nnew\r\n") for message in await contents(account))
        names = [file.name for file in maildir_files(inbox).values()]
        assert sum("F" in name.rpartition(":2,")[2] for name in names) == 1


# --- imapflow ---


async def test_imapflow(library: Library, certificates: Certificates) -> None:
    store, account = await account_with(*MESSAGES)
    async with serve(library, store, certificates) as server:
        job = {
            "host": HOST,
            "port": server.port,
            "user": ANN.name,
            "password": ANN.password,
            "authority": str(certificates.authority_file),
        }
        words = imapflow()
        output = await library.runtime.in_thread(lambda: succeed(words, json.dumps(job).encode()))
    seen = json.loads(output.splitlines()[-1])
    assert seen["exists"] == len(MESSAGES)
    assert seen["sizes"] == [len(message) for message in MESSAGES]
    assert [bytes.fromhex(source) for source in seen["sources"]] == MESSAGES
    assert seen["search"] == [n for n, m in enumerate(MESSAGES, 1) if b"Subject: interop" in m]
    assert seen["moved"] == {"1": 1, "2": 2}
    assert seen["appended"] == len(MESSAGES) + 1
    assert seen["changed"] == [3]
    assert seen["idle"] == len(MESSAGES) - 1
    assert seen["folders"] == ["INBOX", "Ärchiv"]
    assert seen["status"] == 2
    uids = {info.uid: info.flags for info in await account.inbox.messages()}
    assert uids[3] == {r"\Seen", "$Done"}
    assert 4 not in uids
    assert datetime(2024, 5, 6, tzinfo=UTC) in {
        info.internal_date for info in await account.inbox.messages()
    }
