"""A blocking IMAP client with no opinions, and scripts played with it."""

import contextlib
import re
import socket
from collections import Counter
from collections.abc import Callable, Iterator, Sequence

from mailproto.imap import Bye, Condition, Continuation, Response, parse_response

from .imap_facts import Facts
from .imap_script import Step, encode
from .peers import ANN, HOST

__all__ = ["Wire", "play"]

_LITERAL = re.compile(rb"\{([0-9]+)\}\r\n\Z")
_TAG = "a"
_SELECTS = ("SELECT", "EXAMINE")


class Wire:
    """One connection, its greeting read.

    ``marks`` and ``alone`` are for :class:`Facts`.
    """

    def __init__(self, port: int, marks: dict[str, int], *, alone: bool) -> None:
        self._socket = socket.create_connection((HOST, port), timeout=30)
        self._reader = self._socket.makefile("rb")
        self._marks = marks
        self._continuing = False
        self.facts = Facts(marks, alone=alone)
        self.closed = False
        """Whether the server has ended the connection."""
        self._unit()

    def close(self) -> None:
        """Hang up."""
        self._reader.close()
        self._socket.close()

    def _unit(self) -> bytes:
        """Read one response, literals and all; nothing at the end, however it came."""
        unit = b""
        with contextlib.suppress(ConnectionResetError):
            while line := self._reader.readline():
                unit += line
                literal = _LITERAL.search(line)
                if literal is None:
                    break
                unit += self._reader.read(int(literal[1]))
        return unit

    def do(self, command: str) -> Counter[str]:
        """Give a command, or what the server has asked for, and return what is answered.

        Commands with `` | `` between them are sent at once.
        """
        tag = "" if self._continuing else f"{_TAG} "
        commands = command.split(" | ")
        lines = (f"{tag}{each}" for each in commands)
        self._socket.sendall(b"".join(encode(line, self._marks) + b"\r\n" for line in lines))
        told = Counter[str]()
        for each in commands:
            if each.startswith(_SELECTS):
                self.facts.deselect()
            told += self.facts.of(self._answer())
        return told

    def hear(self, name: str) -> Counter[str]:
        """Return what the server says unasked, up to a response of this name."""
        return self.facts.of(self._until(lambda response: response.name == name))

    def _answer(self) -> Iterator[Response]:
        self._continuing = False
        for response in self._until(_ends):
            self._continuing = isinstance(response, Continuation)
            yield response

    def _until(self, is_last: Callable[[Response], bool]) -> Iterator[Response]:
        while unit := self._unit():
            response = parse_response(unit)
            self.closed |= isinstance(response, Bye)
            yield response
            if is_last(response):
                return
        self.closed = True


def _ends(response: Response) -> bool:
    tagged = isinstance(response, Condition) and response.tag == _TAG
    return tagged or isinstance(response, Continuation)


def play(port: int, steps: Sequence[Step]) -> list[Counter[str]]:
    """Give the commands of a script to a server and return what it tells of each."""
    marks: dict[str, int] = {}
    sessions: dict[str, Wire] = {}
    alone = len({step.session for step in steps}) == 1
    told = []
    try:
        for step in steps:
            session = sessions.get(step.session)
            if session is not None and session.closed:
                session.close()
                session = None
            if session is None:
                session = sessions[step.session] = Wire(port, marks, alone=alone)
                if step.session != "0":
                    session.do(f'LOGIN {ANN.name} "{ANN.password}"')
            word, _, name = step.command.partition(" ")
            if word == "mark":
                marks[name] = session.facts.highest
                told.append(Counter[str]())
            elif word == "hear":
                told.append(session.hear(name))
            else:
                told.append(session.do(step.command))
    finally:
        for session in sessions.values():
            session.close()
    return told
