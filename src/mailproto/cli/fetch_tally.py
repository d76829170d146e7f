"""What ``mailproto fetch`` did, counted."""

from rich.console import Console

from mailproto.cli.display import count, say, size

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

    def show(self, to: Console, *, deleting: bool) -> None:
        """Print it in one line."""
        octets = f" ({size(self.octets)})" if self.fetched else ""
        mailboxes = "mailbox" if self.mailboxes_refused == 1 else "mailboxes"
        parts = [f"{count(self.fetched, 'message')} fetched{octets}", f"{self.here} here already"]
        for number, what in (
            (self.marked, "with new flags"),
            (self.pruned, "pruned"),
            (self.refused, "refused"),
            (self.mailboxes_refused, f"{mailboxes} refused"),
        ):
            if number:
                parts.append(f"{number} {what}")
        deleted = f"; {self.deleted} deleted from the server" if deleting else ""
        say(to, f"{', '.join(parts)}{deleted}.", "green" if self.complete else "bold red")
