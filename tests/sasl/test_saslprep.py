"""SASLprep against the examples of RFC 4013 and the rules of RFC 3454."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailproto.sasl import SaslError, saslprep
from mailproto.sasl.saslprep import check_trace

BOTH_FORMS = pytest.mark.parametrize("allow_unassigned", [False, True])

EXAMPLES = [  # RFC 4013 section 3
    ("I\u00adX", "IX"),
    ("user", "user"),
    ("USER", "USER"),
    ("\u00aa", "a"),
    ("\u2168", "IX"),
    # our own
    ("", ""),
    ("a\u00a0b\u3000c", "a b c"),  # non-ASCII spaces (2.1)
    ("a\u1806\u200b\ufe0fb", "ab"),  # mapped to nothing (2.1)
    ("\u00bd\u00b4", "1\u20442 \u0301"),  # RFC 5802 2.2: where forms C and KC differ
    ("e\u0301", "é"),
    ("\u0627\u0628", "\u0627\u0628"),
    ("\u06271\u0628", "\u06271\u0628"),
    ("\u00ad", ""),
]

PROHIBITED = [
    "\u0007",  # RFC 4013 section 3
    "\u06271",  # RFC 4013 section 3, bidirectional
    "1\u0627",
    "\u0627a\u0627",
    "a\x7f",
    "\x00",
    "\u0085",
    "\u2028",
    "\ue000",  # private use
    "\ufdd0",  # not a character
    "\U0001fffe",
    "\ud800",  # a surrogate
    "\ufffd",  # inappropriate for plain text
    "\u2ff0",  # inappropriate for canonical representation
    "\u200e",  # changes display
    "\U000e0041",  # a tag
]


@BOTH_FORMS
@pytest.mark.parametrize(("text", "prepared"), EXAMPLES)
def test_examples(text: str, prepared: str, allow_unassigned: bool) -> None:
    assert saslprep(text, allow_unassigned=allow_unassigned) == prepared


@BOTH_FORMS
@pytest.mark.parametrize("text", PROHIBITED)
def test_prohibited(text: str, allow_unassigned: bool) -> None:
    with pytest.raises(SaslError):
        saslprep(text, allow_unassigned=allow_unassigned)


@pytest.mark.parametrize("text", ["\u0221", "fox \U0001f98a", "\U0001f100"])
def test_unassigned_in_unicode_3_2(text: str) -> None:
    assert saslprep(text, allow_unassigned=True) == text
    with pytest.raises(SaslError, match="not assigned"):
        saslprep(text)


@pytest.mark.parametrize("text", ["", "ann@example.org", "a b", "\u00a0", "\U0001f98a", "\u2ff0"])
def test_trace(text: str) -> None:
    """RFC 4505 section 3: no mapping; spaces, unassigned and table C.7 are permitted."""
    check_trace(text)


@pytest.mark.parametrize("text", ["\t", "\u0085", "\ue000", "\ufffd", "\u06271", "\u200e"])
def test_trace_prohibited(text: str) -> None:
    with pytest.raises(SaslError):
        check_trace(text)


@given(st.text(), st.booleans())
def test_any_text_is_prepared_once_for_all(text: str, allow_unassigned: bool) -> None:
    try:
        prepared = saslprep(text, allow_unassigned=allow_unassigned)
    except SaslError:
        return
    assert saslprep(prepared, allow_unassigned=allow_unassigned) == prepared


@given(st.text(st.characters(codec="ascii", categories=["L", "N", "P", "S", "Zs"])))
def test_printable_ascii_stays(text: str) -> None:
    assert saslprep(text) == text
