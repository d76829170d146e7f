"""The SMTP client as plain async code over a stream; get one from a binding's ``connect_smtp``."""

from mailproto.clients.smtp.client import SmtpClient
from mailproto.clients.smtp.results import DeliveryFailed, RecipientResult, SendResult

__all__ = ["DeliveryFailed", "RecipientResult", "SendResult", "SmtpClient"]
