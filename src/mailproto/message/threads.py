"""THREAD: messages put into conversations (RFC 5256 3); nothing is recursive."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import groupby, pairwise

from mailproto._value import value
from mailproto.imap.threads import Thread
from mailproto.message.casemap import casemap
from mailproto.message.subject import Subject

__all__ = ["ThreadMessage", "thread_by_references", "thread_by_subject"]

_LONGEST_WALK = 1000


@value
class ThreadMessage:
    """What threading needs to know of a message.

    ``number`` is its sequence number or UID. ``sent`` is its sent date, or else its internal date,
    with a time zone. Message IDs are as ``message_ids`` and ``references`` give them.
    """

    number: int
    sent: datetime
    subject: Subject
    message_id: str | None = None
    references: tuple[str, ...] = ()


def thread_by_subject(messages: Iterable[ThreadMessage]) -> tuple[Thread, ...]:
    """ORDEREDSUBJECT: messages with the same base subject, all but the first its children."""
    by_subject = sorted((casemap(it.subject.base), it.sent, it.number) for it in messages)
    threads = []
    for _, same in groupby(by_subject, key=lambda it: it[0]):
        (_, sent, first), *others = same
        numbers = [number for _, _, number in others]
        if len(numbers) < 2:
            thread = Thread((first, *numbers))
        else:
            thread = Thread((first,), tuple(Thread((number,)) for number in numbers))
        threads.append((sent, first, thread))
    return tuple(thread for _, _, thread in sorted(threads, key=lambda it: it[:2]))


def thread_by_references(messages: Iterable[ThreadMessage]) -> tuple[Thread, ...]:
    """REFERENCES: messages below those that they answer, then those with the same base subject."""
    roots = _gathered(_pruned(_linked(messages)))
    for node in _walk(roots):
        node.sort()
    roots.sort(key=_Node.order)
    return tuple(map(_thread, roots))


class _Node:
    """A message, or a dummy for one that is not there; compared by identity."""

    __slots__ = ("children", "message", "parent")

    def __init__(self, message: ThreadMessage | None = None) -> None:
        self.message = message
        self.parent: _Node | None = None
        self.children: dict[_Node, None] = {}  # an ordered set

    def link(self, parent: "_Node | None") -> None:
        """Put the node below another, or nowhere."""
        if self.parent is not None:
            del self.parent.children[self]
        self.parent = parent
        if parent is not None:
            parent.children[self] = None

    def may_be_below(self, parent: "_Node") -> bool:
        """Whether that would make no loop.

        Where it would take too long to find out it counts as one: no one answers that often.
        """
        if not self.children:
            return parent is not self
        above: _Node | None = parent
        for _ in range(_LONGEST_WALK):
            if above is None:
                return True
            if above is self:
                return False
            above = above.parent
        return False

    def sort(self) -> None:
        self.children = dict.fromkeys(sorted(self.children, key=_Node.order))

    @property
    def first(self) -> ThreadMessage:
        """The message, or the first child of a dummy, which has children once it is pruned."""
        if self.message is not None:
            return self.message
        child = next(iter(self.children))
        assert child.message is not None
        return child.message

    def order(self) -> tuple[datetime, int]:
        return self.first.sent, self.first.number

    @property
    def is_reply(self) -> bool:
        return self.message is not None and self.message.subject.is_reply


def _walk(roots: Iterable[_Node]) -> Iterator[_Node]:
    """Yield nodes, parents first."""
    stack = list(roots)
    while stack:
        node = stack.pop()
        yield node
        stack += node.children


def _linked(messages: Iterable[ThreadMessage]) -> list[_Node]:
    """Steps 1 and 2: link messages and dummies; return those without parents."""
    messages = sorted(messages, key=lambda it: it.number)
    nodes: dict[str, _Node] = {}
    own: list[_Node] = []
    for message in messages:
        node = _Node(message)
        own.append(node)
        if message.message_id is not None:
            nodes.setdefault(message.message_id, node)
    for node, message in zip(own, messages, strict=True):
        chain = [nodes.setdefault(name, _Node()) for name in message.references]
        for parent, child in pairwise(chain):
            if child.parent is None and child.may_be_below(parent):
                child.link(parent)
        node.link(None)
        if chain and node.may_be_below(chain[-1]):
            node.link(chain[-1])
    every = dict.fromkeys([*own, *nodes.values()])
    return [node for node in every if node.parent is None]


def _pruned(roots: list[_Node]) -> list[_Node]:
    """Step 3: put the children of dummies in their places, but at the top only a single one."""
    for node in reversed(list(_walk(roots))):
        children: list[_Node] = []
        for child in node.children:
            children += [child] if child.message is not None else child.children
        node.children = dict.fromkeys(children)
    kept: list[_Node] = []
    for root in roots:
        kept += [root] if root.message is not None or len(root.children) > 1 else root.children
    return kept


def _gathered(roots: list[_Node]) -> list[_Node]:
    """Steps 4 and 5: put together the threads that have the same subject."""
    for root in roots:
        if root.message is None:
            root.sort()
    roots.sort(key=_Node.order)
    subjects = [casemap(root.first.subject.base) for root in roots]
    table: dict[str, _Node] = {}
    for subject, root in zip(subjects, roots, strict=True):
        found = table.setdefault(subject, root)
        if found.message is not None and (
            root.message is None or (found.is_reply and not root.is_reply)
        ):
            table[subject] = root
    kept = dict.fromkeys(roots)
    for subject, root in zip(subjects, roots, strict=True):
        found = table[subject]
        if not subject or found is root:
            continue
        del kept[root]
        if found.message is None:
            found.children.update(root.children if root.message is None else {root: None})
        elif root.is_reply and not found.is_reply:
            found.children[root] = None
        else:
            dummy = _Node()
            dummy.children = {found: None, root: None}
            del kept[found]
            kept[dummy] = None
            table[subject] = dummy
    return list(kept)


def _thread(root: _Node) -> Thread:
    """Make the value of one thread: chains of only children, and branches behind them."""
    chains: list[tuple[tuple[int, ...], int]] = []
    heads = [root]
    while heads:
        node = heads.pop()
        numbers = [] if node.message is None else [node.message.number]
        while len(node.children) == 1:
            (node,) = node.children
            assert node.message is not None
            numbers.append(node.message.number)
        chains.append((tuple(numbers), len(node.children)))
        heads += reversed(node.children)
    made: list[Thread] = []
    for members, count in reversed(chains):
        branches = tuple(reversed(made[len(made) - count :]))
        del made[len(made) - count :]
        made.append(Thread(members, branches))
    return made[0]
