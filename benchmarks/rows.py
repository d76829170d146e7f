"""All rows of the table, in its order."""

from benchmarks import loopback, memory, scaling, smtp_client, smtp_server

ROWS = (
    *smtp_server.ROWS,
    *smtp_client.ROWS,
    *loopback.ROWS,
    *memory.ROWS,
    *scaling.ROWS,
)
