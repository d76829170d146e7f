"""All rows of the table, in its order."""

from benchmarks import (
    imap_body,
    imap_client,
    imap_dovecot,
    imap_server,
    loopback,
    memory,
    pop3_client,
    pop3_server,
    scaling,
    smtp_client,
    smtp_server,
)

ROWS = (
    *imap_client.ROWS,
    *imap_body.ROWS,
    *imap_server.ROWS,
    *smtp_server.ROWS,
    *smtp_client.ROWS,
    *pop3_client.ROWS,
    *pop3_server.ROWS,
    *loopback.ROWS,
    *imap_dovecot.ROWS,
    *memory.ROWS,
    *scaling.ROWS,
)
