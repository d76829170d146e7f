"""What ``mailproto fetch`` did, counted."""

from mailproto.cli.display import count, size

__all__ = ["FetchTally"]


class FetchTally:
    """How many messages were fetched, were here already and so on, over all mailboxes."""

    def __init__(self) -> None:
        self.fetched = 0
        self.octets = 0
        """Those of the messages that were fetched."""
        self.here = 0
        self.marked = 0
        """Messages here whose flags changed on the server."""
        self.pruned = 0
        self.deleted = 0
        self.refused = 0
        self.mailboxes_refused = 0

    @property
    def complete(self) -> bool:
        """Whether nothing was refused."""
        return not (self.refused or self.mailboxes_refused)

    def summary(self, *, deleting: bool) -> str:
        """Say it in one line."""
        parts = [f"{count(self.fetched, 'message')} fetched"]
        parts[0] += f" ({size(self.octets)})" if self.fetched else ""
        parts.append(f"{self.here} here already")
        parts += [f"{self.marked} with new flags"] if self.marked else []
        parts += [f"{self.pruned} pruned"] if self.pruned else []
        parts += [f"{self.refused} refused"] if self.refused else []
        if self.mailboxes_refused:
            word = "mailbox" if self.mailboxes_refused == 1 else "mailboxes"
            parts.append(f"{self.mailboxes_refused} {word} refused")
        deleted = f"; {self.deleted} deleted from the server" if deleting else ""
        return f"{', '.join(parts)}{deleted}."
