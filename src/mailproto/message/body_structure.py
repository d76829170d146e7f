"""BODY and BODYSTRUCTURE of a message, from its entities (RFC 9051 7.5.2)."""

from typing import Any

from mailproto.imap.body import BodyPart, BodyStructure, MessagePart, Multipart
from mailproto.message.entity import Entity

__all__ = ["body_structure"]


def body_structure(root: Entity, *, rev1: bool = False) -> BodyStructure:
    """Make the body structure of a message with all that is known; BODY is told less of it.

    With ``rev1`` a message/global is told as message/rfc822, the only type of which clients of
    RFC 3501 expect an envelope. Not recursive: children are made before their parents.
    """
    made: list[BodyStructure] = []
    for entity in reversed(list(root.walk())):
        count = len(entity.children)
        children = tuple(reversed(made[len(made) - count :]))
        del made[len(made) - count :]
        made.append(_one(entity, children, rev1))
    return made[0]


def _one(entity: Entity, children: tuple[BodyStructure, ...], rev1: bool) -> BodyStructure:
    content = entity.content
    of_all: dict[str, Any] = {
        "subtype": content.subtype,
        "parameters": content.parameters,
        "disposition": content.disposition,
        "languages": content.languages,
        "location": content.location,
    }
    if entity.is_multipart:
        return Multipart(**of_all, parts=children)
    of_parts = of_all | {
        "type": content.type,
        "id": content.id,
        "description": content.description,
        "encoding": content.encoding,
        "size": entity.body.size,
        "md5": content.md5,
    }
    message = entity.message
    if message is not None:
        assert message.envelope is not None
        return MessagePart(
            **(of_parts | {"subtype": "rfc822"} if rev1 else of_parts),
            lines=entity.body_lines,
            envelope=message.envelope,
            body=children[0],
        )
    return BodyPart(**of_parts, lines=entity.body_lines if content.type.lower() == "text" else None)
