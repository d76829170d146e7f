"""Text in a message, as SEARCH looks for it (RFC 9051 6.4.4): decoded, by i;unicode-casemap."""

from collections.abc import Iterator

from mailproto._value import value
from mailproto.message.casemap import casemap
from mailproto.message.charsets import incremental_decoder
from mailproto.message.content import ContentFields
from mailproto.message.encoded_words import decode_words
from mailproto.message.entity import Entity, Span
from mailproto.message.header import fields
from mailproto.message.transfer import TransferDecoder, UnknownEncoding, transfer_decoder

__all__ = [
    "Passage",
    "TextSearch",
    "body_contains",
    "header_contains",
    "passages",
    "text_contains",
]


def header_contains(header: bytes, needle: str, name: str | None = None) -> bool:
    """Whether a field has some text in it; with ``name`` only fields of that name.

    The text ``""`` asks whether the field is there. Encoded words are decoded; the name of a field
    belongs to what is searched if all are.
    """
    wanted = casemap(needle)
    for found in fields(header):
        if name is None:
            text = f"{found.name}: {found.text}"
        elif found.name == name.lower():
            text = found.text
        else:
            continue
        if wanted in casemap(decode_words(text)):
            return True
    return False


@value
class Passage:
    """Octets of a message that have text in them.

    ``content`` tells how to decode the body of a part; None says that they are the header of a
    message within the message.
    """

    span: Span
    content: ContentFields | None


def passages(root: Entity) -> Iterator[Passage]:
    """Yield what BODY searches: texts, and the headers of messages within, in their order.

    TEXT searches the header of the message as well.
    """
    for entity in root.walk():
        if entity.envelope is not None and entity is not root:
            yield Passage(entity.header, None)
        if not entity.children and entity.content.type.lower() == "text":
            yield Passage(entity.body, entity.content)


class TextSearch:
    """Looks for text in a body that comes in pieces, of any size; keeps little of it.

    White space is as in the body, where a line ends as well. A body in an unknown encoding is
    searched as it is.
    """

    def __init__(self, content: ContentFields, needle: str) -> None:
        self._needle = casemap(needle)
        self._charset = incremental_decoder(content.charset)
        self._transfer = _decoder(content.encoding)
        self._held = [""]  # text that is not searched yet, behind the end of what is
        self._length = 0  # of the former
        self.found = not self._needle

    def feed(self, data: bytes) -> bool:
        """Search the next octets; True if the text was found."""
        return self._search(self._transfer.feed(data), final=False)

    def finish(self) -> bool:
        """Search what is left when the body has ended."""
        return self._search(self._transfer.finish(), final=True)

    def _search(self, data: bytes, *, final: bool) -> bool:
        text = self._charset.decode(data, final)
        self._held.append(casemap(text))
        self._length += len(self._held[-1])
        # Short pieces are gathered, so that the end is not copied for each of them.
        if not self.found and (final or self._length >= len(self._needle)):
            held = "".join(self._held)
            self.found = self._needle in held
            self._held = [held[max(0, len(held) - len(self._needle) + 1) :]]
            self._length = 0
        return self.found


def _decoder(encoding: str) -> TransferDecoder:
    try:
        return transfer_decoder(encoding)
    except UnknownEncoding:
        return transfer_decoder("binary")


def body_contains(data: bytes, root: Entity, needle: str) -> bool:
    """Whether the body of a message in memory has some text in it."""
    for passage in passages(root):
        octets = passage.span.of(data)
        if passage.content is None:
            if header_contains(octets, needle):
                return True
            continue
        search = TextSearch(passage.content, needle)
        if search.feed(octets) or search.finish():
            return True
    return False


def text_contains(data: bytes, root: Entity, needle: str) -> bool:
    """Whether the header or body of a message in memory has some text in it."""
    return header_contains(root.header.of(data), needle) or body_contains(data, root, needle)
