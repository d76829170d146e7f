"""Access control lists as values, and in the file that Dovecot reads."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailproto.stores import StoreError
from mailproto.stores.acl import (
    ALL_RIGHTS,
    Acl,
    kept_flags,
    parse_rights,
    rights_of,
    write_rights,
)
from mailproto.stores.maildir.acl_file import ACL_FILE, read_acl, write_acl
from mailproto.stores.rules import acl_with, parent_of


def acl_of(**entries: str) -> Acl:
    """An ACL; ``not_`` stands for the dash of negative rights."""
    return {who.replace("not_", "-"): frozenset(rights) for who, rights in entries.items()}


@pytest.mark.parametrize(
    ("named", "told"),
    [
        ("", ""),
        ("rl", "lr"),
        ("lrswida", "lrswitead"),  # RFC 4314 2.1.1
        ("lrswikda", "lrswikteacd"),
        ("c", "kxc"),
        ("lrswipkxteacd", "lrswipkxteacd"),
        ("llll", "l"),
    ],
)
def test_rights_are_named_and_told(named: str, told: str) -> None:
    assert write_rights(parse_rights(named)) == told


@pytest.mark.parametrize("named", ["q", "lrQ", "L", "0", "+l", "l r", "l\n", "ł", "\x00"])
def test_other_letters_are_no_rights(named: str) -> None:
    with pytest.raises(ValueError, match="no right"):
        parse_rights(named)


@pytest.mark.parametrize(
    ("acl", "rights"),
    [
        (acl_of(), ""),
        (acl_of(bob="lr"), "lr"),
        (acl_of(carol="lr"), ""),
        (acl_of(anyone="lr"), "lr"),
        (acl_of(anyone="lrw", bob="l"), "l"),  # the entry for the user alone counts
        (acl_of(anyone="lrw", bob=""), ""),
        (acl_of(anyone="lrw", not_bob="w"), "lr"),
        (acl_of(anyone="lrw", not_carol="w"), "lrw"),
        (acl_of(bob="lrw", not_anyone="r", not_bob="w"), "l"),
        (acl_of(not_bob="lr"), ""),
    ],
)
def test_rights_of_a_user(acl: Acl, rights: str) -> None:
    assert rights_of(acl, "bob") == set(rights)


def test_negative_rights_are_nobodys_rights() -> None:
    """A user may have a name that begins with a dash."""
    acl = acl_of(not_bob="lrswipkxtea", anyone="l")
    assert rights_of(acl, "-bob") == {"l"}
    assert rights_of(acl_of(not_anyone="lr"), "-anyone") == set()


@pytest.mark.parametrize(
    ("rights", "kept"),
    [
        ("lrswipkxtea", ["\\Seen", "\\seen", "\\Deleted", "\\Draft", "$Forwarded"]),
        ("s", ["\\Seen", "\\seen"]),
        ("t", ["\\Deleted"]),
        ("w", ["\\Draft", "$Forwarded"]),
        ("lripkxea", []),
    ],
)
def test_flags_need_rights(rights: str, kept: list[str]) -> None:
    flags = ["\\Seen", "\\seen", "\\Deleted", "\\Draft", "$Forwarded"]
    assert kept_flags(flags, frozenset(rights)) == kept


def test_an_acl_has_a_limit() -> None:
    acl: Acl = {}
    for number in range(1000):
        acl = acl_with(acl, f"user{number}", ALL_RIGHTS)
    many = {**acl, **{f"more{number}": ALL_RIGHTS for number in range(1000)}}
    for full, who in ((many, "x"), ({}, "ü" * 40_000)):
        with pytest.raises(StoreError, match="room") as caught:
            acl_with(full, who, ALL_RIGHTS)
        assert caught.value.code == "LIMIT"
    assert acl_with(acl, "user0", None).keys() == acl.keys() - {"user0"}


@pytest.mark.parametrize(
    ("name", "parent"), [("a/b/c", "a"), ("a", None), ("b/c", None), ("/a", None), ("a/b", "a")]
)
def test_the_nearest_mailbox_above(name: str, parent: str | None) -> None:
    assert parent_of(name, {"a", "c"}, "/") == parent


# --- the file ---

WHO = st.text(st.characters(blacklist_categories=("Cc", "Cs", "Zl", "Zp")), min_size=1)


@given(st.dictionaries(WHO, st.frozensets(st.sampled_from(sorted(ALL_RIGHTS)))))
def test_what_is_written_is_read(
    tmp_path_factory: pytest.TempPathFactory, acl: dict[str, frozenset[str]]
) -> None:
    folder = tmp_path_factory.mktemp("folder")
    write_acl(folder, acl)
    assert read_acl(folder) == acl


def test_the_format_is_dovecots(tmp_path: Path) -> None:
    acl = {
        "anyone": frozenset("lr"),
        "-b o": frozenset("w"),
        'a"b\\ c': frozenset(),
        "x=y": ALL_RIGHTS,
    }
    write_acl(tmp_path, acl)
    assert (tmp_path / ACL_FILE).read_text().splitlines() == [
        '"-user=b o" w',
        '"user=a\\"b\\\\ c" ',
        "anyone lr",
        "user=x=y aeiklprstwx",
    ]
    (tmp_path / ACL_FILE).write_text(
        'anyone lr\n-anyone l\n"-user=a b" lr\n"user=a b\\"c\\\\d" lr\nuser=bob \nuser=c"d kxelt\n'
        "\n# a comment\nowner alr\n"
    )
    assert read_acl(tmp_path) == {
        "anyone": frozenset("lr"),
        "-anyone": frozenset("l"),
        "-a b": frozenset("lr"),
        'a b"c\\d': frozenset("lr"),
        "bob": frozenset(),
        'c"d': frozenset("kxelt"),
    }


@pytest.mark.parametrize(
    "content",
    [
        b"anyone lr\ngroup=x lr\n",
        b"anyone lr\n-group=x lr\n",
        b"anyone lr\ngroup-override=x\n",
        b"authenticated lr\n",
        b"anyone lr :custom\n",
        b"anyone lrq\n",
        b"anyone lr\n-user=bob",
        b"anyone lr\nuser\n",
        b"user=anyone lr\n",
        b"-user=anyone lr\n",
        b"user=-bob lr\n",
        b'anyone lr\n"user=bob lr\n',
        b"anyone lr\nuser=\xff lr\n",
        b"anyone lr\n\x00\n",
        b"anyone lr\n" * 20_000,
    ],
    ids=lambda content: repr(content[-20:]),
)
def test_what_is_not_understood_grants_nothing(tmp_path: Path, content: bytes) -> None:
    (tmp_path / ACL_FILE).write_bytes(content)
    assert read_acl(tmp_path) == {}
    with pytest.raises(StoreError, match="not understood") as caught:
        write_acl(tmp_path, {"bob": frozenset("lr")})
    assert caught.value.code == "CANNOT"
    assert (tmp_path / ACL_FILE).read_bytes() == content
