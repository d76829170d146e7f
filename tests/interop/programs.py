"""Real client programs as command lines, and Postfix's test server smtp-sink.

Each client is a function from a Submission to an argument list; `run` gives it the message on
standard input.
"""

import os
import shlex
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import pytest

from .peers import ANN, BOB, HOST, Account, Delivery, Peer, free_port, program, read_deliveries

CLIENT_NAME = "client.example.test"


@dataclass(frozen=True)
class Submission:
    """What a client program is to do: where to send, in which envelope, how protected.

    authority_file is needed unless tls is "none". mechanism is the SASL name, as in "CRAM-MD5";
    without an account the program does not authenticate. The password of an account is the token
    for OAUTHBEARER and XOAUTH2, and empty for EXTERNAL, which needs client_file: key and
    certificate of the client.
    """

    port: int
    sender: str = ANN.address
    recipients: tuple[str, ...] = (BOB.address,)
    tls: Literal["none", "starttls", "implicit"] = "none"
    authority_file: Path | None = None
    account: Account | None = None
    mechanism: str = "PLAIN"
    client_file: Path | None = None
    lmtp: bool = False


def curl(job: Submission) -> list[str]:
    """Return curl's arguments. It knows no LMTP, and of SASL neither SCRAM nor DIGEST-MD5."""
    scheme = "smtps" if job.tls == "implicit" else "smtp"
    url = f"{scheme}://{HOST}:{job.port}/{CLIENT_NAME}"
    arguments = [program("curl", "curl"), "--verbose", "--url", url, "--upload-file", "-"]
    arguments += ["--mail-from", job.sender]
    for recipient in job.recipients:
        arguments += ["--mail-rcpt", recipient]
    if job.tls != "none":
        arguments += ["--ssl-reqd", "--cacert", str(job.authority_file)]
    if job.client_file is not None:
        arguments += ["--cert", str(job.client_file)]
    if job.account is not None:
        arguments += ["--user", f"{job.account.name}:{job.account.password}"]
        arguments += ["--login-options", f"AUTH={job.mechanism}"]
        if job.mechanism in ("OAUTHBEARER", "XOAUTH2"):
            arguments += ["--oauth2-bearer", job.account.password]
    return arguments


def swaks(job: Submission) -> list[str]:
    """Return swaks's arguments. It knows no SCRAM, and does not send every message unchanged.

    It appends CRLF, stuffs no dot in the first line, and takes a last line of "." as the end.
    """
    arguments = [program("swaks", "swaks"), "--server", HOST, "--port", str(job.port)]
    arguments += ["--helo", CLIENT_NAME, "--data", "-", "--no-strip-from", "--timeout", "20"]
    arguments += ["--from", job.sender, "--to", ",".join(job.recipients)]
    arguments += ["--protocol", "LMTP" if job.lmtp else "ESMTP"]
    if job.tls != "none":
        arguments += ["--tls" if job.tls == "starttls" else "--tls-on-connect"]
        arguments += ["--tls-verify", "--tls-ca-path", str(job.authority_file)]
    if job.account is not None:
        arguments += ["--auth", job.mechanism, "--auth-user", job.account.name]
        arguments += ["--auth-password", job.account.password]
    return arguments


def msmtp(job: Submission) -> list[str]:
    """Return msmtp's arguments."""
    arguments = [program("msmtp", "msmtp"), "--debug", f"--host={HOST}", f"--port={job.port}"]
    arguments += [f"--domain={CLIENT_NAME}", f"--protocol={'lmtp' if job.lmtp else 'smtp'}"]
    arguments += ["--set-from-header=off", "--set-date-header=off", "--set-msgid-header=off"]
    if job.tls != "none":
        arguments += ["--tls=on", f"--tls-trust-file={job.authority_file}"]
        arguments += [f"--tls-starttls={'on' if job.tls == 'starttls' else 'off'}"]
    if job.client_file is not None:
        arguments += [f"--tls-cert-file={job.client_file}", f"--tls-key-file={job.client_file}"]
    if job.account is not None:
        arguments += [f"--auth={job.mechanism.lower()}", f"--user={job.account.name}"]
        if job.account.password:
            arguments += [f"--passwordeval=printf %s {shlex.quote(job.account.password)}"]
    return [*arguments, f"--from={job.sender}", "--", *job.recipients]


def smtp_source(
    job: Submission,
    *,
    messages: int = 1,
    sessions: int = 1,
    length: int = 1000,
    numbered: bool = False,
    keep_open: bool = False,
) -> list[str]:
    """Return the arguments of Postfix's load generator, which makes its messages itself.

    sessions run in parallel and send one message each until all are sent (or with keep_open one
    after the other); length is the octets of one message's body. It uses the first recipient, with
    a number of its own in front in each message if numbered, and neither TLS nor AUTH.
    """
    arguments = [program("smtp-source", "postfix"), "-M", CLIENT_NAME, "-f", job.sender]
    arguments += ["-t", job.recipients[0]]
    flags = {"-L": job.lmtp, "-N": numbered, "-d": keep_open}
    arguments += [flag for flag, wanted in flags.items() if wanted]
    arguments += ["-m", str(messages), "-s", str(sessions), "-l", str(length)]
    return [*arguments, f"inet:{HOST}:{job.port}"]


def run(
    arguments: Sequence[str], message: bytes = b"", *, timeout: float = 60.0
) -> subprocess.CompletedProcess[str]:
    """Run a client to its end with the message on its standard input.

    Blocks (use a thread beside an event loop). The result's stdout holds all that it printed, for
    the failure message of `assert result.returncode == 0, result.stdout`. Raises TimeoutExpired
    after timeout seconds.
    """
    finished = subprocess.run(
        arguments,
        input=message,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=timeout,
        check=False,
    )
    output = finished.stdout.decode(errors="replace")
    return subprocess.CompletedProcess(finished.args, finished.returncode, output)


def succeed(arguments: Sequence[str], message: bytes = b"") -> str:
    """Run a client, which must succeed, and return what it printed."""
    result = run(arguments, message)
    assert result.returncode == 0, result.stdout
    return result.stdout


def imapflow() -> list[str]:
    """Return the command that runs imapflow.mjs; the npm package is where MAILPROTO_NODE says."""
    node = program("node", "nodejs")
    modules = Path(os.environ.get("MAILPROTO_NODE", Path(__file__).parents[2] / ".node"))
    if not (modules / "node_modules" / "imapflow").is_dir():
        reason = f"imapflow is not installed (npm install --prefix {modules} imapflow)"
        (pytest.fail if os.environ.get("MAILPROTO_REQUIRE_INTEROP") else pytest.skip)(reason)
    return [node, str(Path(__file__).with_name("imapflow.mjs")), str(modules)]


class SmtpSink(Peer):
    """Postfix's test server: keeps what it accepts, and can fail on purpose.

    options are its own, as in ("-f", "RCPT"): -f hard, -r soft refusals, -q disconnect, -Q 421 and
    disconnect, -L LMTP, -w delay. It listens at port.
    """

    def __init__(self, *options: str, port: int | None = None) -> None:
        sink = program("smtp-sink", "postfix")
        super().__init__("smtp-sink")
        self.port = self.greeting_port = port or free_port()
        self._mail = self.make_folder("mail", owner="nobody")
        self.command = [sink, "-u", "nobody", "-v", "-d", f"{self._mail}/"]
        self.command += [*options, f"inet:{HOST}:{self.port}", "100"]

    def deliveries(self) -> list[Delivery]:
        """Return the messages that it has accepted, the oldest first.

        Whole only once the client has seen its 250.
        """
        return read_deliveries(self._mail.iterdir(), end=b"\n")
