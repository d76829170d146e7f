"""Threads of messages, as THREAD tells them (RFC 5256 4)."""

from collections.abc import Iterator

from mailproto._value import value

__all__ = ["Thread"]


@value
class Thread:
    """A chain of messages, each the parent of the next, that may branch behind the last one.

    Without ``members`` it is a set of siblings whose parent is not there.
    """

    members: tuple[int, ...] = ()
    branches: tuple["Thread", ...] = ()

    def walk(self) -> Iterator[tuple[int, int | None]]:
        """Yield each message with its parent, or None, parents first."""
        stack: list[tuple[Thread, int | None]] = [(self, None)]
        while stack:
            thread, parent = stack.pop()
            for number in thread.members:
                yield number, parent
                parent = number
            stack += [(branch, parent) for branch in reversed(thread.branches)]
