"""The same IMAP sessions with Dovecot and with our server, over each store: the same answers.

``imap_scripts`` has the sessions. Where the answers differ on purpose, the script says how, and why
that is right; what differs everywhere is in ``EVERYWHERE``.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import pytest

from mailproto.sasl import PasswordAuthenticator
from mailproto.stores import MailStore, MemoryStore
from mailproto.stores.maildir import MaildirStore

from ..libraries import LIBRARIES, Library
from .dovecot import Dovecot
from .imap_script import FOLDER, Step, read_script
from .imap_wire import play
from .peers import ANN, HOST, Certificates

Told = Sequence[Counter[str]]
"""What is told of each command of a script."""

_SETTINGS = r"""
namespace inbox {
  separator = /
}
mail_attribute_dict = file:%h/attributes
mail_plugins = quota
protocol imap {
  imap_metadata = yes
  mail_plugins = $mail_plugins imap_quota
}
plugin {
  quota = count
  quota_rule = *:storage=100K
  quota_vsizes = yes
}
"""
_CAPACITY = 100 * 1024  # octets

EVERYWHERE: Mapping[str, str] = {
    r"[+] \* \[HIGHESTMODSEQ n\]": "RFC 7162 3.1.2: at every SELECT; Dovecot's wait to be asked",
    r"[+] (\* )?\[MAILBOXID \(n\)\]": "RFC 8474 4.1, 4.2: at SELECT and CREATE",
    r"[+] \[(NONEXISTENT|ALREADYEXISTS|CANNOT|READ-ONLY|NOPERM)\]": "RFC 5530 3: codes are a help",
    r"[+] \* L(IST|SUB) \(\\Has(No)?Children\) NIL .*": "RFC 5258 4: may be told unasked",
    r"[+] \* LSUB \(\\Noselect\) NIL .*": "RFC 3501 6.3.9: the attributes may be others",
    r"[+] \* LIST \(\\NonExistent\) NIL .*": "RFC 5258 3: also in a plain LIST",
    r"[+] \* LIST \(\\Noselect\) NIL .*": "RFC 5258 3: implied; old clients know no \\NonExistent",
    r"- \[(CLIENTBUG|ALERT|CANNOT)\]": "RFC 9051 7.1: hints to users and programmers",
    r"[-+] \* \d+ RECENT": "RFC 3501 7.3.2: when messages come; Dovecot also tells when they go",
    r"- \* \[PERMANENTFLAGS \(.*\)\]": r"RFC 9051 7.1: for SELECT; keywords are in \* already",
}
"""What only we (+) or only Dovecot (-) may tell at any command, and why."""

STORES: Mapping[str, Callable[[Library, Path], MailStore]] = {
    "memory": lambda library, folder: MemoryStore(capacity=_CAPACITY),
    "maildir": lambda library, folder: MaildirStore(folder, library.runtime, capacity=_CAPACITY),
}

SCRIPTS = sorted({file.stem for file in FOLDER.glob("*.txt")} - {"three", "many"})

SERVERS = dict(zip(STORES, LIBRARIES, strict=True))
"""On which library the server runs; that it makes no difference is tested elsewhere."""

GAMES = [
    pytest.param(SERVERS[kind], script, kind, id=f"{script}-{kind}")
    for script in SCRIPTS
    for kind in STORES
]


@pytest.fixture(scope="module")
def theirs(certificates: Certificates) -> Iterator[Callable[[str], Told]]:
    """What Dovecot tells at each script; it is asked once."""
    answers: dict[str, Told] = {}

    def ask(script: str) -> Told:
        if script not in answers:
            peer.maildir(ANN).clear()
            answers[script] = play(peer.imap_port, read_script(script))
        return answers[script]

    with Dovecot(certificates, settings=_SETTINGS) as peer:
        yield ask


async def ours(library: Library, store: MailStore, script: str) -> Told:
    """What our server tells."""
    authenticator = PasswordAuthenticator({ANN.name: ANN.password})
    async with library.binding.serve_imap(
        store, authenticator, HOST, allow_plaintext=True, auth_failure_delay=0
    ) as server:
        return await library.runtime.in_thread(lambda: play(server.port, read_script(script)))


def lines(theirs: Counter[str], ours: Counter[str]) -> list[str]:
    """What only one of both tells, as in a patch."""
    sides = {"-": theirs - ours, "+": ours - theirs}
    return [f"{sign} {fact}" for sign in sides for fact in sorted(sides[sign].elements())]


def rules_for(line: str) -> set[str]:
    """The rules of ``EVERYWHERE`` that let a line be told."""
    return {pattern for pattern in EVERYWHERE if re.fullmatch(pattern, line)}


def _wrong(step: Step, one: Counter[str], other: Counter[str]) -> str | None:
    """Say how the answers differ, if not as the script says."""
    found = [line for line in lines(one, other) if not rules_for(line)]
    if found == lines(step.theirs, step.ours):
        return None
    return "\n".join([f"{step.place}: {step.command}", *found])


@pytest.mark.parametrize(("library", "script", "kind"), GAMES, indirect=["library"])
async def test_the_answers_are_the_same(
    library: Library,
    theirs: Callable[[str], Told],
    tmp_path: Path,
    script: str,
    kind: str,
) -> None:
    one = theirs(script)
    other = await ours(library, STORES[kind](library, tmp_path / "mail"), script)
    steps = read_script(script)
    said = [_wrong(*step) for step in zip(steps, one, other, strict=True)]
    wrong = [text for text in said if text is not None]
    assert not wrong, "\n".join(["the answers differ, but not as the script says:", *wrong])


async def test_every_rule_is_needed(library: Library, theirs: Callable[[str], Told]) -> None:
    needed: set[str] = set()
    for script in ("anew", "mailboxes", "store"):  # each rule in one of them
        other = await ours(library, MemoryStore(), script)
        for pair in zip(theirs(script), other, strict=True):
            needed |= set[str]().union(*map(rules_for, lines(*pair)))
    assert needed == EVERYWHERE.keys()


@pytest.mark.parametrize("script", SCRIPTS)
def test_each_difference_has_its_reason(script: str) -> None:
    for step in read_script(script):
        if step.theirs or step.ours:
            assert re.search(r"\bRFC \d+ ", step.reason), f"{step.place}: which RFC allows this?"


def test_no_rule_is_without_a_reason() -> None:
    assert all(reason.startswith("RFC ") for reason in EVERYWHERE.values())
