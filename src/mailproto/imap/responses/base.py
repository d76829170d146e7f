"""What all responses are made of."""

from typing import ClassVar

from mailproto._value import field, value
from mailproto.errors import Defect
from mailproto.imap.values import GenericValue

__all__ = ["Response", "UnknownResponse"]


@value
class Response:
    """Base class of the responses; ``name`` is the word that tells them apart."""

    name: ClassVar[str] = ""
    defects: tuple[Defect, ...] = field(default=(), eq=False, kw_only=True)


@value
class UnknownResponse(Response):
    """Untagged data that nobody knows the meaning of: ``* [number] keyword values``."""

    keyword: str
    values: tuple[GenericValue, ...] = ()
    number: int | None = field(default=None, kw_only=True)
