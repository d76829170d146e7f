"""curl, Python's imaplib, IMAPClient and imapflow against our IMAP server."""

import imaplib
import json
import ssl
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from imapclient import IMAPClient

from mailproto.stores import MemoryStore

from ..libraries import Library
from ..stores.kinds import MakeStore, make_store
from .peers import ANN, HOST, Certificates, program
from .programs import imapflow, run, succeed
from .stored import MESSAGES, account_with, contents, flags, serve

__all__ = ["make_store"]


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
    store = MemoryStore()
    account = await account_with(store, *MESSAGES)
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
    store = MemoryStore()
    await account_with(store, b"Subject: x\r\n\r\n")
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
async def test_imaplib(
    library: Library, certificates: Certificates, make_store: MakeStore, implicit: bool
) -> None:
    store = make_store()
    account = await account_with(store, *MESSAGES)
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
    assert await contents(account) == [*MESSAGES[1:], MESSAGES[0]]


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


async def test_imapclient(
    library: Library, certificates: Certificates, make_store: MakeStore
) -> None:
    store = make_store()
    account = await account_with(store, *MESSAGES)
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
    uids = set(await flags(account))
    assert uids == set(range(1, len(MESSAGES) + 2)) - {2, 3}
    assert set(seen["sort"]) == uids
    assert await contents(account) == [MESSAGES[0], *MESSAGES[3:], MESSAGES[0]]


# --- imapflow ---


async def test_imapflow(library: Library, certificates: Certificates) -> None:
    store = MemoryStore()
    account = await account_with(store, *MESSAGES)
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
    uids = await flags(account)
    assert uids[3] == {r"\Seen", "$Done"}
    assert 4 not in uids
    inbox = await account.mailbox("INBOX")
    assert datetime(2024, 5, 6, tzinfo=UTC) in {
        info.internal_date for info in await inbox.messages()
    }
