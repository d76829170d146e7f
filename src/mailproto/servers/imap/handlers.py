"""All that is served, in one table, and what the server says that it can do."""

from collections.abc import Mapping

from mailproto.limits import ImapLimits
from mailproto.servers.imap import (
    acl,
    appending,
    changing,
    fetch,
    listing,
    login,
    mailboxes,
    notify,
    searching,
    selecting,
    settings,
)
from mailproto.servers.imap.service import Handler

__all__ = ["HANDLERS", "UPLOADS", "extensions"]

HANDLERS: Mapping[type, Handler] = {
    **acl.HANDLERS,
    **appending.HANDLERS,
    **changing.HANDLERS,
    **fetch.HANDLERS,
    **listing.HANDLERS,
    **login.HANDLERS,
    **mailboxes.HANDLERS,
    **notify.HANDLERS,
    **searching.HANDLERS,
    **selecting.HANDLERS,
    **settings.HANDLERS,
}

UPLOADS = appending.UPLOADS

_EXTENSIONS = (
    "IMAP4rev1",
    "IMAP4rev2",
    "ACL",
    "BINARY",
    "CATENATE",
    "CHILDREN",
    "COMPRESS=DEFLATE",
    "CONDSTORE",
    "CREATE-SPECIAL-USE",
    "ENABLE",
    "ESEARCH",
    "ESORT",
    "ID",
    "IDLE",
    "INPROGRESS",
    "LIST-EXTENDED",
    "LIST-MYRIGHTS",
    "LIST-STATUS",
    "LITERAL+",
    "METADATA",
    "MOVE",
    "MULTIAPPEND",
    "NAMESPACE",
    "NOTIFY",
    "OBJECTID",
    "PARTIAL",
    "PREVIEW",
    "QRESYNC",
    "QUOTA",
    "QUOTA=RES-MESSAGE",
    "QUOTA=RES-STORAGE",
    "REPLACE",
    "RIGHTS=texk",
    "SASL-IR",
    "SAVEDATE",
    "SEARCHRES",
    "SORT",
    "SORT=DISPLAY",
    "SPECIAL-USE",
    "STATUS=SIZE",
    "THREAD=ORDEREDSUBJECT",
    "THREAD=REFERENCES",
    "UIDONLY",
    "UIDPLUS",
    "UNAUTHENTICATE",
    "UNSELECT",
    "UTF8=ACCEPT",
    "WITHIN",
)


def extensions(limits: ImapLimits) -> tuple[str, ...]:
    """The capabilities, but for those that depend on TLS and the authenticator."""
    most = limits.message_size
    return *_EXTENSIONS, "APPENDLIMIT" if most is None else f"APPENDLIMIT={most}"
