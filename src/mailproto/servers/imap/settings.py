"""ID, METADATA and QUOTA (RFC 2971, RFC 5464, RFC 9208)."""

from collections.abc import Mapping
from typing import Any

from mailproto.imap import (
    Condition,
    GetMetadata,
    GetQuota,
    GetQuotaRoot,
    Id,
    IdResponse,
    MetadataCode,
    MetadataResponse,
    No,
    Ok,
    Option,
    QuotaResource,
    QuotaResponse,
    QuotaRootResponse,
    ResponseCode,
    SetMetadata,
    SetQuota,
)
from mailproto.servers.imap.criteria import UnknownKey
from mailproto.servers.imap.mailboxes import check_uses
from mailproto.servers.imap.service import Handler, Refused
from mailproto.servers.imap.session import ImapSession
from mailproto.stores.rules import SPECIAL_USE, uses_of

__all__ = ["HANDLERS"]

_LARGEST_VALUE = 64 * 1024  # octets
_MOST_ENTRIES = 100  # in one command


async def serve_id(session: ImapSession, tag: str, command: Id) -> Condition:
    """ID (RFC 2971 3.1)."""
    await session.send(IdResponse(session.service.identity))
    return Ok("ID completed")


# --- METADATA ---


async def serve_get_metadata(session: ImapSession, tag: str, command: GetMetadata) -> Condition:
    """GETMETADATA (RFC 5464 4.2)."""
    options = _options(command)
    if len(command.entries) > _MOST_ENTRIES:
        raise Refused(No("Too many entries", MetadataCode("TOOMANY")))
    name = await _mailbox_name(session, command.mailbox)
    known = await session.account.metadata(name)
    entries = [entry.lower() for entry in command.entries]
    wanted: dict[str, bytes | None] = dict.fromkeys(entries)
    for entry, content in known.items():
        if any(_within(entry, above, options["DEPTH"]) for above in entries):
            wanted[entry] = content
    if options["DEPTH"] != "0":
        wanted = {entry: content for entry, content in wanted.items() if content is not None}
    longest = max((len(content) for content in wanted.values() if content), default=0)
    most = options["MAXSIZE"]
    code = None
    if most is not None and longest > most:
        wanted = {e: c for e, c in wanted.items() if c is None or len(c) <= most}
        code = MetadataCode("LONGENTRIES", longest)
    if wanted:
        await session.send(MetadataResponse(command.mailbox, wanted))
    return Ok("GETMETADATA completed", code)


def _options(command: GetMetadata) -> dict[str, Any]:
    options: dict[str, Any] = {"DEPTH": "0", "MAXSIZE": None}
    for option in command.options:
        if not isinstance(option, Option) or option.name not in options:
            raise UnknownKey("that option of GETMETADATA")
        options[option.name] = option.argument
    return options


def _within(entry: str, above: str, depth: str) -> bool:
    if entry == above:
        return True
    if depth == "0" or not entry.startswith(above.rstrip("/") + "/"):
        return False
    return depth == "infinity" or "/" not in entry[len(above.rstrip("/")) + 1 :]


async def _mailbox_name(session: ImapSession, name: str) -> str:
    """Return the name as the store has it, "" for the account. Raises ``StoreError``."""
    return (await session.account.mailbox(name)).name if name else ""


async def serve_set_metadata(session: ImapSession, tag: str, command: SetMetadata) -> Condition:
    """SETMETADATA (RFC 5464 4.3)."""
    values = {entry.lower(): content for entry, content in command.values.items()}
    if len(values) > _MOST_ENTRIES:
        raise Refused(No("Too many entries", MetadataCode("TOOMANY")))
    if any(content is not None and len(content) > _LARGEST_VALUE for content in values.values()):
        raise Refused(No("A value is too large", MetadataCode("MAXSIZE", _LARGEST_VALUE)))
    if not all(entry.startswith(("/private/", "/shared/")) for entry in values):
        raise Refused(No("Entries begin with /private/ or /shared/", ResponseCode("CANNOT")))
    check_uses(uses_of(values.get(SPECIAL_USE) or b""))
    await session.account.set_metadata(values, await _mailbox_name(session, command.mailbox))
    return Ok("SETMETADATA completed")


# --- QUOTA: one root, "", for all mailboxes of the user ---


async def _quota(session: ImapSession) -> QuotaResponse:
    resources = await session.account.quota()
    return QuotaResponse(
        "", tuple(QuotaResource(each.resource, each.used, each.limit) for each in resources)
    )


async def serve_get_quota(session: ImapSession, tag: str, command: GetQuota) -> Condition:
    """GETQUOTA (RFC 9208 4.1.1)."""
    if command.root:
        raise Refused(No("There is no such quota root", ResponseCode("NONEXISTENT")))
    await session.send(await _quota(session))
    return Ok("GETQUOTA completed")


async def serve_get_quota_root(session: ImapSession, tag: str, command: GetQuotaRoot) -> Condition:
    """GETQUOTAROOT (RFC 9208 4.1.2)."""
    quota = await _quota(session)
    limited = quota.resources and session.account.is_own(command.mailbox)
    roots = (quota.root,) if limited else ()
    await session.send(QuotaRootResponse(command.mailbox, roots))
    if roots:
        await session.send(quota)
    return Ok("GETQUOTAROOT completed")


async def serve_set_quota(session: ImapSession, tag: str, command: SetQuota) -> Condition:
    """SETQUOTA: users set no limits (RFC 9208 4.1.3)."""
    raise Refused(No("Limits are not set here", ResponseCode("NOPERM")))


HANDLERS: Mapping[type, Handler] = {
    Id: serve_id,
    GetMetadata: serve_get_metadata,
    SetMetadata: serve_set_metadata,
    GetQuota: serve_get_quota,
    GetQuotaRoot: serve_get_quota_root,
    SetQuota: serve_set_quota,
}
