"""What clients of all protocols share: one exchange at a time, over a core and a stream."""

import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from types import TracebackType
from typing import Any, Protocol, TypeVar

from mailproto.errors import (
    AuthenticationFailed,
    CommandFailed,
    ConnectionLost,
    LocalProtocolError,
    TLSRequired,
)
from mailproto.sasl import ChannelBinding
from mailproto.stream import Runtime, Stream
from mailproto.tls import TlsInfo, TlsMode, client_context

__all__ = ["ClientSession", "Exchange", "connect_tcp", "held_open", "hung_up", "login_refused"]

CONNECT_TIMEOUT = 30.0
_LAST_WORDS_TIMEOUT = 2.0
_HANDSHAKE_TIMEOUT = 60.0
_LONGEST_ERROR = 500  # characters of what a server says of a login that are shown


S = TypeVar("S", bound="ClientSession")


class _ClientCore(Protocol):
    """What a session needs of a client core, whatever it speaks."""

    channel_bindings: Sequence[ChannelBinding]

    @property
    def timeout(self) -> int: ...

    def receive_data(self, data: bytes) -> None: ...

    def receive_eof(self) -> None: ...

    def next_event(self) -> Any: ...

    def data_to_send(self) -> bytes: ...


class ClientSession:
    """A connected client. A subclass says what it speaks.

    Several tasks may use it: what belongs together stays together. If a call is cancelled or
    times out half way, the client can not be used any more (and says so): answers could no
    longer be told apart.
    """

    def __init__(self, stream: Stream, runtime: Runtime, *, timeout: float | None) -> None:
        self._stream = stream
        self._runtime = runtime
        self._timeout = timeout
        self._lock = runtime.lock()
        self._unusable = ""
        self.tls: TlsInfo | None = None
        """The TLS connection, None in clear text."""

    # --- what a subclass supplies ---

    @property
    def core(self) -> _ClientCore:
        """The protocol core."""
        raise NotImplementedError

    @property
    def half_done(self) -> bool:
        """Whether an answer is outstanding or a body has been begun."""
        raise NotImplementedError

    @property
    def offers_tls(self) -> bool:
        """Whether the server offers to start TLS."""
        raise NotImplementedError

    async def greet(self) -> None:
        """Read the greeting, learn what the server offers. Raises :class:`CommandFailed`."""
        raise NotImplementedError

    async def start_tls(self, context: ssl.SSLContext, server_hostname: str | None) -> None:
        """Start TLS by command. Raises :class:`TLSRequired`, ``ssl.SSLError``."""
        raise NotImplementedError

    async def quit(self) -> None:
        """Say goodbye and close."""
        raise NotImplementedError

    def refusal_in(self, event: Any) -> ConnectionLost | None:
        """Return what to raise if ``event`` is the server's last word, None if it is not."""
        raise NotImplementedError

    # --- what they share ---

    async def begin(
        self, mode: TlsMode, context: ssl.SSLContext | None, server_hostname: str | None
    ) -> None:
        """Start TLS as ``mode`` says, and greet.

        Raises :class:`CommandFailed` if the server does not want us, :class:`TLSRequired`,
        ``ssl.SSLError``.
        """
        async with self.exchange():
            if mode is TlsMode.IMPLICIT:
                tls = await self.upgrade(context or client_context(), server_hostname)
                self.core.channel_bindings = tls.channel_bindings
            await self.greet()
        if mode is TlsMode.STARTTLS or (mode is TlsMode.OPPORTUNISTIC and self.offers_tls):
            try:
                await self.start_tls(context or client_context(), server_hostname)
            except TLSRequired:
                if mode is TlsMode.STARTTLS:
                    raise

    async def next_event(self) -> Any:
        """Send what there is to send, and wait for the next event.

        Raises ``TimeoutError``, :class:`ConnectionLost`, :class:`RemoteProtocolError`.
        """
        core = self.core
        await self.flush()
        if (event := core.next_event()) is not None:
            return event
        seconds = core.timeout if self._timeout is None else self._timeout
        try:
            async with self._runtime.deadline(seconds):
                while (event := core.next_event()) is None:
                    await self.flush()  # a core answers SASL challenges by itself
                    await self._receive()
        except TimeoutError:
            raise TimeoutError(f"no reply from the server within {seconds} seconds") from None
        return event

    async def _receive(self) -> None:
        if data := await self._stream.receive_some():
            self.core.receive_data(data)
        else:
            self.core.receive_eof()

    async def flush(self) -> None:
        """Send what the core has to send; if the server hung up, raise with its last words."""
        data = self.core.data_to_send()
        if not data:
            return
        seconds = self.core.timeout if self._timeout is None else self._timeout
        try:
            async with self._runtime.deadline(seconds):
                await self._stream.send_all(data)
        except TimeoutError:
            raise TimeoutError(f"the server takes no data within {seconds} seconds") from None
        except ConnectionLost:
            await self._hear_last_words()
            raise

    async def _hear_last_words(self) -> None:
        """Look for what the server said before it hung up; raises if it said something."""
        with suppress(TimeoutError):
            async with self._runtime.deadline(_LAST_WORDS_TIMEOUT):
                ended = False
                while not ended:
                    event = self.core.next_event()
                    if event is None:
                        await self._receive()
                    elif (error := self.refusal_in(event)) is not None:
                        raise error
                    ended = type(event).__name__ == "ConnectionClosed"

    async def upgrade(self, context: ssl.SSLContext, server_hostname: str | None) -> TlsInfo:
        """Do the TLS handshake. Raises ``ssl.SSLError``, ``TimeoutError``."""
        if context.check_hostname and not server_hostname:
            raise LocalProtocolError("give server_hostname: whose certificate is expected?")
        self.core.next_event()  # raises if plain bytes lie before the handshake
        try:
            async with self._runtime.deadline(self._timeout or _HANDSHAKE_TIMEOUT):
                self.tls = await self._stream.start_tls(
                    context, server_side=False, server_hostname=server_hostname
                )
        except TimeoutError:
            raise TimeoutError("the TLS handshake took too long") from None
        except ssl.SSLError as error:
            if error.reason == "WRONG_VERSION_NUMBER":
                error.add_note("The port seems to begin in clear text: try tls=TlsMode.STARTTLS.")
            raise
        return self.tls

    def exchange(self) -> "Exchange":
        """Begin an exchange, as ``async with self.exchange():``."""
        return Exchange(self)

    def note(self, error: BaseException) -> None:
        """Note that an exchange ended in ``error``: usable only if nothing is half done."""
        harmless = isinstance(error, (CommandFailed, LocalProtocolError, TLSRequired))
        if self.half_done or not harmless:
            self._unusable = f"an exchange was broken off by {type(error).__name__} {error}"

    async def aclose(self) -> None:
        """Close at once, without a goodbye."""
        self._unusable = self._unusable or "it was closed"
        await self._stream.aclose()


class Exchange:
    """One exchange with the server: nobody else's in between, no use after a broken one."""

    __slots__ = ("_session",)

    def __init__(self, session: ClientSession) -> None:
        self._session = session

    async def __aenter__(self) -> None:
        session = self._session
        try:
            await session._lock.__aenter__()
        except RuntimeError:  # both libraries tell a task that holds the lock already
            raise LocalProtocolError(
                "this task is in the middle of an exchange with the server: end it first"
            ) from None
        if session._unusable:
            await session._lock.__aexit__(None, None, None)
            raise ConnectionLost(f"this client can not be used any more: {session._unusable}")

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        session = self._session
        if error is not None:
            session.note(error)
        await session._lock.__aexit__(kind, error, traceback)


@asynccontextmanager
async def held_open(session: S, begin: Callable[[], Awaitable[None]]) -> AsyncIterator[S]:
    """Begin a session, hand it out, and end it: politely, unless it is left by an exception."""
    try:
        await begin()
        yield session
    except BaseException:
        await session.aclose()
        raise
    await session.quit()


def hung_up(unanswered: Sequence[str], last_word: Any) -> ConnectionLost:
    """Say that the server hung up: what it did not answer, and its last reply if it said one."""
    said = f", saying {last_word}" if last_word is not None else ""
    what = f" without an answer to {', '.join(unanswered[:3])}" if unanswered else ""
    return ConnectionLost(f"the server hung up{said}{what}", last_word)


def login_refused(name: str, reply: Any, error: str | None = None) -> AuthenticationFailed:
    """Say that a login by the mechanism ``name`` was refused.

    ``error`` is what the server said of it beside its reply, such as that a token has expired.
    """
    told = f" {error[:_LONGEST_ERROR]!r}" if error else ""
    return AuthenticationFailed(f"{name} was refused: {reply}{told}", reply)


async def connect_tcp(
    runtime: Runtime, host: str | None, port: int, timeout: float | None
) -> Stream:
    """Connect within a deadline; raises ``OSError``, ``TimeoutError``."""
    if host is None:
        raise LocalProtocolError("give a host, or a connected stream")
    seconds = timeout or CONNECT_TIMEOUT
    try:
        async with runtime.deadline(seconds):
            return await runtime.connect_tcp(host, port)
    except TimeoutError:
        raise TimeoutError(f"{host}:{port} did not answer within {seconds} seconds") from None
    except UnicodeError:
        raise LocalProtocolError(f"{host!r} is no host name") from None
