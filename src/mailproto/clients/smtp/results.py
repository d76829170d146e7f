"""What becomes of a message, recipient by recipient."""

from mailproto._value import value
from mailproto.errors import CommandFailed
from mailproto.smtp import Reply

__all__ = ["DeliveryFailed", "RecipientResult", "SendResult"]


@value
class RecipientResult:
    """What became of one recipient: the server's last word on it."""

    recipient: str
    reply: Reply

    @property
    def accepted(self) -> bool:
        """Whether the server took responsibility for the message to this recipient."""
        return self.reply.is_positive


@value
class SendResult:
    """What became of a message, recipient by recipient, in the order given."""

    sender: str
    recipients: tuple[RecipientResult, ...]

    @property
    def accepted(self) -> tuple[str, ...]:
        """The recipients that the server took the message for."""
        return tuple(r.recipient for r in self.recipients if r.accepted)

    @property
    def refused(self) -> dict[str, Reply]:
        """The others, and why."""
        return {r.recipient: r.reply for r in self.recipients if not r.accepted}


class DeliveryFailed(CommandFailed):
    """The server took the message for no recipient at all; ``result`` tells each one's reply."""

    def __init__(self, result: SendResult) -> None:
        first = result.recipients[0]
        super().__init__(
            f"no recipient was accepted: {first.recipient}: {first.reply}", first.reply
        )
        self.result = result
