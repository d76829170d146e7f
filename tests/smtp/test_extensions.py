"""What a server offers: EHLO keywords with the examples of their RFCs."""

import pytest

from mailproto.smtp import DEFAULT_EXTENSIONS, Extensions, FutureRelease, PeerLimits

# Every keyword with parameters, and what the property that reads them says.
KEYWORDS = [
    ("RFC 1870 8", "SIZE 1000000", "size", 1000000),
    ("RFC 1870 3", "SIZE", "size", None),
    ("RFC 1870 3", "SIZE 0", "size", None),
    ("RFC 1870 3", "SIZE many", "size", None),
    ("RFC 1870 3", "SIZE " + 21 * "9", "size", None),
    ("RFC 1870 3", "SIZE ٣", "size", None),
    ("RFC 4954 4.1", "AUTH GSSAPI DIGEST-MD5", "auth", ("GSSAPI", "DIGEST-MD5")),
    ("RFC 4954 3", "auth plain Login", "auth", ("PLAIN", "LOGIN")),
    ("RFC 4954 3", "AUTH", "auth", ()),
    ("RFC 2852 5", "DELIVERBY 240", "deliver_by", 240),
    ("RFC 2852 5", "DELIVERBY", "deliver_by", None),
    ("RFC 2852 2", "DELIVERBY 30,extra", "deliver_by", 30),
    ("RFC 6710 11", "MT-PRIORITY STANAG4406", "mt_priority", "STANAG4406"),
    ("RFC 6710 11", "MT-PRIORITY", "mt_priority", None),
    (
        "RFC 4865 4",
        "FUTURERELEASE 86400 2030-01-01T00:00:00Z",
        "future_release",
        FutureRelease(86400, "2030-01-01T00:00:00Z"),
    ),
    ("RFC 4865 4", "FUTURERELEASE 86400", "future_release", None),
    ("RFC 4865 4", "FUTURERELEASE soon 2030-01-01T00:00:00Z", "future_release", None),
    ("RFC 3865 2.7", "NO-SOLICITING net.example:ADV", "no_soliciting", ("net.example:ADV",)),
    ("RFC 3865 2.1", "NO-SOLICITING a:b,c:d", "no_soliciting", ("a:b", "c:d")),
    ("RFC 3865 2.1", "NO-SOLICITING", "no_soliciting", ()),
    ("RFC 9422 5", "LIMITS RCPTMAX=20 MAILMAX=5", "limits", PeerLimits(mailmax=5, rcptmax=20)),
    ("RFC 9422 4", "LIMITS rcptdomainmax=1 X=2", "limits", PeerLimits(rcptdomainmax=1)),
    ("RFC 9422 4", "LIMITS RCPTMAX=0 MAILMAX RCPTDOMAINMAX=x", "limits", PeerLimits()),
    ("RFC 4468 3.4", "BURL imap", "burl", ("imap",)),
    ("Postfix XCLIENT", "XCLIENT NAME ADDR", "xclient", ("NAME", "ADDR")),
    ("Postfix XFORWARD", "XFORWARD NAME PROTO", "xforward", ("NAME", "PROTO")),
]
BARE = (
    *("8BITMIME", "PIPELINING", "CHUNKING", "BINARYMIME", "SMTPUTF8", "DSN", "STARTTLS", "ETRN"),
    *("ENHANCEDSTATUSCODES", "REQUIRETLS", "RRVS", "MTRK", "CONPERM", "CONNEG", "VRFY", "EXPN"),
    *("HELP", "X-UNHEARD-OF"),
)


@pytest.mark.parametrize(("source", "line", "name", "expected"), KEYWORDS)
def test_keyword(source: str, line: str, name: str, expected: object) -> None:
    extensions = Extensions([line])
    assert getattr(extensions, name) == expected, source
    assert getattr(Extensions(), name) in (None, (), PeerLimits())
    assert Extensions(extensions.lines) == extensions


@pytest.mark.parametrize("keyword", BARE)
def test_bare_keyword(keyword: str) -> None:
    for line in (keyword, keyword.lower()):
        extensions = Extensions([line])
        assert keyword in extensions
        assert extensions[keyword] == ()
        assert extensions.lines == (keyword,)
        assert not extensions.defects
    assert keyword not in Extensions()


def test_unknown_keywords_keep_their_parameters() -> None:
    extensions = Extensions(["XFOO bar Baz=1", "HELP"])
    assert extensions["XFOO"] == ("bar", "Baz=1")
    assert list(extensions) == ["XFOO", "HELP"]
    assert len(extensions) == 2
    assert extensions.lines == ("XFOO bar Baz=1", "HELP")


def test_lines_of_one_keyword_are_joined() -> None:
    assert Extensions(["AUTH PLAIN", "AUTH LOGIN PLAIN"]).auth == ("PLAIN", "LOGIN")


def test_auth_with_equals_sign() -> None:
    """What servers older than RFC 2554 say, often beside the other form."""
    extensions = Extensions(["AUTH=LOGIN PLAIN", "AUTH LOGIN"])
    assert extensions.auth == ("LOGIN", "PLAIN")
    assert [defect.section for defect in extensions.defects] == ["RFC 4954 3"]


@pytest.mark.parametrize("line", ["", " ", "*", "-X", "É", "a_b", "=x"])
def test_what_is_no_keyword_is_noted(line: str) -> None:
    extensions = Extensions([line, "HELP"])
    assert list(extensions) == ["HELP"]
    assert [defect.section for defect in extensions.defects] == ["RFC 5321 4.1.1.1"]


def test_copies() -> None:
    first = Extensions(["SIZE 10", "HELP"])
    assert first.with_lines("SIZE 20", "XFOO").lines == ("HELP", "SIZE 20", "XFOO")
    assert first.without("SIZE").lines == ("HELP",)
    assert first.without("OTHER") == first
    assert first.lines == ("SIZE 10", "HELP")
    assert first != Extensions(["SIZE 20", "HELP"])
    assert first != "SIZE"
    assert repr(first) == "Extensions(['SIZE 10', 'HELP'])"


def test_what_the_core_does_by_itself() -> None:
    assert "PIPELINING" in DEFAULT_EXTENSIONS
    assert "STARTTLS" not in DEFAULT_EXTENSIONS
    assert "AUTH" not in DEFAULT_EXTENSIONS
