"""Which mailboxes LIST and LSUB tell of, and with which attributes (RFC 9051 6.3.9, RFC 5258)."""

from collections.abc import Collection, Iterable, Sequence

from mailproto._value import value
from mailproto.servers.imap.pattern import Pattern, parents
from mailproto.stores import MailboxInfo

__all__ = ["NON_EXISTENT", "Entry", "Tree"]

NON_EXISTENT = r"\NonExistent"
_NO_SELECT = r"\Noselect"
_SUBSCRIBED = r"\Subscribed"
_HAS_CHILDREN = r"\HasChildren"
_HAS_NO_CHILDREN = r"\HasNoChildren"


@value
class Entry:
    """One line of a listing; ``child_info`` are the criteria that names below it meet."""

    name: str
    attributes: tuple[str, ...]
    child_info: tuple[str, ...] | None = None


class Tree:
    """The names of an account at one moment."""

    def __init__(
        self, mailboxes: Iterable[MailboxInfo], subscriptions: Iterable[str], delimiter: str
    ) -> None:
        self._mailboxes = {info.name: info.attributes for info in mailboxes}
        self._subscribed = frozenset(subscriptions)
        self._delimiter = delimiter
        self._parents = frozenset(
            parent for name in self._mailboxes for parent in parents(name, delimiter)
        )

    def exists(self, name: str) -> bool:
        """Whether there is such a mailbox."""
        return name in self._mailboxes

    def listed(
        self,
        patterns: Sequence[str],
        selection: Collection[str] = (),
        *,
        subscribed: bool = False,
    ) -> list[Entry]:
        r"""Return what LIST tells: names that match a pattern and all criteria of ``selection``.

        These are SUBSCRIBED, SPECIAL-USE and RECURSIVEMATCH; ``subscribed`` adds the attribute
        ``\Subscribed``.
        """
        matchers = [Pattern(pattern, self._delimiter) for pattern in patterns if pattern]
        criteria = tuple(name for name in ("SUBSCRIBED", "SPECIAL-USE") if name in selection)
        candidates = {*self._mailboxes, *self._parents}
        if "SUBSCRIBED" in criteria:
            candidates |= self._subscribed
        chosen = {name for name in candidates if self._meets(name, criteria)}
        matching = {name for name in candidates if any(m.matches(name) for m in matchers)}
        above: set[str] = set()  # names with CHILDINFO
        if "RECURSIVEMATCH" in selection:
            above = self._above(chosen, matching, matchers)
        show_subscribed = subscribed or "SUBSCRIBED" in criteria
        return [
            Entry(
                name,
                self.attributes(name, subscribed=show_subscribed),
                criteria if name in above else None,
            )
            for name in sorted((chosen & matching) | above, key=_inbox_first)
        ]

    def lsub(self, pattern: str) -> list[Entry]:
        r"""Return what LSUB tells: subscribed names, and with ``%`` those above them.

        These have ``\Noselect`` if they are not subscribed themselves (RFC 3501 6.3.9).
        """
        matcher = Pattern(pattern, self._delimiter)
        names = {name: True for name in self._subscribed if matcher.matches(name)}
        if pattern.endswith("%"):
            for name in self._subscribed:
                for parent in parents(name, self._delimiter):
                    if matcher.matches(parent):
                        names.setdefault(parent, parent in self._subscribed)
        return [
            Entry(
                name, self.attributes(name) if names[name] and self.exists(name) else (_NO_SELECT,)
            )
            for name in sorted(names, key=_inbox_first)
        ]

    def _meets(self, name: str, criteria: Collection[str]) -> bool:
        if "SUBSCRIBED" in criteria and name not in self._subscribed:
            return False
        return "SPECIAL-USE" not in criteria or bool(self._mailboxes.get(name))

    def _above(
        self, chosen: set[str], matching: set[str], matchers: Collection[Pattern]
    ) -> set[str]:
        """Names above those chosen; but those that are told of only if that says something."""
        above = set()
        for name in chosen:
            for parent in parents(name, self._delimiter):
                told = parent in chosen or name not in matching
                if told and any(matcher.matches(parent) for matcher in matchers):
                    above.add(parent)
        return above

    def attributes(self, name: str, *, subscribed: bool = False) -> tuple[str, ...]:
        r"""Return the attributes of a name; ``subscribed`` adds ``\Subscribed`` if it is."""
        attributes = sorted(self._mailboxes.get(name, ()))
        if name not in self._mailboxes:
            attributes += (NON_EXISTENT, _NO_SELECT)
        attributes.append(_HAS_CHILDREN if name in self._parents else _HAS_NO_CHILDREN)
        if subscribed and name in self._subscribed:
            attributes.append(_SUBSCRIBED)
        return tuple(attributes)


def _inbox_first(name: str) -> tuple[bool, str]:
    return name != "INBOX", name
