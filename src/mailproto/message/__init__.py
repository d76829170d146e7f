"""What IMAP tells of a stored message, from its bytes alone (RFC 5322, RFC 2045, RFC 9051 7.5.2).

``parse_structure`` finds the entities of a message, ``body_structure`` and ``locate`` answer FETCH,
the rest serves SEARCH, SORT, THREAD and PREVIEW. Any bytes are a message: nothing here raises on
malformed mail, nothing is recursive, and all is linear in the bytes.
"""

from mailproto.message.addresses import parse_addresses
from mailproto.message.body_structure import body_structure
from mailproto.message.casemap import casemap
from mailproto.message.content import ContentFields
from mailproto.message.encoded_words import decode_words
from mailproto.message.entity import Entity, Span
from mailproto.message.envelope import ENVELOPE_FIELDS, envelope, envelope_of_fields, sent_date
from mailproto.message.header import Field, HeaderReader, fields, select_fields
from mailproto.message.preview import PREVIEW_OCTETS, preview, preview_part
from mailproto.message.search import (
    Passage,
    TextSearch,
    body_contains,
    header_contains,
    passages,
    text_contains,
)
from mailproto.message.sections import locate, read_section
from mailproto.message.sorting import (
    THREAD_FIELDS,
    display_key,
    mailbox_key,
    message_ids,
    references,
    references_of_fields,
)
from mailproto.message.structure import StructureBuilder, parse_structure
from mailproto.message.subject import Subject, base_subject
from mailproto.message.threads import ThreadMessage, thread_by_references, thread_by_subject
from mailproto.message.transfer import (
    TransferDecoder,
    UnknownEncoding,
    decode_transfer,
    transfer_decoder,
)

__all__ = [
    "ENVELOPE_FIELDS",
    "PREVIEW_OCTETS",
    "THREAD_FIELDS",
    "ContentFields",
    "Entity",
    "Field",
    "HeaderReader",
    "Passage",
    "Span",
    "StructureBuilder",
    "Subject",
    "TextSearch",
    "ThreadMessage",
    "TransferDecoder",
    "UnknownEncoding",
    "base_subject",
    "body_contains",
    "body_structure",
    "casemap",
    "decode_transfer",
    "decode_words",
    "display_key",
    "envelope",
    "envelope_of_fields",
    "fields",
    "header_contains",
    "locate",
    "mailbox_key",
    "message_ids",
    "parse_addresses",
    "parse_structure",
    "passages",
    "preview",
    "preview_part",
    "read_section",
    "references",
    "references_of_fields",
    "select_fields",
    "sent_date",
    "text_contains",
    "thread_by_references",
    "thread_by_subject",
    "transfer_decoder",
]
