"""What holds for every response, and for any bytes."""

from contextlib import suppress

from hypothesis import given
from hypothesis import strategies as st

from mailproto.imap.framing import response_framer
from mailproto.imap.parse_response import (
    ResponseSyntaxError,
    encode_response,
    parse_response,
)
from mailproto.imap.responses import Response
from mailproto.limits import ImapLimits
from mailproto.testing.strategies import chunkings, mutated
from tests.imap.strategies import responses
from tests.imap.vectors_quirks import QUIRKS
from tests.imap.vectors_responses import RESPONSES

_WIRES = [*(vector.wire for vector in RESPONSES), *(quirk.wire for quirk in QUIRKS)]


@given(responses, st.booleans())
def test_round_trip(response: Response, utf8: bool) -> None:
    wire = encode_response(response, utf8=utf8)
    found = parse_response(wire, strict=True, utf8=utf8)
    assert found == response
    assert type(found) is type(response)
    assert encode_response(found, utf8=utf8) == wire


@given(responses, responses, st.data())
def test_framed_however_it_is_cut(first: Response, second: Response, data: st.DataObject) -> None:
    wires = [encode_response(response) for response in (first, second)]
    framer, found = response_framer(ImapLimits()), []
    for chunk in data.draw(chunkings(b"".join(wires))):
        framer.receive(chunk)
        while (frame := framer.next_frame()) is not None:
            found.append(frame)
    assert found == wires


@given(mutated(st.sampled_from(_WIRES)), st.booleans(), st.booleans())
def test_broken_bytes(wire: bytes, strict: bool, utf8: bool) -> None:
    """Nothing but the documented exception; and what is understood can be sent or is refused."""
    with suppress(ResponseSyntaxError):
        parse_response(wire, strict=strict, utf8=utf8)


@given(st.binary(max_size=60), st.booleans())
def test_any_bytes(junk: bytes, utf8: bool) -> None:
    for wire in (junk, b"* " + junk + b"\r\n", b"* 1 FETCH (BODY " + junk + b")\r\n"):
        with suppress(ResponseSyntaxError):
            parse_response(wire, utf8=utf8)
