"""Postfix relays to our SMTP and LMTP server; its load generator loses nothing in it."""

import re
import smtplib
from functools import partial
from typing import Any

import pytest

from ..libraries import Library
from . import programs
from .messages import SAMPLES
from .ours import HELLO, LATER, UNKNOWN, Inbox, serve
from .peers import ANN, HOST, Certificates, Delivery, wait_until
from .postfix import Postfix
from .programs import CLIENT_NAME, Submission

RELAYS = {"smtp": "relay_port", "lmtp": "lmtp_relay_port"}
every_relay = pytest.mark.parametrize("protocol", RELAYS)


def submit(postfix: Postfix, *recipients: str, message: bytes = HELLO) -> None:
    """Give Postfix a message to relay."""
    options = [] if message.isascii() else ["BODY=8BITMIME", "SMTPUTF8"]
    with smtplib.SMTP(HOST, postfix.smtp_port, CLIENT_NAME) as client:
        client.sendmail(ANN.address, recipients, message, options)


@every_relay
async def test_postfix_relays_messages_unchanged(
    library: Library, postfix: Postfix, certificates: Certificates, protocol: str
) -> None:
    inbox = Inbox(library.runtime)
    expected = {f"{sample.name}@{protocol}.relay.test": sample.delivered for sample in SAMPLES}
    before = len(postfix.log())

    def relay() -> None:
        for sample in SAMPLES:
            submit(postfix, f"{sample.name}@{protocol}.relay.test", message=sample.data)
        wait_until(
            lambda: postfix.log()[before:].count("status=sent (250") == len(SAMPLES) or None,
            "delivery of every message",
        )

    async with serve(
        library,
        inbox,
        lmtp=protocol == "lmtp",
        port=getattr(postfix, RELAYS[protocol]),
        tls_context=certificates.server_context(),
    ):
        await library.runtime.in_thread(relay)
    assert {mail.recipients[0]: mail.relayed for mail in inbox.mails} == expected
    assert {mail.tls for mail in inbox.mails} == {"TLSv1.3"}


@every_relay
@pytest.mark.parametrize("stage", ["rcpt_replies", "message_replies"])
async def test_postfix_tries_again(
    library: Library, postfix: Postfix, protocol: str, stage: str
) -> None:
    recipient = f"later@{protocol}.relay.test"
    replies: dict[str, Any] = {stage: {recipient: [LATER, LATER]}}
    inbox = Inbox(library.runtime, **replies)
    before = len(postfix.log())

    def relay() -> None:
        submit(postfix, recipient)
        postfix.wait_for_log("status=sent (250", after=before)

    port = getattr(postfix, RELAYS[protocol])
    async with serve(library, inbox, lmtp=protocol == "lmtp", port=port):
        await library.runtime.in_thread(relay)
    log = postfix.log()[before:]
    assert log.count("status=deferred") == 2
    assert "said: 451 4.3.0 Try again" in log
    assert [mail.relayed for mail in inbox.mails] == [HELLO]


@every_relay
@pytest.mark.parametrize("stage", ["rcpt_replies", "message_replies"])
async def test_postfix_bounces(
    library: Library, postfix: Postfix, protocol: str, stage: str
) -> None:
    recipient = f"never@{protocol}.relay.test"
    replies: dict[str, Any] = {stage: {recipient: [UNKNOWN]}}
    inbox = Inbox(library.runtime, **replies)

    def relay() -> Delivery:
        submit(postfix, recipient)
        (bounce,) = postfix.maildir(ANN).wait()
        return bounce

    port = getattr(postfix, RELAYS[protocol])
    async with serve(library, inbox, lmtp=protocol == "lmtp", port=port):
        bounce = await library.runtime.in_thread(relay)
    assert b"\r\nAction: failed\r\nStatus: 5.1.1\r\n" in bounce.message
    assert b"550 5.1.1 No such user here" in bounce.message
    assert inbox.mails == []


async def test_postfix_sorts_lmtp_replies(library: Library, postfix: Postfix) -> None:
    names = ("first", "second", "third", "fourth")
    first, second, third, fourth = (f"{name}@lmtp.relay.test" for name in names)
    inbox = Inbox(
        library.runtime,
        rcpt_replies={first: [UNKNOWN]},
        message_replies={second: [LATER], fourth: [UNKNOWN]},
    )
    before = len(postfix.log())

    def statuses() -> dict[str, list[str]]:
        """Return what became of each recipient, try by try."""
        return {
            recipient: re.findall(f"to=<{recipient}>.* status=(\\w+)", postfix.log()[before:])
            for recipient in (first, second, third, fourth)
        }

    expected = {
        first: ["bounced"],
        second: ["deferred", "sent"],
        third: ["sent"],
        fourth: ["bounced"],
    }

    def relay() -> None:
        submit(postfix, first, second, third, fourth)
        wait_until(lambda: "sent" in statuses()[second] or None, f"mail for {second}")
        (bounce,) = postfix.maildir(ANN).wait()
        assert bounce.message.count(b"\r\nAction: failed\r\n") == 2

    async with serve(library, inbox, lmtp=True, port=postfix.lmtp_relay_port):
        await library.runtime.in_thread(relay)
    assert statuses() == expected
    assert [mail.recipients for mail in inbox.mails] == [(third,), (second,)]


@pytest.mark.parametrize("keep_open", [False, True], ids=["one_each", "keep_open"])
@pytest.mark.parametrize("lmtp", [False, True], ids=["smtp", "lmtp"])
async def test_a_thousand_messages_in_parallel_sessions(
    library: Library, lmtp: bool, keep_open: bool
) -> None:
    inbox = Inbox(library.runtime)
    async with serve(library, inbox, lmtp=lmtp) as server:
        command = programs.smtp_source(
            Submission(server.port, lmtp=lmtp),
            messages=1000,
            sessions=20,
            length=3000,
            numbered=True,
            keep_open=keep_open,
        )
        await library.runtime.in_thread(partial(programs.succeed, command))
    assert len(inbox.mails) == 1000
    assert len({mail.recipients for mail in inbox.mails}) == 1000
    (body,) = {mail.data.partition(b"\r\n\r\n")[2] for mail in inbox.mails}
    assert len(body) == 3000 + len(b"\r\n")
