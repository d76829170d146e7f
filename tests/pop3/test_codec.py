"""The table of vectors, read and written, by the codec alone and through the cores."""

from typing import Any

import pytest

from mailproto.errors import LocalProtocolError
from mailproto.pop3 import (
    AuthResponse,
    Command,
    CommandSyntaxError,
    EndOfListing,
    Language,
    Languages,
    Response,
    ResponseCode,
    ResponseSyntaxError,
    Retr,
    ScanListings,
    UniqueIds,
    UnknownCommand,
    User,
    encode_command,
    encode_entries,
    encode_response,
    parse_auth_response,
    parse_command,
    parse_entry,
    parse_response,
)

from .vectors import (
    AUTH_RESPONSES,
    BROKEN_ENTRIES,
    COMMANDS,
    ENTRIES,
    MALFORMED_COMMANDS,
    MALFORMED_RESPONSES,
    ODD_ENTRIES,
    RESPONSES,
    SILENT,
    WITH_MORE,
    CommandVector,
    EntryVector,
    ResponseVector,
)

commands = pytest.mark.parametrize("vector", COMMANDS, ids=lambda v: v.line[:60])
responses = pytest.mark.parametrize("vector", RESPONSES, ids=lambda v: repr(v.line[:60]))


class TestCommands:
    @commands
    def test_read(self, vector: CommandVector) -> None:
        command = parse_command(vector.wire)
        assert command == vector.command
        assert bool(command.defects) is not (vector.canonical or vector.source in SILENT)

    @commands
    def test_strict(self, vector: CommandVector) -> None:
        if vector.canonical or vector.source in SILENT:
            assert parse_command(vector.wire, strict=True) == vector.command
        else:
            with pytest.raises(CommandSyntaxError):
                parse_command(vector.wire, strict=True)

    @commands
    def test_written(self, vector: CommandVector) -> None:
        if vector.canonical:
            assert encode_command(vector.command) == vector.wire

    @commands
    def test_bare_lf(self, vector: CommandVector) -> None:
        line = vector.line.encode() + b"\n"
        command = parse_command(line)
        assert command == vector.command
        assert command.defects[0].what == "line ends in bare LF"
        with pytest.raises(CommandSyntaxError):
            parse_command(line, strict=True)

    def test_every_command_has_vectors(self) -> None:
        seen = {type(vector.command).__name__ for vector in COMMANDS + AUTH_RESPONSES}
        assert seen == {cls.__name__ for cls in Command.__subclasses__()}

    @pytest.mark.parametrize("line", MALFORMED_COMMANDS, ids=lambda line: repr(line[:40]))
    def test_malformed(self, line: bytes) -> None:
        with pytest.raises(CommandSyntaxError) as caught:
            parse_command(line)
        assert not caught.value.response.ok
        encode_response(caught.value.response)

    @pytest.mark.parametrize("vector", AUTH_RESPONSES, ids=lambda v: v.line)
    def test_auth_responses(self, vector: CommandVector) -> None:
        assert parse_auth_response(vector.wire) == vector.command
        assert encode_command(vector.command) == vector.wire

    @pytest.mark.parametrize("line", [b"AAA\r\n", b"A=AA\r\n", b"\xff\r\n", b"* \r\n", b"A A\r\n"])
    def test_malformed_auth_responses(self, line: bytes) -> None:
        with pytest.raises(CommandSyntaxError):
            parse_auth_response(line)

    def test_equals_sign_is_an_empty_response(self) -> None:
        assert parse_auth_response(b"=\r\n") == AuthResponse(b"")

    @pytest.mark.parametrize(
        "command",
        [
            Retr(0),
            Retr(-1),
            Retr(10**10),
            User(""),
            User("two words"),
            User("x" * 249),
            UnknownCommand("RETR", "1"),
            UnknownCommand("retr", "1"),
            UnknownCommand("X Y"),
            UnknownCommand(""),
        ],
        ids=repr,
    )
    def test_what_can_not_be_sent(self, command: Any) -> None:
        with pytest.raises(LocalProtocolError):
            encode_command(command)

    def test_longest_command(self) -> None:
        assert len(encode_command(User("x" * 248))) == 255


class TestResponses:
    @responses
    def test_read(self, vector: ResponseVector) -> None:
        response = parse_response(vector.wire)
        assert response == vector.response
        if isinstance(response, Response):
            assert bool(response.defects) is (vector.source == "tolerated")

    @responses
    def test_strict(self, vector: ResponseVector) -> None:
        if vector.source == "tolerated":
            with pytest.raises(ResponseSyntaxError):
                parse_response(vector.wire, strict=True)
        else:
            assert parse_response(vector.wire, strict=True) == vector.response

    @responses
    def test_written(self, vector: ResponseVector) -> None:
        if vector.canonical:
            assert encode_response(vector.response, utf8=True) == vector.wire

    @pytest.mark.parametrize("line", MALFORMED_RESPONSES)
    def test_malformed(self, line: bytes) -> None:
        with pytest.raises(ResponseSyntaxError):
            parse_response(line)

    def test_bare_lf(self) -> None:
        response = parse_response(b"+OK hi\n")
        assert response == Response(True, "hi")
        assert isinstance(response, Response)
        assert response.defects[0].what == "line ends in bare LF"

    @pytest.mark.parametrize(
        "response",
        [
            Response(True, "[X] y"),
            Response(True, "a\tb"),
            Response(True, "a\r\nb"),
            Response(True, "ü"),
            Response(True, "\ud800"),
            Response(True, "x" * 507),
            Response(True, "x" * 501, ResponseCode(("XXX",))),
            Response(True, "", ResponseCode(())),
            Response(True, "", ResponseCode(("a b",))),
            Response(True, "", ResponseCode(("a]",))),
            Response(True, "", ResponseCode(("SYS/TEMP",))),
            Response(True, "", ResponseCode(("a\r\n",))),
            Response(True, "", ResponseCode(("",))),
        ],
        ids=repr,
    )
    def test_what_can_not_be_sent(self, response: Response) -> None:
        with pytest.raises(LocalProtocolError):
            encode_response(response)

    def test_no_surrogates_in_text_but_escaped_bytes(self) -> None:
        with pytest.raises(LocalProtocolError):
            encode_response(Response(True, "\ud800"), utf8=True)
        assert encode_response(Response(True, "\udcff"), utf8=True) == b"+OK \xff\r\n"

    def test_codes_are_compared_level_by_level(self) -> None:
        detailed = ResponseCode(("SYS", "TEMP", "DISK"))
        assert detailed.within(ResponseCode.SYS_TEMP)
        assert not ResponseCode.SYS_TEMP.within(detailed)
        assert not detailed.within(ResponseCode.SYS_PERM)

    def test_as_text(self) -> None:
        assert str(Response(False, "no", ResponseCode.SYS_TEMP)) == "-ERR [SYS/TEMP] no"
        assert str(Response(True)) == "+OK"


class TestEntries:
    @pytest.mark.parametrize("vector", ENTRIES + WITH_MORE, ids=lambda v: v.text)
    def test_exact(self, vector: EntryVector) -> None:
        assert parse_entry(type(vector.entry), vector.text, strict=True) == (vector.entry, None)

    @pytest.mark.parametrize("vector", ENTRIES, ids=lambda v: v.text)
    def test_written(self, vector: EntryVector) -> None:
        assert str(vector.entry) == vector.text

    @pytest.mark.parametrize("vector", ODD_ENTRIES, ids=lambda v: repr(v.text))
    def test_odd(self, vector: EntryVector) -> None:
        entry, defect = parse_entry(type(vector.entry), vector.text)
        assert entry == vector.entry
        assert defect is not None
        with pytest.raises(ResponseSyntaxError):
            parse_entry(type(vector.entry), vector.text, strict=True)

    @pytest.mark.parametrize(("kind", "text"), BROKEN_ENTRIES)
    def test_broken(self, kind: Any, text: str) -> None:
        with pytest.raises(ResponseSyntaxError):
            parse_entry(kind, text)

    def test_listings(self) -> None:
        assert encode_entries(ScanListings((1, 2), (120, 200))) == b"1 120\r\n2 200\r\n"
        assert encode_entries(ScanListings((), ())) == b""
        assert encode_entries(UniqueIds((1,), ("x:y",))) == b"1 x:y\r\n"
        languages = Languages((Language("de", "Deutsch"), Language("es", "Español")))
        assert encode_entries(languages) == "de Deutsch\r\nes Español\r\n".encode()

    @pytest.mark.parametrize(
        "batch",
        [
            ScanListings((0,), (1,)),
            ScanListings((1,), (-1,)),
            ScanListings((1, 2), (1,)),
            ScanListings((1,), ("2\r\n3 4",)),  # type: ignore[arg-type]
            ScanListings((1.5,), (2,)),  # type: ignore[arg-type]
            UniqueIds((1,), ("",)),
            UniqueIds((1,), ("a b",)),
            UniqueIds((1,), ("x" * 71,)),
            UniqueIds((1,), ("é",)),
            UniqueIds((1,), ("a\r\n2 b",)),
            Languages((Language("de_DE"),)),
            Languages((Language("de", "a\r\nb"),)),
            Languages((Language("de", "\ud800"),)),
        ],
        ids=repr,
    )
    def test_what_can_not_be_sent(self, batch: Any) -> None:
        with pytest.raises(LocalProtocolError):
            encode_entries(batch)

    def test_end_of_listing_is_a_value(self) -> None:
        assert EndOfListing() == EndOfListing()
