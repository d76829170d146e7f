"""Metadata, quota, rights, and the session itself (RFC 5464, 9208, 4314, 2971, 4978)."""

from collections.abc import Mapping, Sequence

from mailproto.clients.imap.session import ImapSession
from mailproto.imap import (
    AclResponse,
    Compress,
    DeleteAcl,
    GetAcl,
    GetMetadata,
    GetQuota,
    GetQuotaRoot,
    Id,
    IdResponse,
    ListRights,
    ListRightsResponse,
    MetadataResponse,
    MyRights,
    MyRightsResponse,
    Noop,
    Option,
    QuotaResponse,
    SetAcl,
    SetMetadata,
    SetQuota,
)

__all__ = ["AdministrationCommands"]


class AdministrationCommands(ImapSession):
    """The part of :class:`ImapClient` that is neither about mailboxes nor about messages."""

    async def noop(self) -> None:
        """Do nothing, but hear what is new (RFC 9051 6.1.2)."""
        await self.run(Noop())

    async def id(self, parameters: Mapping[str, str | None] | None = None) -> dict[str, str | None]:
        """Tell the server about the client, and return what it tells of itself (RFC 2971).

        Parameters are such as ``name`` and ``version``; None tells nothing.
        """
        answer = await self.run(Id(None if parameters is None else dict(parameters)))
        for response in answer.of(IdResponse):
            return response.parameters or {}
        return {}

    async def compress(self) -> None:
        """Compress both directions from here on (RFC 4978)."""
        await self.run(Compress())

    # --- metadata, RFC 5464 ---

    async def get_metadata(
        self, mailbox: str, *entries: str, depth: str | None = None, max_size: int | None = None
    ) -> dict[str, bytes | None]:
        """Return entries such as ``/private/comment`` of a mailbox, of the server if ``""``.

        ``depth`` ``"1"`` or ``"infinity"`` asks for those below too; values of more than
        ``max_size`` octets are left out. Entries without a value are None or left out.
        Source: RFC 5464 4.2.
        """
        values: dict[str, bytes | None] = {}
        asked = {"MAXSIZE": max_size, "DEPTH": depth}
        options = tuple(Option(name, what) for name, what in asked.items() if what is not None)
        answer = await self.run(GetMetadata(mailbox, entries, options))
        for response in answer.of(MetadataResponse):
            values.update(response.values or {})
        return values

    async def set_metadata(self, mailbox: str, values: Mapping[str, bytes | None]) -> None:
        """Set entries of a mailbox, or of the server; None removes one."""
        await self.run(SetMetadata(mailbox, dict(values)))

    # --- quota, RFC 9208 ---

    async def quota(self, mailbox: str = "INBOX") -> tuple[QuotaResponse, ...]:
        """Return the quota roots that a mailbox falls under, with usage and limits."""
        return tuple((await self.run(GetQuotaRoot(mailbox))).of(QuotaResponse))

    async def quota_of(self, root: str) -> tuple[QuotaResponse, ...]:
        """Return usage and limits of a quota root."""
        return tuple((await self.run(GetQuota(root))).of(QuotaResponse))

    async def set_quota(self, root: str, limits: Mapping[str, int]) -> None:
        """Set the limits of a quota root by resource, such as STORAGE in KiB."""
        await self.run(SetQuota(root, tuple(limits.items())))

    # --- rights, RFC 4314 ---

    async def acl(self, mailbox: str) -> dict[str, str]:
        """Return who may do what with a mailbox: rights by identifier."""
        answer = await self.run(GetAcl(mailbox))
        return {who: rights for r in answer.of(AclResponse) for who, rights in r.entries}

    async def set_acl(self, mailbox: str, identifier: str, rights: str) -> None:
        """Set rights; those that begin with ``+`` or ``-`` are added or taken away."""
        await self.run(SetAcl(mailbox, identifier, rights))

    async def delete_acl(self, mailbox: str, identifier: str) -> None:
        """Take all rights of an identifier away."""
        await self.run(DeleteAcl(mailbox, identifier))

    async def my_rights(self, mailbox: str) -> str:
        """Return what we may do with a mailbox."""
        for response in (await self.run(MyRights(mailbox))).of(MyRightsResponse):
            return response.rights
        return ""

    async def list_rights(self, mailbox: str, identifier: str) -> tuple[str, Sequence[str]]:
        """Return the rights that an identifier always has, and those that can be granted."""
        for response in (await self.run(ListRights(mailbox, identifier))).of(ListRightsResponse):
            return response.required, response.optional
        return "", ()
