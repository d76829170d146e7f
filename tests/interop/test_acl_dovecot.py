"""Shared mailboxes: our server and Dovecot, played the same script, and over the same Maildir."""

from collections.abc import Callable, Iterator
from contextlib import AbstractAsyncContextManager
from typing import cast

import pytest

from mailproto.clients import ImapClient
from mailproto.errors import CommandFailed
from mailproto.sasl import PasswordAuthenticator
from mailproto.stores import MemoryStore
from mailproto.stores.acl import ALL_RIGHTS, NO_RIGHTS, Acl, Rights, parse_rights, rights_of
from mailproto.stores.maildir import MaildirStore
from mailproto.stores.sharing import SharingStore
from mailproto.stream import Runtime

from ..async_layer.sharing_script import STEPS, Seen, share
from ..libraries import Library
from .dovecot import Dovecot
from .peers import ANN, BOB, HOST, JOERG, Account, Certificates
from .test_maildir_dovecot import Owner

_SHARING = """
mail_plugins = acl
protocol imap {{
  mail_plugins = acl imap_acl
}}
plugin {{
  acl = vfile::cache_secs=0
  acl_anyone = allow
  acl_shared_dict = file:{folder}/mail/shared
}}
namespace inbox {{
  separator = /
}}
namespace others {{
  type = shared
  separator = /
  prefix = user/%%u/
  location = maildir:{folder}/mail/%%u/Maildir
  subscriptions = no
  list = children
}}
"""

# What Dovecot does otherwise: it says less about refusals, does not mind an EXPUNGE of nothing, and
# does not tell others of the rights of the owner.
OTHERWISE = {
    "a: ACL",
    "hidden: select",
    "nothing there: select",
    "w: expunge",
    *(f"{rights}: rename" for rights in STEPS),
}
REMEMBERED = {"kx: list"}  # Dovecot may not look again whether a new mailbox is there

ACLS: tuple[dict[str, str], ...] = (
    {"bob": "lr"},
    {"anyone": "lrs"},
    {"anyone": "lrs", "bob": "l"},
    {"anyone": "lrs", "bob": ""},
    {"anyone": "lrs", "-bob": "s"},
    {"bob": "lrswipkxtea", "-bob": "a", 'carol and "co"': "lr", "-b\\x y": "l"},
    {"jörg": "lrkx", "-anyone": "", "user=x": "lr", "x": "lcd"},
)


class SharingDovecot(Dovecot):
    """Dovecot with shared mailboxes."""

    def __init__(self, certificates: Certificates) -> None:
        super().__init__(certificates)
        with (self.folder / "dovecot.conf").open("a") as configuration:
            configuration.write(_SHARING.format(folder=self.folder))


@pytest.fixture(scope="module")
def dovecot(certificates: Certificates) -> Iterator[SharingDovecot]:
    """A Dovecot of this module's own."""
    with SharingDovecot(certificates) as peer:
        yield peer


def client(
    library: Library, port: int, account: Account
) -> AbstractAsyncContextManager[ImapClient]:
    made: AbstractAsyncContextManager[ImapClient]
    made = library.binding.connect_imap(
        HOST, port, user=account.name, password=account.password, tls="none", allow_plaintext=True
    )
    return made


async def played(library: Library, port: int) -> Seen:
    async with client(library, port, ANN) as ann, client(library, port, BOB) as bob:
        return await share(ann, bob)


async def test_what_users_see_of_one_another_is_the_same(
    library: Library, dovecot: SharingDovecot
) -> None:
    authenticator = PasswordAuthenticator({each.name: each.password for each in (ANN, BOB)})
    theirs = await played(library, dovecot.imap_port)
    async with library.binding.serve_imap(
        MemoryStore(), authenticator, allow_plaintext=True
    ) as server:
        ours = await played(library, server.port)
    assert ours.keys() == theirs.keys()
    differences = {what for what in ours if ours[what] != theirs[what]}
    assert differences - REMEMBERED == OTHERWISE


async def test_both_grant_the_same_over_one_maildir(
    library: Library, dovecot: SharingDovecot
) -> None:
    runtime = cast(Runtime, Owner(library.runtime))
    store = MaildirStore(
        lambda user: dovecot.folder / "mail" / user / "Maildir",
        runtime,
        grants=dovecot.folder / "mail" / "grants",
    )
    async with (
        client(library, dovecot.imap_port, ANN) as ann,
        client(library, dovecot.imap_port, BOB) as bob,
        client(library, dovecot.imap_port, JOERG) as joerg,
    ):
        account = await SharingStore(store).account(ANN.name)
        for number, rights in enumerate(ACLS):
            acl = {who: parse_rights(letters) for who, letters in rights.items()}
            mine, theirs = f"Ours{number}", f"Theirs{number}"
            await (await account.create(mine)).change_acl(becoming(acl))
            await ann.create(theirs)
            for who, letters in rights.items():
                await ann.set_acl(theirs, who, letters or "l")
                await ann.set_acl(theirs, who, letters)  # "" is for an entry that is there
            assert await (await account.mailbox(theirs)).acl() == acl
            told = {who: parse_rights(letters) for who, letters in (await ann.acl(mine)).items()}
            assert told == {**acl, "ann": ALL_RIGHTS}
            for name in (mine, theirs):
                for user, box in ((BOB.name, bob), (JOERG.name, joerg)):
                    granted = await my_rights(box, f"user/ann/{name}")
                    assert granted == rights_of(acl, user), (rights, user)
        await (await account.mailbox("INBOX")).change_acl(lambda acl: acl)  # all ACLs are seen
        seen = [info.name for info in await (await SharingStore(store).account("bob")).mailboxes()]
        for whose in ("Ours", "Theirs"):
            assert {f"user/ann/{whose}{number}" for number in (0, 1, 2, 4, 5)} <= {*seen}
            assert not {f"user/ann/{whose}{number}" for number in (3, 6)} & {*seen}


def becoming(acl: Acl) -> Callable[[Acl], Acl]:
    return lambda _: acl


async def my_rights(box: ImapClient, name: str) -> Rights:
    try:
        return parse_rights(await box.my_rights(name))
    except CommandFailed:
        return NO_RIGHTS
