"""ACL: who may do what with a mailbox (RFC 4314 3); the account refuses what needs a right."""

from collections.abc import Mapping

from mailproto.imap import (
    AclResponse,
    Bad,
    Condition,
    DeleteAcl,
    GetAcl,
    ListRights,
    ListRightsResponse,
    MyRights,
    MyRightsResponse,
    No,
    Ok,
    ResponseCode,
    SetAcl,
)
from mailproto.sasl import SaslError, saslprep
from mailproto.servers.imap.service import Handler, Refused
from mailproto.servers.imap.session import ImapSession
from mailproto.stores import FlagChange, Mailbox
from mailproto.stores.acl import (
    ALL_RIGHTS,
    NEGATIVE,
    NO_RIGHTS,
    Acl,
    Rights,
    parse_rights,
    write_rights,
)
from mailproto.stores.rules import acl_with, changed_flags

__all__ = ["HANDLERS"]

_MODIFICATIONS = {"+": FlagChange.ADD, "-": FlagChange.REMOVE}


def _owner(session: ImapSession, mailbox: Mailbox) -> str:
    return mailbox.owner or session.user or ""


def _identifier(text: str) -> str:
    """Prepare an identifier (RFC 4314 3). Raises :class:`Refused` if it can be none."""
    try:
        prepared = saslprep(text)
    except SaslError as error:
        raise Refused(Bad(f"That is no identifier: {error}")) from error
    if not prepared.removeprefix(NEGATIVE):
        raise Refused(Bad("An identifier is not empty"))
    return prepared


def _modification(text: str) -> tuple[FlagChange, Rights]:
    """Return what is to be done with which rights. Raises :class:`Refused`."""
    change = _MODIFICATIONS.get(text[:1], FlagChange.REPLACE)
    letters = text if change is FlagChange.REPLACE else text[1:]
    try:
        return change, parse_rights(letters)
    except ValueError as error:
        raise Refused(Bad(f"Rights are not these: {str(error)!a}")) from error


def _changeable(session: ImapSession, mailbox: Mailbox, identifier: str) -> None:
    """Refuse to change the rights of the owner, who has them all. Raises :class:`Refused`."""
    if identifier.removeprefix(NEGATIVE) == _owner(session, mailbox):
        raise Refused(No("The owner has all rights", ResponseCode("CANNOT")))


async def serve_set_acl(session: ImapSession, tag: str, command: SetAcl) -> Condition:
    """SETACL (RFC 4314 3.1)."""
    identifier = _identifier(command.identifier)
    change, rights = _modification(command.rights)

    def changed(acl: Acl) -> Acl:
        after = changed_flags(acl.get(identifier, NO_RIGHTS), change, rights)
        if not after and identifier not in acl and change is not FlagChange.REPLACE:
            return acl  # an entry without rights would take away those of anyone
        return acl_with(acl, identifier, after)

    mailbox = await session.account.mailbox(command.mailbox)
    _changeable(session, mailbox, identifier)
    await mailbox.change_acl(changed)
    return Ok("SETACL completed")


async def serve_delete_acl(session: ImapSession, tag: str, command: DeleteAcl) -> Condition:
    """DELETEACL (RFC 4314 3.2)."""
    identifier = _identifier(command.identifier)
    mailbox = await session.account.mailbox(command.mailbox)
    _changeable(session, mailbox, identifier)
    await mailbox.change_acl(lambda acl: acl_with(acl, identifier, None))
    return Ok("DELETEACL completed")


async def serve_get_acl(session: ImapSession, tag: str, command: GetAcl) -> Condition:
    """GETACL: the owner comes first (RFC 4314 3.3)."""
    mailbox = await session.account.mailbox(command.mailbox)
    owner = _owner(session, mailbox)
    others = sorted((who, rights) for who, rights in (await mailbox.acl()).items() if who != owner)
    entries = [(who, write_rights(rights)) for who, rights in ((owner, ALL_RIGHTS), *others)]
    await session.send(AclResponse(command.mailbox, tuple(entries)))
    return Ok("GETACL completed")


async def serve_list_rights(session: ImapSession, tag: str, command: ListRights) -> Condition:
    """LISTRIGHTS: the owner has all rights, others can be given each of them (RFC 4314 3.4)."""
    identifier = _identifier(command.identifier)
    mailbox = await session.account.mailbox(command.mailbox)
    await mailbox.acl()  # which needs the right that is needed for this, too
    every = write_rights(ALL_RIGHTS)
    owns = identifier.removeprefix(NEGATIVE) == _owner(session, mailbox)
    required = every if owns and not identifier.startswith(NEGATIVE) else ""
    optional = every if session.service.store.shares and not owns else ""
    await session.send(
        ListRightsResponse(command.mailbox, command.identifier, required, tuple(optional))
    )
    return Ok("LISTRIGHTS completed")


async def serve_my_rights(session: ImapSession, tag: str, command: MyRights) -> Condition:
    """MYRIGHTS (RFC 4314 3.5)."""
    mailbox = await session.account.mailbox(command.mailbox)
    await session.send(MyRightsResponse(command.mailbox, write_rights(mailbox.rights)))
    return Ok("MYRIGHTS completed")


HANDLERS: Mapping[type, Handler] = {
    SetAcl: serve_set_acl,
    DeleteAcl: serve_delete_acl,
    GetAcl: serve_get_acl,
    ListRights: serve_list_rights,
    MyRights: serve_my_rights,
}
