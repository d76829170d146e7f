"""Closing a stream wakes the task that waits to receive from it."""

from mailproto.servers import Admission, MessageBody, MessageReplies, SmtpEnvelope, SmtpHandler
from mailproto.tls import TlsMode

from ..libraries import Library


class Dropped(SmtpHandler):
    async def message(self, envelope: SmtpEnvelope, body: MessageBody) -> MessageReplies:
        return None


async def test_a_session_that_waits_ends_when_the_server_drains(library: Library) -> None:
    admission = Admission(grace=1000)
    async with library.binding.serve_smtp(Dropped(), admission=admission) as server:
        connect = library.binding.connect_smtp("127.0.0.1", server.port, tls=TlsMode.NONE)
        async with connect, library.runtime.deadline(10):
            await server.drain()
            assert server.connections == 0
