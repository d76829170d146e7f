"""The folders of one Maildir: found, made, renamed and removed. All of it blocks."""

import os
import shutil
from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from pathlib import Path

from mailproto._durable import make_directory, sync_directory
from mailproto.stores.acl import Acl
from mailproto.stores.disk import dot_lock, unique_name
from mailproto.stores.interface import MailboxInfo, StoreError
from mailproto.stores.maildir.acl_file import ACL_FILE, read_acl, write_acl
from mailproto.stores.maildir.grants import Grants, grantees
from mailproto.stores.maildir.index import FolderRow, Index
from mailproto.stores.maildir.names import DELIMITER, folder_name, mailbox_name
from mailproto.stores.maildir.records import read_annotations, write_annotations
from mailproto.stores.rules import (
    SPECIAL_USE,
    annotated,
    attributes_of,
    canonical_name,
    check_room,
    new_name,
    new_names,
    parent_of,
)

__all__ = ["INDEX", "Tree"]

INDEX = "mailproto.sqlite"
_ANNOTATIONS = "mailproto-annotations"
_ACCOUNT_ANNOTATIONS = "mailproto-account"
_MAKING = "mailproto-new-"
_REMOVING = "mailproto-old-"
_PARTS = ("tmp", "new", "cur")
_MODE = 0o700


class Tree:
    """A Maildir with its folders; it is made if it is not there. Raises ``OSError``.

    ``owner`` is noted in ``grants`` when others are granted something; without these, nothing is.
    """

    def __init__(self, root: Path, owner: str, grants: Grants | None) -> None:
        self.root = root
        self._owner = owner
        self._grants = grants
        for part in _PARTS:
            make_directory(root / part)
        for rest in root.glob(f"{_REMOVING}*"):  # a removal that was broken off
            shutil.rmtree(rest, ignore_errors=True)
        self.index = Index(root / INDEX)

    def folders(self) -> dict[str, str]:
        """Return the directories of all mailboxes, by their names."""
        found = {"INBOX": ""}
        with os.scandir(self.root) as entries:
            for entry in entries:
                name = mailbox_name(entry.name) if entry.name.startswith(".") else None
                if name is not None and _is_folder(Path(entry.path)):
                    found[name] = entry.name
        return found

    def present(self) -> dict[str, str]:
        """Return what :meth:`folders` does; the index forgets those that are gone."""
        folders = self.folders()
        there = set(folders.values())
        gone = [row.name for row in self.index.folders() if row.name not in there]
        if gone:
            with self.index.writing():
                for folder in gone:
                    self.index.forget_folder(folder)
        return folders

    def list(self) -> list[MailboxInfo]:
        """Return all mailboxes, sorted."""
        return [
            MailboxInfo(name, attributes_of(read_annotations(self.root / folder / _ANNOTATIONS)))
            for name, folder in sorted(self.present().items())
        ]

    def find(self, name: str) -> FolderRow:
        """Return what the index knows of a mailbox. Raises :class:`StoreError` NONEXISTENT."""
        return self.index.folder_named(self._existing(name))

    def _existing(self, name: str) -> str:
        with suppress(StoreError):
            folder = folder_name(canonical_name(name, DELIMITER))
            if _is_folder(self.root / folder):
                return folder
        raise StoreError("NONEXISTENT", f"there is no mailbox {name}")

    def create(self, name: str, attributes: Collection[str]) -> FolderRow:
        """Make a mailbox, whole or not at all."""
        name = new_name(name, DELIMITER)
        folder = folder_name(name)
        path = self.root / folder
        if _is_folder(path):
            raise StoreError("ALREADYEXISTS", f"there is a mailbox {name} already")
        check_room(self.folders())
        made = self.root / f"{_MAKING}{unique_name()}"
        made.mkdir(mode=_MODE)
        try:
            for part in _PARTS:
                (made / part).mkdir(mode=_MODE)
            (made / "maildirfolder").touch(mode=0o600)
            if attributes:
                annotations = {SPECIAL_USE: " ".join(sorted(attributes)).encode()}
                write_annotations(made / _ANNOTATIONS, annotations)
            inherited = self._inherited(name)
            if inherited:
                write_acl(made, inherited)
            sync_directory(made)
            os.rename(made, path)
        except BaseException:
            shutil.rmtree(made, ignore_errors=True)
            raise
        sync_directory(self.root)
        with self.index.writing():
            self.index.forget_folder(folder)  # of that name from before
            return self.index.folder_named(folder)

    def _inherited(self, name: str) -> Acl:
        """Return the ACL of the nearest mailbox above a name."""
        parent = parent_of(name, self.folders(), DELIMITER) if DELIMITER in name else None
        return {} if parent is None else read_acl(self.root / folder_name(parent))

    def delete(self, name: str) -> str:
        """Remove a mailbox and its messages; return its name."""
        folder = self._existing(name)
        if not folder:
            raise StoreError("CANNOT", "INBOX can not be deleted")
        removed = self.root / f"{_REMOVING}{unique_name()}"
        with self.index.writing():
            os.rename(self.root / folder, removed)
            sync_directory(self.root)
            self.index.forget_folder(folder)
        shutil.rmtree(removed, ignore_errors=True)
        return canonical_name(name, DELIMITER)

    def rename(self, name: str, new: str) -> dict[str, str]:
        """Rename a mailbox with those below it; return the new names by the old ones."""
        self._existing(name)
        moves = new_names(self.folders(), canonical_name(name, DELIMITER), new, DELIMITER)
        directories = [(folder_name(old), folder_name(new)) for old, new in moves.items()]
        with self.index.writing():
            for old_folder, new_folder in directories:
                os.rename(self.root / old_folder, self.root / new_folder)
                self.index.rename_folder(old_folder, new_folder)
            sync_directory(self.root)
        return moves

    def acls(self) -> dict[str, Acl]:
        """Return the ACLs of the mailboxes that have one."""
        found = {name: read_acl(self.root / folder) for name, folder in self.folders().items()}
        return {name: acl for name, acl in found.items() if acl}

    def change_acl(self, folder: Path, change: Callable[[Acl], Acl]) -> None:
        """Have a function make a new ACL of that of a folder. Raises what it raises, too."""
        if self._grants is None:
            raise StoreError("NOPERM", "mailboxes are not shared here")
        with self.index.writing(), dot_lock(folder / f"{ACL_FILE}.lock"):
            before = read_acl(folder)
            after = change(before)
            self._grants.note(self._owner, grantees(after, *self.acls().values()))
            write_acl(folder, after)
            self._grants.forget(self._owner, grantees(before) - grantees(*self.acls().values()))

    def annotations(self, name: str) -> Mapping[str, bytes]:
        """Return the annotations of a mailbox, or with "" of the account."""
        return read_annotations(self._annotation_file(name))

    def annotate(self, name: str, entries: Mapping[str, bytes | None]) -> None:
        """Change annotations."""
        file = self._annotation_file(name)
        with self.index.writing():
            write_annotations(file, annotated(read_annotations(file), entries))

    def _annotation_file(self, name: str) -> Path:
        if not name:
            return self.root / _ACCOUNT_ANNOTATIONS
        return self.root / self._existing(name) / _ANNOTATIONS


def _is_folder(path: Path) -> bool:
    """Whether a directory, and no link to one, is a Maildir."""
    return (path / "cur").is_dir() and not path.is_symlink()
