"""THREAD: which message answers which (RFC 5256 3)."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from itertools import groupby

from mailproto._value import value
from mailproto.imap import Thread
from mailproto.message import base_subject, casemap

__all__ = ["THREADS", "ThreadMessage"]

_DEEPEST = 1000  # generations looked back when a loop could arise; a deeper link is not made


@value
class ThreadMessage:
    """What threading has to know of a message.

    ``number`` is what the result names it by. ``references`` are its normalized message ids,
    the parent last. ``sent`` is in UTC.
    """

    number: int
    sent: datetime
    subject: str | None = None
    message_id: str | None = None
    references: tuple[str, ...] = ()


class _Node:
    """A message, or a dummy in place of one that is not there."""

    __slots__ = ("children", "message", "parent", "reply", "subject")

    def __init__(self, message: ThreadMessage | None = None) -> None:
        self.message = message
        self.parent: _Node | None = None
        self.children: dict[_Node, None] = {}
        self.subject = ""
        self.reply = False
        if message is not None:
            subject = base_subject(message.subject)
            self.subject = casemap(subject.base)
            self.reply = subject.is_reply

    def adopt(self, child: "_Node") -> None:
        """Make ``child``, which is free, a child of this one."""
        child.parent = self
        self.children[child] = None

    def free(self) -> None:
        """Break the link to the parent."""
        if self.parent is not None:
            del self.parent.children[self]
            self.parent = None

    @property
    def eldest(self) -> "_Node":
        """The node itself, or the first child of a dummy."""
        return self if self.message is not None else next(iter(self.children))

    @property
    def age(self) -> tuple[datetime, int]:
        """By what siblings are sorted."""
        message = self.eldest.message
        assert message is not None  # dummies stand at the top only, and have children
        return message.sent, message.number


def ordered_subject(messages: Iterable[ThreadMessage]) -> tuple[Thread, ...]:
    """Thread messages by their base subjects alone."""
    keyed = [(casemap(base_subject(m.subject).base), m.sent, m.number) for m in messages]
    threads = [
        [(sent, number) for _, sent, number in group]
        for _, group in groupby(sorted(keyed), key=lambda entry: entry[0])
    ]
    made = []
    for (_, first), *rest in sorted(threads):
        if len(rest) == 1:
            made.append(Thread((first, rest[0][1])))
        else:
            made.append(Thread((first,), tuple(Thread((number,)) for _, number in rest)))
    return tuple(made)


def references(messages: Iterable[ThreadMessage]) -> tuple[Thread, ...]:
    """Thread messages by their References, and what is left by subject; steps as in the RFC."""
    roots = _prune(_linked(messages))
    for root in roots:
        if root.message is None:
            _sort_children(root)
    roots.sort(key=lambda node: node.age)
    roots = _merge_subjects(roots)
    for node in reversed(_walk(roots)):
        _sort_children(node)
    roots.sort(key=lambda node: node.age)
    return _threads(roots)


def _linked(messages: Iterable[ThreadMessage]) -> list[_Node]:
    """Steps 1 and 2: link all; return the nodes that have no parents."""
    known: dict[str, _Node] = {}
    nodes = []
    own: list[tuple[ThreadMessage, _Node]] = []
    for message in messages:
        node = _Node(message)
        nodes.append(node)
        own.append((message, node))
        if message.message_id is not None:
            known.setdefault(message.message_id, node)
    for message, node in own:
        parent: _Node | None = None
        for reference in message.references:
            link = known.get(reference)
            if link is None:
                link = known[reference] = _Node()
                nodes.append(link)
            if parent is not None and link.parent is None and not _descends(parent, link):
                parent.adopt(link)
            parent = link
        node.free()
        if parent is not None and not _descends(parent, node):
            parent.adopt(node)
    return [node for node in nodes if node.parent is None]


def _descends(node: _Node, ancestor: _Node) -> bool:
    """Whether a node is, or descends from, ``ancestor``; also if that takes too long to tell."""
    if node is ancestor:
        return True
    if not ancestor.children:
        return False
    above: _Node | None = node
    for _ in range(_DEEPEST):
        if above is None:
            return False
        if above is ancestor:
            return True
        above = above.parent
    return True


def _walk(roots: Sequence[_Node]) -> list[_Node]:
    """Return all nodes, parents before their children."""
    found = list(roots)
    for node in found:
        found += node.children
    return found


def _prune(roots: list[_Node]) -> list[_Node]:
    """Step 3: delete dummies, but those at the top that hold several threads together."""
    for node in reversed(_walk(roots)):
        parent = node.parent
        if node.message is not None or (parent is None and len(node.children) > 1):
            continue
        children = tuple(node.children)
        node.free()
        for child in children:
            child.free()
            if parent is not None:
                parent.adopt(child)
            else:
                roots.append(child)
    return [n for n in roots if n.parent is None and (n.message is not None or n.children)]


def _sort_children(node: _Node) -> None:
    if len(node.children) > 1:
        node.children = dict.fromkeys(sorted(node.children, key=lambda child: child.age))


def _merge_subjects(roots: Sequence[_Node]) -> list[_Node]:
    """Step 5: gather threads with the same base subject."""
    table: dict[str, _Node] = {}
    for node in roots:
        subject = node.eldest.subject
        if not subject:
            continue
        there = table.get(subject)
        if there is None or (
            there.message is not None and (node.message is None or (there.reply and not node.reply))
        ):
            table[subject] = node
    merged: dict[_Node, None] = dict.fromkeys(roots)
    for node in roots:
        subject = node.eldest.subject
        there = table.get(subject)
        if not subject or there is None or there is node or node.parent is not None:
            continue
        del merged[node]
        if there.message is None and node.message is None:
            for child in tuple(node.children):
                child.free()
                there.adopt(child)
        elif there.message is None or (node.reply and not there.reply):
            there.adopt(node)
        else:
            dummy = _Node()
            merged[dummy] = None
            del merged[there]
            dummy.adopt(there)
            dummy.adopt(node)
            table[subject] = dummy
    return list(merged)


def _threads(roots: Sequence[_Node]) -> tuple[Thread, ...]:
    """Turn nodes into values, leaves first; a chain without branches is one value."""
    chains: dict[_Node, tuple[list[int], tuple[Thread, ...]]] = {}  # members from the last one up
    for node in reversed(_walk(roots)):
        below = [chains.pop(child) for child in node.children]
        if len(below) != 1:
            below = [([], tuple(map(_thread, below)))]
        members, _ = chains[node] = below[0]
        if node.message is not None:
            members.append(node.message.number)
    return tuple(_thread(chains[root]) for root in roots)


def _thread(chain: tuple[list[int], tuple[Thread, ...]]) -> Thread:
    members, branches = chain
    return Thread(tuple(reversed(members)), branches)


THREADS: dict[str, Callable[[Iterable[ThreadMessage]], tuple[Thread, ...]]] = {
    "ORDEREDSUBJECT": ordered_subject,
    "REFERENCES": references,
}
