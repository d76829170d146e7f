"""An IMAP session that several tasks share: each waits for its commands, one of them reads.

The one that reads, the leader, hands on what came for others, and gives the lead to another
when its own wait ends, also by cancellation. So nobody is needed in the background.
"""

import ssl
from collections.abc import Callable
from typing import Any, TypeVar

from mailproto._value import value
from mailproto.clients.imap.answers import fetches_content
from mailproto.clients.imap.calls import Call, Gate, Item, Waiter
from mailproto.clients.imap.mailbox import SelectedMailbox
from mailproto.clients.session import ClientSession, hung_up
from mailproto.errors import (
    CommandFailed,
    ConnectionLost,
    LimitExceeded,
    LocalProtocolError,
    MailProtocolError,
    RemoteProtocolError,
    TLSRequired,
)
from mailproto.imap import (
    Bye,
    Capabilities,
    Capability,
    ClientConnection,
    Code,
    Command,
    CommandCompleted,
    Condition,
    ConnectionClosed,
    ContentDue,
    ContentStart,
    Enable,
    EnabledResponse,
    EndOfContent,
    Greeting,
    IdleStarted,
    Logout,
    MessageData,
    MessageOctets,
    Ok,
    Response,
    Section,
    Select,
    StartTls,
    State,
    UpgradeToTls,
)
from mailproto.stream import Runtime, Stream

__all__ = ["Answer", "ImapSession"]

R = TypeVar("R", bound=Response)

_UNREAD = 8 * 1024 * 1024  # octets that may wait for a task that does not take them
_OVERHEAD = 1024  # octets that an event is reckoned to take beside those that it was made of
_LOGOUT_TIMEOUT = 10.0


@value
class Answer:
    """How a command was answered: the untagged responses that belong to it, and the tagged one."""

    responses: tuple[Response, ...]
    completion: Condition

    @property
    def code(self) -> Code | None:
        """The code of the tagged response."""
        return self.completion.code

    def of(self, kind: type[R]) -> list[R]:
        """The untagged responses of a class."""
        return [response for response in self.responses if isinstance(response, kind)]


class _Items:
    """What comes for a command; forgotten if it is left early."""

    def __init__(self, session: "ImapSession", call: Call) -> None:
        self._session = session
        self._call = call

    def __aiter__(self) -> "_Items":
        return self

    async def __anext__(self) -> Item:
        item = await self._session.next_item(self._call)
        if item is None:
            raise StopAsyncIteration
        return item

    def __del__(self) -> None:
        if self._call.completed is None:
            self._session.abandon(self._call)


class ImapSession(ClientSession):
    """What all parts of :class:`ImapClient` stand on."""

    def __init__(
        self,
        stream: Stream,
        runtime: Runtime,
        connection: ClientConnection,
        *,
        timeout: float | None = None,
    ) -> None:
        super().__init__(stream, runtime, timeout=timeout)
        self._connection = connection
        self._sending = runtime.lock()
        self._turn = runtime.lock()  # commands go out in the order in which they were asked for
        self._calls: dict[str, Call] = {}
        self._leader: Waiter | None = None
        self._receiving: Any = None  # the deadline of the leader's wait for the server
        self._followers: dict[Waiter, None] = {}
        self._uploading: Call | None = None  # whose content was due last
        self._hung_up = False  # it takes nothing more, but may have said why
        self._consumed = 0  # octets of the events until now
        self._octets = 0  # about how many the last event takes
        self._content: tuple[Call | None, str | Section] | None = None
        self._failure: MailProtocolError | None = None
        self._listeners: dict[Callable[[Response, int], None], None] = {}
        self._unclaimed: Response | None = None  # the last response, if it answered nothing
        self._selecting: SelectedMailbox | None = None
        self.greeting: Condition | None = None
        """What the server said first."""
        self.mailbox: SelectedMailbox | None = None
        """The selected mailbox."""

    # --- what ClientSession asks for ---

    @property
    def core(self) -> ClientConnection:
        """The core; look, but do not send."""
        return self._connection

    @property
    def half_done(self) -> bool:
        """See :class:`ClientSession`: nothing is, as answers are told apart by their tags."""
        return False

    @property
    def offers_tls(self) -> bool:
        """Whether the server offers STARTTLS."""
        return self.capabilities is not None and "STARTTLS" in self.capabilities

    @property
    def capabilities(self) -> Capabilities | None:
        """What the server can do now; None if it did not tell."""
        return self._connection.capabilities

    def offers(self, *names: str) -> bool:
        """Whether the server has one of these capabilities."""
        offered = self.capabilities
        return offered is not None and any(name in offered for name in names)

    @property
    def usable(self) -> bool:
        """Whether another command can be sent."""
        over = (State.LOGOUT, State.ERROR)
        return not (self._unusable or self._failure) and self._connection.state not in over

    def refusal_in(self, event: Any) -> ConnectionLost | None:
        """See :class:`ClientSession`."""
        if isinstance(event, Bye):
            return hung_up((), event)
        return None

    async def enable(self, *capabilities: str) -> tuple[str, ...]:
        """Switch extensions on, and return those that the server switched on (RFC 5161)."""
        answer = await self.run(Enable(capabilities))
        return tuple(name for r in answer.of(EnabledResponse) for name in r.capabilities)

    async def greet(self) -> None:
        """See :class:`ClientSession`."""
        event = await self.next_event()
        if isinstance(event, ConnectionClosed):
            raise _lost(event)
        if not isinstance(event, Greeting):
            raise RemoteProtocolError(f"no IMAP server: it says {event}")
        self.greeting = event.response
        if isinstance(event.response, Bye):
            raise CommandFailed(f"the server refuses to talk: {event.response}", self.greeting)
        await self.learn_capabilities()

    async def learn_capabilities(self) -> None:
        """Ask what the server can do, unless it told."""
        if self.capabilities is None:
            call = await self.launch(Capability())
            async for _ in self.items(call):
                pass  # the core has read it; a hostile server never ends
            self.completion(call)

    async def start_tls(self, context: ssl.SSLContext, server_hostname: str | None) -> None:
        """Say STARTTLS, do the handshake, ask CAPABILITY again (RFC 9051 6.2.1).

        Raises :class:`TLSRequired` if the server refuses, ``ssl.SSLError``.
        """
        try:
            await self.run(StartTls())
        except LocalProtocolError as error:
            raise TLSRequired(
                f"{error}: try tls=TlsMode.IMPLICIT (port 993), or tls=TlsMode.NONE if clear "
                "text will do"
            ) from None
        except CommandFailed as error:
            raise TLSRequired(f"the server refused STARTTLS: {error.reply}") from None
        upgrade = await self.next_event()
        assert isinstance(upgrade, UpgradeToTls)
        tls = await self.upgrade(context, server_hostname)
        self._connection.tls_established(tls.channel_bindings)
        await self.learn_capabilities()

    async def flush(self) -> None:
        """Send what the core has to send; that the server hung up shows when reading."""
        async with self._sending:
            await self._runtime.sleep(0)  # to be cancelled now, rather than when half is sent
            self._check_usable()  # what comes behind half of something would be taken for the rest
            data = self._connection.data_to_send()
            if not data:
                return
            try:
                async with self._runtime.deadline(self._patience):
                    await self._stream.send_all(data)
            except ConnectionLost:
                self._hung_up = True
            except BaseException as error:
                self._fail(ConnectionLost(f"sending was broken off by {type(error).__name__}"))
                raise

    async def quit(self) -> None:
        """Say LOGOUT and close; a server that does not answer in time is left alone."""
        try:
            if self.usable:
                async with self._runtime.deadline(_LOGOUT_TIMEOUT):
                    await self.run(Logout())
        except (TimeoutError, MailProtocolError):
            pass  # nothing depends on it
        finally:
            await self.aclose()

    async def aclose(self) -> None:
        """Close at once, without a goodbye."""
        self._fail(ConnectionLost("this client was closed"))
        await super().aclose()

    # --- commands ---

    async def run(self, command: Command) -> Answer:
        """Send a command and wait for its completion.

        Raises :class:`CommandFailed` if the server says NO or BAD,
        :class:`LocalProtocolError` if it can not be sent, with nothing changed,
        :class:`ConnectionLost`, :class:`RemoteProtocolError`, ``TimeoutError``. If it is
        cancelled the client stays usable; whether the server does it is unknown.
        """
        call = await self.launch(command)
        responses = []
        async for item in self.items(call):
            if isinstance(item, Response):
                responses.append(item)
                self.check_held(call.octets)
        return Answer(tuple(responses), self.completion(call))

    def check_held(self, octets: int) -> None:
        """Raise :class:`LimitExceeded`, with the client unusable, if an answer gets too large."""
        most = self._connection.limits.answer
        if most is not None and octets > most:
            error = LimitExceeded("answer", most)
            self._fail(error)
            raise error

    async def launch(
        self,
        command: Command,
        *,
        in_pieces: bool = False,
        send: Callable[[], str] | None = None,
    ) -> Call:
        """Send a command when its turn comes; read its :meth:`items`, then its completion.

        ``send`` sends it in another way and returns its tag. Raises as :meth:`run` does.
        """
        call = Call(command, self._runtime.current_task(), in_pieces=in_pieces)
        async with self._turn:
            await self.before(command)
            await self._wait(Gate(lambda: self._may_send(command)))
            self._check_usable()
            call.tag = send() if send is not None else self._connection.send(command)
            self._calls[call.tag] = call
            if isinstance(command, Select):
                self._selecting = SelectedMailbox(command.mailbox)
        try:
            await self.flush()
        except BaseException:
            self.abandon(call)
            raise
        return call

    async def before(self, command: Command) -> None:
        """Make way for a command; a hook for IDLE."""

    def _may_send(self, command: Command) -> bool:
        if not self._connection.may_pipeline(command):
            return False
        return not fetches_content(command) or not any(
            fetches_content(call.command) for call in self._calls.values()
        )

    def items(self, call: Call) -> "_Items":
        """Iterate over what comes for a command until it is completed."""
        return _Items(self, call)

    async def next_item(self, call: Call) -> Item | None:
        """Wait for what comes next for a command; None if it is completed."""
        call.task = self._runtime.current_task()
        try:
            await self._wait(call)
        except BaseException:
            self.abandon(call)
            raise
        return call.take()

    def abandon(self, call: Call) -> None:
        """Forget a call that nobody waits for; the end, if the server waits for its content."""
        call.abandon()
        if call is self._uploading and self._connection.content_due:
            self._fail(ConnectionLost(f"{call.command.name} was given up before its content"))

    def completion(self, call: Call) -> Condition:
        """Return the tagged response of a completed command.

        Raises :class:`CommandFailed` if it is NO or BAD.
        """
        assert call.completed is not None
        response = call.completed.response
        if not isinstance(response, Ok):
            raise CommandFailed(f"{call.command.name} was refused: {response}", response)
        return response

    # --- leader and followers ---

    def _check_usable(self) -> None:
        failure = self._failure
        if failure is not None:  # each task gets an exception of its own
            raise ConnectionLost(str(failure), getattr(failure, "reply", None)) from failure
        if self._unusable:
            raise ConnectionLost(f"this client can not be used any more: {self._unusable}")

    async def _wait(self, waiter: Waiter) -> None:
        """Wait until ``waiter`` is ready: lead if nobody does, else sleep until roused."""
        while not waiter.ready:
            self._check_usable()
            if self._leader is None:
                await self._lead(waiter)
            else:
                self._full_calls()
                waiter.wake = self._runtime.event()
                self._followers[waiter] = None
                try:
                    await waiter.wake.wait()
                finally:
                    waiter.wake = None
                    del self._followers[waiter]
                    self._promote()  # if it was to lead, but was cancelled

    async def _lead(self, waiter: Waiter) -> None:
        self._leader = waiter
        try:
            while not waiter.ready:
                event = self._connection.next_event()
                if event is not None:
                    self._dispatch(event)
                else:
                    await self._make_room()
                    await self.flush()
                    await self._receive_in_time()
                self._check_usable()
        except RemoteProtocolError as error:
            self._fail(error)
            raise
        finally:
            self._leader = None
            self._promote()

    def _promote(self) -> None:
        if self._leader is None and self._followers:
            next(iter(self._followers)).rouse()

    @property
    def _patience(self) -> float:
        """Seconds to wait for the server; within IDLE it may be silent for long."""
        if self._timeout is None or self._connection.idling:
            return self._connection.timeout
        return self._timeout

    async def _receive_in_time(self) -> None:
        self._check_usable()
        seconds = self._patience
        try:
            async with self._runtime.deadline(seconds) as self._receiving:
                await self._receive()
        except TimeoutError:
            self._check_usable()  # another task has let it end
            raise TimeoutError(f"no response from the server within {seconds} seconds") from None
        finally:
            self._receiving = None

    def _full_calls(self) -> list[Call]:
        """Return the commands for which too much has come that others have to take.

        Raises :class:`LocalProtocolError` if this task would have to take it: it waits here.
        """
        full = [call for call in self._calls.values() if call.unread > _UNREAD]
        for call in full:
            if call.task is self._runtime.current_task():
                raise LocalProtocolError(
                    f"{call.command.name} brings more than fits behind this task's back: read "
                    "it to its end first, or ask for fewer messages at once"
                )
        return full

    async def _make_room(self) -> None:
        """Wait until others have taken what came for them, before more is read."""
        for call in self._full_calls():
            call.room = self._runtime.event()
            for waiter in self._followers:
                waiter.rouse()  # if it is one of these who should take it
            await call.room.wait()

    def _fail(self, error: MailProtocolError) -> None:
        """Let every command end in ``error``, and refuse others."""
        if self._failure is None:
            self._failure = error
            for call in self._calls.values():
                call.make_room()
            self._calls.clear()
            for waiter in self._followers:
                waiter.rouse()
            if self._receiving is not None:
                self._runtime.expire(self._receiving)

    # --- events ---

    def _dispatch(self, event: Any) -> None:
        consumed = self._connection.consumed
        self._octets = _OVERHEAD + consumed - self._consumed
        self._consumed = consumed
        if isinstance(event, Response):
            self._dispatch_response(event)
        elif (handle := _HANDLERS.get(type(event))) is not None:
            handle(self, event)

    def _dispatch_response(self, response: Response) -> None:
        claimed = [call for call in self._calls.values() if call.is_answered_by(response)]
        first_half, self._unclaimed = self._unclaimed, None if claimed else response
        if claimed and isinstance(response, MessageData):
            _complete_message(response, first_half)
        for call in claimed:
            call.put(response, self._octets)
        view = self._selecting or self.mailbox
        if view is not None:
            view.learn(response)
        if not claimed:
            for listen in tuple(self._listeners):
                listen(response, self._octets)

    def _complete(self, event: CommandCompleted) -> None:
        call = self._calls.pop(event.tag, None)
        if call is not None:
            call.completed = event
            call.rouse()
        self._change_mailbox(event)
        for waiter in self._followers:
            if isinstance(waiter, Gate):
                waiter.rouse()

    def _change_mailbox(self, event: CommandCompleted) -> None:
        ok = isinstance(event.response, Ok)
        if isinstance(event.command, Select):
            self.mailbox = self._selecting if ok else None
            self._selecting = None
            if self.mailbox is not None:
                code = event.response.code
                self.mailbox.read_only = code is not None and code.name == "READ-ONLY"
        elif self._connection.state is not State.SELECTED:
            self.mailbox = None
        elif ok and self.mailbox is not None:
            self.mailbox.learn(event.response)

    def _begin_content(self, start: ContentStart) -> None:
        call = next((call for call in self._calls.values() if call.brings(start)), None)
        self._content = (call, start.item)
        if call is not None:
            call.put_content(start, start.item, self._octets)
            most = self._connection.limits.held_message
            if most is not None and call.held > most:
                raise LimitExceeded("held_message", most)

    def _go_on_with_content(self, event: MessageOctets | EndOfContent) -> None:
        assert self._content is not None
        call, item = self._content
        if call is not None:
            call.put_content(event, item, self._octets)

    def _put(self, event: IdleStarted | ContentDue) -> None:
        call = self._calls[event.tag]
        if isinstance(event, ContentDue):
            self._uploading = call
        call.put(event, self._octets)
        if call.abandoned:
            self.abandon(call)

    def _close(self, event: ConnectionClosed) -> None:
        self._fail(_lost(event))


_HANDLERS: dict[type, Callable[[ImapSession, Any], None]] = {
    CommandCompleted: ImapSession._complete,
    ConnectionClosed: ImapSession._close,
    ContentDue: ImapSession._put,
    ContentStart: ImapSession._begin_content,
    EndOfContent: ImapSession._go_on_with_content,
    IdleStarted: ImapSession._put,
    MessageOctets: ImapSession._go_on_with_content,
}


def _complete_message(message: MessageData, first_half: Response | None) -> None:
    """Add what came right before: a message may be told in two responses (RFC 9051 7.5.2)."""
    if isinstance(first_half, MessageData) and first_half.number == message.number:
        for item, content in first_half.items.items():
            message.items.setdefault(item, content)


def _lost(event: ConnectionClosed) -> ConnectionLost:
    return hung_up([command.name for _, command in event.unanswered], event.response)
