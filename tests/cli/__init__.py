"""The command, run as people run it, and the inboxes behind it."""
