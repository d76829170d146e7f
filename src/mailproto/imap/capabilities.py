"""What a server can do: the list of CAPABILITY (RFC 9051 7.2.2) and its well-known members."""

from collections.abc import Iterable, Iterator

__all__ = ["Capabilities"]


class Capabilities:
    """Capability names in order, never changed; their case does not matter.

    ``name in capabilities`` and ``values("AUTH")`` serve all of them, properties some that hold
    more than a name.
    """

    __slots__ = ("_names", "_upper")

    def __init__(self, names: Iterable[str] = ()) -> None:
        self._names = tuple(names)
        self._upper = frozenset(name.upper() for name in self._names)

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and name.upper() in self._upper

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Capabilities):
            return NotImplemented
        return self._upper == other._upper

    def __hash__(self) -> int:
        return hash(self._upper)

    def __repr__(self) -> str:
        return f"Capabilities({list(self._names)!r})"

    def values(self, prefix: str) -> tuple[str, ...]:
        """What follows ``prefix`` and ``=`` in each capability that begins so, as it is."""
        start = f"{prefix.upper()}="
        return tuple(n[len(start) :] for n in self._names if n.upper().startswith(start))

    @property
    def auth(self) -> tuple[str, ...]:
        """AUTH=: the SASL mechanisms in upper case (RFC 9051 6.2.2)."""
        return tuple(name.upper() for name in self.values("AUTH"))

    @property
    def append_limit(self) -> int | None:
        """APPENDLIMIT=: octets of the largest message; None if it is not told (RFC 7889 3)."""
        return self._number("APPENDLIMIT")

    @property
    def message_limit(self) -> int | None:
        """MESSAGELIMIT=: how many messages one command may touch (RFC 9738 3)."""
        return self._number("MESSAGELIMIT")

    @property
    def save_limit(self) -> int | None:
        """SAVELIMIT=: how many results of a search are saved (RFC 9738 3)."""
        return self._number("SAVELIMIT")

    @property
    def i18n_level(self) -> int | None:
        """I18NLEVEL= (RFC 5255 4.4)."""
        return self._number("I18NLEVEL")

    @property
    def rights(self) -> str:
        """RIGHTS=: the letters of further rights, empty if there are none (RFC 4314 2)."""
        return "".join(self.values("RIGHTS"))

    @property
    def thread(self) -> tuple[str, ...]:
        """THREAD=: the threading algorithms in upper case (RFC 5256 4)."""
        return tuple(name.upper() for name in self.values("THREAD"))

    def _number(self, prefix: str) -> int | None:
        for text in self.values(prefix):
            if text.isascii() and text.isdecimal() and len(text) < 20:
                return int(text)
        return None
