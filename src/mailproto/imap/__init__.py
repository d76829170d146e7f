"""IMAP4rev1 and IMAP4rev2 as sans-IO state machines (RFC 3501, RFC 9051 and extensions)."""
