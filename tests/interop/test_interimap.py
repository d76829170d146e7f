"""interimap keeps Dovecot and our IMAP server in step, by QRESYNC on both sides."""

import random
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from mailproto.stores.maildir import MaildirStore

from ..libraries import Library
from .dovecot import Dovecot
from .peers import ANN, Certificates, program
from .programs import succeed
from .stored import WHOLE, account_with, change_account, contents, deliver, flags, serve
from .test_maildir_dovecot import FLAGS, imap_flags, their_messages, theirs
from .test_pop3_server import ODD

_CONFIGURATION = """\
database = {folder}/interimap.db

[local]
type = imap
host = {host}
port = {local_port}
username = {user}
password = {password}
SSL_CAfile = {authority}

[remote]
type = imaps
host = {host}
port = {remote_port}
username = {user}
password = {password}
compress = YES
SSL_CAfile = {authority}
"""

# Dovecot keeps neither a bare LF nor every bare CR.
SYNCED = [message for message in WHOLE if message not in (ODD["bare CR"], ODD["bare LF"])]


# A message with \Deleted is not carried over at all.
KEPT = [flag for flag in FLAGS if flag != r"\Deleted"]


def change_dovecot(
    dovecot: Dovecot, some: Sequence[bytes], new: bytes, chance: random.Random
) -> None:
    """Remove the first of these messages, flag the others, and add a new one."""
    with theirs(dovecot) as client:
        found = client.uid("SEARCH", "ALL")[1][0].decode().split()
        octets = [content for content, _ in their_messages(dovecot)]
        uids = dict(zip(octets, found, strict=True))
        client.uid("STORE", uids[some[0]], "+FLAGS", r"(\Deleted)")
        client.uid("EXPUNGE", uids[some[0]])
        for message in some[1:]:
            client.uid("STORE", uids[message], "FLAGS", imap_flags(chance.sample(KEPT, 2)))
        client.append("INBOX", "", "", new)


async def test_interimap_again_and_again(
    library: Library, dovecot: Dovecot, certificates: Certificates, tmp_path: Path
) -> None:
    chance = random.Random(7)
    store = MaildirStore(tmp_path / "mail", library.runtime)
    account = await account_with(store, *SYNCED)
    await account.create("Ours/Größe")
    await deliver(account, SYNCED[0], mailbox="Ours/Größe")
    there = Counter(SYNCED)
    async with serve(library, store, certificates, implicit_tls=True) as server:
        configuration = tmp_path / "interimap"
        configuration.write_text(
            _CONFIGURATION.format(
                folder=tmp_path,
                host="localhost",  # the name in the certificate; it looks at no address
                local_port=dovecot.imap_port,
                remote_port=server.port,
                user=ANN.name,
                password=ANN.password,
                authority=certificates.authority_file,
            )
        )
        command = [program("interimap", "interimap"), "--config", str(configuration)]
        for number in range(4):
            if number:
                some = chance.sample(sorted(there), 6)
                new = [b"Subject: %d %d\r\n\r\nnew\r\n" % (number, who) for who in range(2)]
                await library.runtime.in_thread(
                    lambda some=some, new=new: change_dovecot(  # type: ignore[misc]
                        dovecot, some[:3], new[0], chance
                    )
                )
                await change_account(account, some[3:], new[1], chance)
                there = there + Counter(new) - Counter(some[::3])
            await library.runtime.in_thread(lambda: succeed(command))
            mine = zip(await contents(account), (await flags(account)).values(), strict=True)
            seen = Counter((message, frozenset(flags)) for message, flags in mine)
            assert seen == Counter(await library.runtime.in_thread(lambda: their_messages(dovecot)))
            assert Counter(message for message, _ in seen.elements()) == there
        folder = "Ours.Gr&APYA3w-e"
        copied = await library.runtime.in_thread(lambda: their_messages(dovecot, folder))
        assert copied == [(SYNCED[0], frozenset())]
