"""Whatever a user tries with the mailboxes of another, only what the rights allow happens."""

from hypothesis import given, settings
from hypothesis import strategies as st

from mailproto._value import value
from mailproto.stores import MemoryStore
from mailproto.stores.acl import ALL_RIGHTS, Acl, Rights, right_to_change, rights_of

from .puppet import settle
from .test_acl import BOX, House

SECRET = b"Subject: a-secret\r\n\r\nanother-secret\r\n"
WORDS = ("a-secret", "another-secret", "hidden-name")

FLAGS = st.lists(st.sampled_from([r"\Seen", r"\Deleted", r"\Flagged", "Key"]), unique=True).map(
    lambda flags: f"({' '.join(flags)})"
)
ITEMS = st.sampled_from(["+FLAGS", "-FLAGS", "FLAGS", "+FLAGS.SILENT", "FLAGS.SILENT"])
NUMBERS = st.sampled_from(["1", "2:3", "1:*", "*"])
PLACES = st.sampled_from([BOX, f"{BOX}/Sub", "user/ann/hidden-name", "INBOX", "user/ann/INBOX"])
NAMES = st.sampled_from([BOX, f"{BOX}/Sub", f"{BOX}/New", "user/ann/New", "Mine", "user/ann"])
RIGHTS = st.text("lrswipkxtea", max_size=6)
ENTRY = st.sampled_from(['(/shared/a "x")', '(/private/a "x")'])
TEXT = "{1+}\r\nx"
COMMANDS: tuple[tuple[str | st.SearchStrategy[str], ...], ...] = (
    ("SELECT", PLACES),
    ("EXAMINE", PLACES),
    ("STATUS", PLACES, "(MESSAGES SIZE)"),
    ("STORE", NUMBERS, ITEMS, FLAGS),
    ("FETCH", NUMBERS, "(FLAGS BODY[] ENVELOPE)"),
    ("SEARCH TEXT another-secret",),
    ("COPY", NUMBERS, PLACES),
    ("MOVE", NUMBERS, PLACES),
    ("REPLACE", st.sampled_from("123"), PLACES, FLAGS, TEXT),
    ("APPEND", PLACES, FLAGS, TEXT),
    ("APPEND INBOX CATENATE", PLACES.map('(URL "/{}/;UID=1")'.format)),
    ("EXPUNGE",),
    ("UID EXPUNGE", NUMBERS),
    ("CLOSE",),
    ("CREATE", NAMES),
    ("DELETE", NAMES),
    ("RENAME", NAMES, NAMES),
    ("SETACL", PLACES, "bob", RIGHTS.map('"{}"'.format)),
    ("DELETEACL", PLACES, "bob"),
    ("GETACL", PLACES),
    ("GETMETADATA", PLACES, "(/shared/note /private/note)"),
    ("SETMETADATA", PLACES, ENTRY),
    ('LIST "" * RETURN (STATUS (MESSAGES) MYRIGHTS)',),
    ("NOOP",),
)


@st.composite
def commands(draw: st.DrawFn) -> str:
    parts = draw(st.sampled_from(COMMANDS))
    return " ".join(part if isinstance(part, str) else draw(part) for part in parts)


@value
class Box:
    """A mailbox of ann's at one moment, and what bob may do with it."""

    flags: dict[int, frozenset[str]]
    acl: Acl
    shared: dict[str, bytes]
    private: dict[str, bytes]

    @property
    def rights(self) -> Rights:
        return rights_of(self.acl, "bob")


def snapshot(store: MemoryStore) -> dict[str, tuple[str, Box]]:
    """The mailboxes of ann by their ids, with their names."""
    account = settle(store.account("ann"))
    found = {}
    for info in settle(account.mailboxes()):
        mailbox = settle(account.mailbox(info.name))
        entries = settle(account.metadata(info.name))
        found[mailbox.mailbox_id] = (
            info.name,
            Box(
                {each.uid: each.flags for each in settle(mailbox.messages())},
                dict(settle(mailbox.acl())),
                {entry: text for entry, text in entries.items() if entry.startswith("/shared")},
                {entry: text for entry, text in entries.items() if entry.startswith("/private")},
            ),
        )
    return found


def allowed(before: Box, after: Box) -> None:
    """Check that what bob did to a mailbox is what the rights from before allow."""
    rights = before.rights
    assert after.flags.keys() <= before.flags.keys() or "i" in rights
    assert after.flags.keys() >= before.flags.keys() or rights >= {"e"}
    for uid, flags in after.flags.items():
        changed = flags ^ before.flags.get(uid, frozenset())
        assert {right_to_change(flag) for flag in changed} <= rights
    assert after.acl == before.acl or "a" in rights
    assert after.shared == before.shared or rights >= {*"lw"}
    assert after.private == before.private


@settings(max_examples=100, deadline=None)
@given(
    rights=st.one_of(RIGHTS, RIGHTS.map(lambda without: "".join(ALL_RIGHTS - {*without}))),
    below=RIGHTS,
    tried=st.lists(commands(), min_size=1, max_size=8),
)
def test_nothing_happens_without_a_right(rights: str, below: str, tried: list[str]) -> None:
    house = House(rights)
    house.ann.ok("CREATE Work/Sub")
    house.grant(below, box="Work/Sub")
    house.ann.ok("CREATE hidden-name")
    for name in ("Work", "Work/Sub", "hidden-name", "INBOX"):
        house.ann.ok(f"APPEND {name} (\\Deleted) {{{len(SECRET)}+}}\r\n{SECRET.decode()}")
        house.ann.ok(f'SETMETADATA {name} (/private/note "another-secret")')
    house.bob.ask(f"SELECT {BOX}")
    reads = False
    for command in tried:
        before = snapshot(house.store)
        answers = house.bob.ask(command)
        after = snapshot(house.store)
        known = dict(before.values())
        reads = reads or any("r" in box.rights for box in known.values())
        said = " ".join(answers).replace(command.split("\r\n")[0], "")
        if not reads:
            assert not any(word in said for word in WORDS[:2]), answers
        assert command.count("hidden-name") or "hidden-name" not in said, answers
        for number in before.keys() & after.keys():
            (old_name, old), (new_name, new) = before[number], after[number]
            allowed(old, new)
            if old_name != new_name:
                top = old_name if old_name in ("Work", "Work/Sub") else "Work"
                assert "x" in known[top].rights or "x" in known["Work"].rights
        for number in before.keys() - after.keys():
            assert "x" in before[number][1].rights
        for number in after.keys() - before.keys():
            name, box = after[number]
            assert "k" in box.rights
            assert name.startswith("Work/")
        if answers[-1].startswith("BYE"):
            break
