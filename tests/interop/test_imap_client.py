"""Our IMAP client against Dovecot."""

from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime
from email.message import EmailMessage
from typing import Any

import pytest

from mailproto._value import evolve
from mailproto.clients import ImapClient, NewMessage, SyncState
from mailproto.errors import AuthenticationFailed, CommandFailed, LocalProtocolError
from mailproto.imap import (
    ExistsResponse,
    ExpungeResponse,
    FetchResponse,
    Search,
    SortKey,
    VanishedResponse,
)
from mailproto.sasl import Credentials
from mailproto.tls import TlsMode

from ..async_layer.concurrency import tasks
from ..libraries import Library
from .dovecot import Dovecot, bearer_token
from .messages import SAMPLES
from .peers import ANN, BOB, HOST, Account, Certificates

MECHANISMS = ("PLAIN", "LOGIN", "CRAM-MD5", "SCRAM-SHA-1", "SCRAM-SHA-256")


def imap(
    library: Library, dovecot: Dovecot, certificates: Certificates, account: Account, **options: Any
) -> AbstractAsyncContextManager[ImapClient]:
    """Connect to Dovecot and log in, with STARTTLS unless told otherwise."""
    mode = options.setdefault("tls", TlsMode.STARTTLS)
    port = dovecot.imaps_port if mode is TlsMode.IMPLICIT else dovecot.imap_port
    settings: dict[str, Any] = {
        "user": account.name,
        "password": account.password,
        "tls_context": certificates.client_context(),
        **options,
    }
    client: AbstractAsyncContextManager[ImapClient]
    client = library.binding.connect_imap(HOST, port, **settings)
    return client


def message(subject: str, body: str = "Hello.\r\n") -> EmailMessage:
    made = EmailMessage()
    made["From"], made["To"], made["Subject"] = "ann@example.test", "bob@example.test", subject
    made.set_content(body)
    return made


@pytest.mark.parametrize("mode", [TlsMode.STARTTLS, TlsMode.IMPLICIT, TlsMode.NONE])
async def test_every_sample_comes_back_unchanged(
    library: Library, dovecot: Dovecot, certificates: Certificates, mode: TlsMode
) -> None:
    async with imap(library, dovecot, certificates, BOB, tls=mode, allow_plaintext=True) as box:
        assert (box.tls is None) is (mode is TlsMode.NONE)
        for sample in SAMPLES:
            code = await box.append("INBOX", sample.data, [r"\Seen"])
            assert code is not None
        mailbox = await box.select()
        assert mailbox.exists == len(SAMPLES)
        fetched = await box.fetch("1:*", ["BODY.PEEK[]", "RFC822.SIZE", "FLAGS"]).all()
        for got, sample in zip(fetched, SAMPLES, strict=True):
            assert got.content() == sample.data, sample.name
            assert got.size == len(sample.data)
            assert r"\Seen" in (got.flags or ())
            assert got.uid is not None
            async with box.stream(got.uid) as pieces:
                assert b"".join([piece async for piece in pieces]) == sample.data


@pytest.mark.parametrize("mechanism", MECHANISMS)
async def test_mechanisms(
    library: Library, dovecot: Dovecot, certificates: Certificates, mechanism: str
) -> None:
    async with imap(library, dovecot, certificates, ANN, mechanisms=(mechanism,)) as box:
        assert (await box.status("INBOX"))["MESSAGES"] == 0


@pytest.mark.parametrize("mechanism", ["OAUTHBEARER", "XOAUTH2"])
async def test_oauth(
    library: Library, dovecot: Dovecot, certificates: Certificates, mechanism: str
) -> None:
    how = {"password": None, "mechanisms": (mechanism,)}
    async with imap(library, dovecot, certificates, ANN, token=bearer_token(ANN), **how) as box:
        await box.noop()
    expired = bearer_token(ANN, valid_seconds=-60)
    with pytest.raises(AuthenticationFailed):
        async with imap(library, dovecot, certificates, ANN, token=expired, **how):
            pass


async def test_login_command_and_refusal(
    library: Library, dovecot: Dovecot, certificates: Certificates
) -> None:
    async with imap(library, dovecot, certificates, ANN, mechanisms=()) as box:
        await box.noop()
    async with imap(library, dovecot, certificates, ANN, user=None) as box:
        with pytest.raises(AuthenticationFailed):
            await box.login(Credentials("ann", "wrong"))
        await box.login(Credentials(ANN.name, ANN.password))
        await box.noop()


async def test_mailboxes(library: Library, dovecot: Dovecot, certificates: Certificates) -> None:
    name = f"Entwürfe {library.name}"
    async with imap(library, dovecot, certificates, ANN) as box:
        await box.create(name)
        await box.create(f"{name}.sub")
        await box.subscribe(name)
        listed = {mailbox.name: mailbox for mailbox in await box.list(status=["MESSAGES"])}
        assert {"INBOX", name, f"{name}.sub"} <= set(listed)
        assert listed[name].status == {"MESSAGES": 0}
        assert r"\HasChildren" in listed[name].attributes
        assert [mailbox.name for mailbox in await box.list(subscribed=True)] == [name]
        await box.rename(name, f"{name}2")
        await box.unsubscribe(name)
        with pytest.raises(CommandFailed, match="SELECT was refused"):
            await box.select(name)
        assert box.mailbox is None
        await box.delete(f"{name}2.sub")
        await box.delete(f"{name}2")
        space = await box.namespace()
        assert space.personal is not None
        assert space.personal[0].delimiter == "."
        assert (await box.id({"name": "mailproto"}))["name"] == "Dovecot"


async def test_flags_search_sort_thread(
    library: Library, dovecot: Dovecot, certificates: Certificates
) -> None:
    async with imap(library, dovecot, certificates, BOB) as box:
        day = datetime(2024, 2, 3, 4, 5, 6, tzinfo=UTC)
        codes = await box.append_many(
            "INBOX",
            [NewMessage(message("pears"), ["$Fruit"], day), NewMessage(message("Äpfel"))],
        )
        assert len(codes) == (1 if box.offers("MULTIAPPEND") else 2)
        await box.select()
        first, second = sorted([m.uid or 0 async for m in box.fetch("1:*")])
        assert list((await box.search(Search.subject("äpfel"))).numbers) == [second]
        found = await box.search(Search.keyword("$Fruit") & ~Search.seen)
        assert list(found.numbers) == [first]
        assert found.used == "ESEARCH"
        assert not (await box.search(Search.from_("nobody"))).numbers
        assert await box.sort([SortKey("SUBJECT", reverse=True)]) == (first, second)
        assert len(await box.thread()) == 2
        result = await box.add_flags(first, r"\Flagged", "$Fruit")
        assert not result.left_alone
        info = (await box.fetch(first, ["FLAGS", "INTERNALDATE", "ENVELOPE", "MODSEQ"]).all())[0]
        assert set(info.flags or ()) >= {r"\Flagged", "$Fruit"}
        assert info.internal_date == day
        assert info.envelope is not None
        assert info.envelope.subject == "pears"
        assert info.modseq is not None
        guarded = await box.set_flags("1:*", r"\Seen", unchanged_since=info.modseq - 1)
        assert first in guarded.left_alone
        await box.remove_flags(first, "$Fruit")
        changed = [m.uid async for m in box.fetch("1:*", changed_since=info.modseq)]
        assert first in changed


async def test_copy_move_expunge(
    library: Library, dovecot: Dovecot, certificates: Certificates
) -> None:
    target = f"target-{library.name}"
    async with imap(library, dovecot, certificates, BOB) as box:
        await box.create(target)
        for number in range(4):
            await box.append("INBOX", message(f"number {number}"))
        await box.select()
        uids = [m.uid or 0 async for m in box.fetch("1:*")]
        copied = await box.copy(uids[:1], target)
        assert copied is not None
        assert [source for source, _ in copied.pairs()] == uids[:1]
        moved = await box.move(uids[1:3], target)
        assert moved.used == ("MOVE",)
        assert moved.copied is not None
        assert box.mailbox is not None
        assert box.mailbox.exists == 2
        await box.add_flags("1:*", r"\Deleted")
        await box.expunge(uids[0])
        assert [m.uid async for m in box.fetch("1:*")] == [uids[3]]
        await box.expunge()
        assert box.mailbox.exists == 0
        await box.unselect()
        assert (await box.status(target, ["MESSAGES"])) == {"MESSAGES": 3}
        await box.delete(target)


async def test_without_the_extensions_the_same_calls_work(
    library: Library,
    dovecot: Dovecot,
    certificates: Certificates,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def only_rev1(self: ImapClient, *names: str) -> bool:
        return "UIDPLUS" in names

    monkeypatch.setattr(ImapClient, "offers", only_rev1)
    target = f"plain-{library.name}"
    async with imap(library, dovecot, certificates, BOB) as box:
        await box.create(target)
        codes = await box.append_many(
            "INBOX", [NewMessage(message("one")), NewMessage(message("two"))]
        )
        assert len(codes) == 2
        await box.select()
        found = await box.search(Search.subject("one"))
        assert found.used == "SEARCH"
        moved = await box.move(found.numbers, target)
        assert moved.used == ("SEARCH", "COPY", "STORE", "UID EXPUNGE")
        listed = {m.name: m.status for m in await box.list(status=["MESSAGES"])}
        assert listed[target] == {"MESSAGES": 1}
        await box.unselect()
        assert (await box.status("INBOX", ["MESSAGES"])) == {"MESSAGES": 1}
        await box.delete(target)


@pytest.mark.parametrize("knows", ["QRESYNC", "CONDSTORE", "FETCH"])
async def test_sync(
    library: Library,
    dovecot: Dovecot,
    certificates: Certificates,
    knows: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    hidden = {"QRESYNC": (), "CONDSTORE": ("QRESYNC",), "FETCH": ("QRESYNC", "CONDSTORE")}[knows]
    offers = ImapClient.offers
    monkeypatch.setattr(
        ImapClient,
        "offers",
        lambda self, *names: offers(self, *(n for n in names if n not in hidden)),
    )
    async with (
        imap(library, dovecot, certificates, BOB) as box,
        imap(library, dovecot, certificates, BOB) as other,
    ):
        for number in range(5):
            await other.append("INBOX", message(f"number {number}"))
        first = await box.sync("INBOX")
        assert len(first.new) == 5
        state = SyncState.from_json(first.state.to_json())
        if knows == "FETCH":  # as a server without mod-sequences would have left it
            state = evolve(state, modseq=None, flags=(((), state.uids),))
        uids = list(state.uids)
        await other.select()
        await other.add_flags(uids[1], r"\Flagged")
        await other.add_flags(uids[2], r"\Deleted")
        await other.expunge(uids[2])
        await other.append("INBOX", message("late"))
        changes = await box.sync(state)
        assert changes.used == knows
        assert list(changes.vanished) == [uids[2]]
        assert [m.uid for m in changes.new] == [uids[-1] + 1]
        assert [m.uid for m in changes.changed] == [uids[1]]
        again = await box.sync(changes.state)
        assert (again.new, again.changed, bool(again.vanished)) == ((), (), False)


async def test_idle_hears_others_and_makes_way(
    library: Library, dovecot: Dovecot, certificates: Certificates
) -> None:
    heard: list[type] = []
    async with (
        imap(library, dovecot, certificates, BOB) as box,
        imap(library, dovecot, certificates, BOB) as other,
    ):
        await other.append("INBOX", message("before"))
        await box.select()
        await other.select()

        async def listen() -> None:
            async with box.idle(renew=0.2) as updates:
                async for news in updates:
                    heard.append(type(news))
                    if isinstance(news, (ExpungeResponse, VanishedResponse)):
                        break

        async def act() -> None:
            await box.noop()  # while the other task is in IDLE
            await other.append("INBOX", message("after"))
            await box.status("INBOX", ["MESSAGES"])
            await other.add_flags("1:*", r"\Deleted")
            await other.expunge()

        async with tasks(library) as side_by_side:
            side_by_side.start(listen)
            side_by_side.start(act)
        assert {ExistsResponse, FetchResponse, ExpungeResponse} & set(heard)
        await box.noop()


async def test_compressed(library: Library, dovecot: Dovecot, certificates: Certificates) -> None:
    async with imap(library, dovecot, certificates, BOB) as box:
        if not box.offers("COMPRESS=DEFLATE"):
            pytest.skip("this Dovecot has no COMPRESS plugin")
        await box.compress()
        large = message("large", "0123456789" * 5 + "\r\n" + "x" * 70 + "\r\n" * 5000)
        await box.append("INBOX", large)
        await box.select()
        async for got in box.fetch("1:*", ["RFC822.SIZE"]):
            assert got.size is not None


async def test_what_dovecot_has_not_is_refused_here(
    library: Library, dovecot: Dovecot, certificates: Certificates
) -> None:
    async with imap(library, dovecot, certificates, BOB) as box:
        with pytest.raises(LocalProtocolError, match="ACL"):
            await box.acl("INBOX")
        await box.noop()
