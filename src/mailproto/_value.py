"""The one decorator behind every value class: frozen for the type checker, cheap at run time.

``attrs.frozen`` costs three times as much per object as ``attrs.define``; values are made by
the hundred thousand when mail is parsed, so immutability is checked statically only.
"""

from collections.abc import Callable
from typing import Any, TypeVar, dataclass_transform

import attrs

__all__ = ["evolve", "field", "value"]

T = TypeVar("T")


def field(
    *,
    default: Any = attrs.NOTHING,
    kw_only: bool = False,
    repr: bool = True,
    eq: bool = True,
) -> Any:
    """A field of a value class: ``attrs.field``, cut down to what ``dataclass_transform`` reads.

    ``repr=False`` hides secrets; ``eq=False`` keeps what is told beside a value (its defects,
    its raw bytes) out of comparison and hash.
    """
    return attrs.field(default=default, kw_only=kw_only, repr=repr, eq=eq)


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
def value(cls: type[T]) -> type[T]:
    """Make ``cls`` a slotted, comparable, hashable attrs class with a short ``repr``."""
    own_repr = "__repr__" in cls.__dict__
    decorate: Callable[[type[T]], type[T]] = attrs.define(unsafe_hash=True, repr=False)
    decorated = decorate(cls)
    if not own_repr:
        decorated.__repr__ = _short_repr  # type: ignore[method-assign]
    return decorated


def _short_repr(self: Any) -> str:
    """Show the fields that differ from their defaults; never those with ``repr=False``."""
    shown = (
        f"{a.name}={getattr(self, a.name)!r}"
        for a in attrs.fields(type(self))
        if a.repr and getattr(self, a.name) != a.default
    )
    return f"{type(self).__name__}({', '.join(shown)})"


def evolve(instance: T, **changes: Any) -> T:
    """Return a copy of a value with some fields changed."""
    copy: Callable[..., T] = attrs.evolve
    return copy(instance, **changes)
