"""The server core in scenes: greeting, login, IDLE, TLS, COMPRESS, what may be in flight."""

import zlib
from base64 import b64encode
from typing import Any

import pytest

from mailproto import imap, sasl
from mailproto._deflate import Deflater, Inflater
from mailproto.errors import LimitExceeded, LocalProtocolError, RemoteProtocolError
from mailproto.imap import (
    Bad,
    Bye,
    Capabilities,
    ConnectionClosed,
    Continuation,
    InvalidCommand,
    No,
    Ok,
    Preauth,
    ServerConnection,
    State,
    TaggedCommand,
    UpgradeToTls,
    encode_response,
)
from mailproto.imap.sequence_set import SequenceSet
from mailproto.imap.states import LOGIN_TIMEOUT, SERVER_TIMEOUT
from mailproto.testing import Cut, bytewise, whole
from tests.imap.server_scenes import (
    EVERYTHING,
    SMALL,
    ask,
    connected,
    logged_in,
    refusal,
    said,
    selected,
    serve,
    state,
)

cuts = pytest.mark.parametrize("cut", [whole, bytewise])
PLAIN = b64encode(b"\0ann\0secret")


def who(conn: ServerConnection) -> str | None:
    """The user, whom a type checker would take for fixed."""
    return conn.user


def ok(tag: str, text: str = "done") -> Ok:
    return Ok(text, tag=tag)


class TestGreeting:
    def test_is_owed(self) -> None:
        conn = ServerConnection()
        conn.receive_data(b"a NOOP\r\n")
        with pytest.raises(LocalProtocolError, match="greeting"):
            conn.next_event()
        with pytest.raises(LocalProtocolError, match="greet"):
            conn.send(imap.ExistsResponse(3))
        with pytest.raises(LocalProtocolError, match="greet"):
            conn.send(No("not yet"))
        conn.send(conn.default_response(None))
        assert conn.data_to_send() == (
            b"* OK [CAPABILITY IMAP4rev1 LITERAL+ SASL-IR ENABLE ID IDLE UNSELECT "
            b"COMPRESS=DEFLATE LOGINDISABLED] ready\r\n"
        )
        assert state(conn) is State.NOT_AUTHENTICATED
        assert conn.next_event() == TaggedCommand("a", imap.Noop())

    def test_preauth(self) -> None:
        conn = ServerConnection()
        assert said(conn, Preauth("hello")) == b"* PREAUTH hello\r\n"
        assert state(conn) is State.AUTHENTICATED
        assert conn.logged_in
        assert conn.user is None

    def test_refusing(self) -> None:
        conn = ServerConnection()
        assert said(conn, Bye("no room")) == b"* BYE no room\r\n"
        assert conn.next_event() == ConnectionClosed(True)
        assert conn.next_event() == ConnectionClosed(True)
        with pytest.raises(LocalProtocolError):
            conn.send(Ok("hello"))

    def test_only_once(self) -> None:
        conn = connected()
        with pytest.raises(LocalProtocolError, match="PREAUTH"):
            conn.send(Preauth("again"))


class TestCapabilities:
    def test_without_tls(self) -> None:
        offered = connected(tls=False).offered
        assert "STARTTLS" in offered
        assert "LOGINDISABLED" in offered
        assert offered.auth == ("SCRAM-SHA-256", "X-HAND")

    def test_without_tls_but_allowed(self) -> None:
        offered = connected(tls=False, allow_plaintext=True).offered
        assert "LOGINDISABLED" not in offered
        assert "PLAIN" in offered.auth

    def test_with_tls(self) -> None:
        assert "STARTTLS" not in connected().offered
        assert "PLAIN" in connected().offered.auth

    def test_logged_in(self) -> None:
        offered = logged_in().offered
        assert not offered.auth
        assert "STARTTLS" not in offered
        assert "SASL-IR" not in offered
        assert "IDLE" in offered

    def test_login_disabled_for_good(self) -> None:
        conn = connected(Capabilities(["IMAP4rev1", "logindisabled"]), tls=False)
        assert [*conn.offered] == ["IMAP4rev1", "logindisabled"]
        conn = connected(Capabilities(["IMAP4rev1", "LOGINDISABLED"]))
        assert refusal(conn, b"a LOGIN ann secret\r\n").code == imap.ResponseCode("PRIVACYREQUIRED")

    def test_the_list_is_said_by_the_core(self) -> None:
        conn = connected(Capabilities(["IMAP4rev1"]))
        event = ask(conn, b"a CAPABILITY\r\n")
        assert said(conn, conn.default_response(event)) == (
            b"* CAPABILITY IMAP4rev1\r\na OK CAPABILITY completed\r\n"
        )

    def test_the_list_is_not_said_twice(self) -> None:
        conn = connected(Capabilities(["IMAP4rev1"]))
        conn.send(imap.CapabilityResponse(Capabilities(["X-EARLIER"])))
        for _ in range(2):
            ask(conn, b"a CAPABILITY\r\n")
            own = imap.CapabilityResponse(Capabilities(["IMAP4rev1", "X"]))
            conn.data_to_send()
            assert said(conn, own, ok("a")) == b"* CAPABILITY IMAP4rev1 X\r\na OK done\r\n"
        ask(conn, b"a CAPABILITY\r\n")
        assert said(conn, ok("a")) == b"* CAPABILITY IMAP4rev1\r\na OK done\r\n"

    def test_a_refused_one_has_no_list(self) -> None:
        conn = connected()
        ask(conn, b"a CAPABILITY\r\n")
        assert said(conn, No("no", tag="a")) == b"a NO no\r\n"

    def test_a_list_is_not_said_before_what_can_not_be_said(self) -> None:
        conn = connected()
        ask(conn, b"a CAPABILITY\r\n")
        with pytest.raises(LocalProtocolError):
            conn.send(Ok("two\r\nlines", tag="a"))
        assert conn.data_to_send() == b""

    @pytest.mark.parametrize(
        "names", [["IDLE"], ["IMAP4rev1", "LITERAL+", "LITERAL-"], ["IMAP4rev1", "a b"]]
    )
    def test_what_no_server_offers(self, names: list[str]) -> None:
        conn = connected()
        with pytest.raises(LocalProtocolError):
            conn.capabilities = Capabilities(names)
        assert conn.capabilities == EVERYTHING

    def test_can_change(self) -> None:
        conn = connected()
        conn.capabilities = Capabilities(["IMAP4rev2"])
        assert [*conn.offered] == ["IMAP4rev2"]


class TestLogin:
    @cuts
    def test_by_mechanism(self, cut: Cut) -> None:
        outcome = serve(cut(b"a LOGIN ann secret\r\n"), conn := connected(), eof=False)
        assert outcome.events == [
            TaggedCommand("a", imap.Login("ann", "secret")),
            sasl.CheckPassword("ann", "secret"),
            sasl.Authenticated("ann"),
        ]
        assert outcome.output.startswith(b"a OK [CAPABILITY IMAP4rev1 ")
        assert outcome.output.endswith(b"] Logged in\r\n")
        assert b"AUTH=" not in outcome.output
        assert (who(conn), state(conn)) == ("ann", State.AUTHENTICATED)

    def test_refused(self) -> None:
        outcome = serve([b"a LOGIN ann wrong\r\n"], conn := connected(), eof=False)
        assert isinstance(outcome.events[-1], sasl.Rejected)
        assert outcome.output == b"a NO [AUTHENTICATIONFAILED] Authentication failed\r\n"
        assert (who(conn), state(conn)) == (None, State.NOT_AUTHENTICATED)

    def test_checked_by_the_embedder(self) -> None:
        conn = connected()
        ask(conn, b"a LOGIN ann secret\r\n")
        assert conn.in_flight == {"a": imap.Login("ann", "secret")}
        said(conn, ok("a"))
        assert (who(conn), state(conn)) == ("ann", State.AUTHENTICATED)
        assert not conn.in_flight

    def test_nothing_is_read_beside_it(self) -> None:
        conn = connected()
        ask(conn, b"a LOGIN ann secret\r\nb NOOP\r\n")
        assert conn.next_event() is None
        said(conn, ok("a"))
        assert conn.next_event() == TaggedCommand("b", imap.Noop())

    def test_nobody_can_be_asked(self) -> None:
        conn = connected()
        ask(conn, b"a LOGIN ann secret\r\n")
        conn.authenticate()
        query = conn.next_event()
        with pytest.raises(LocalProtocolError, match="CheckPassword"):
            conn.next_event()
        with pytest.raises(LocalProtocolError, match="CheckPassword"):
            conn.send(ok("a"))
        with pytest.raises(LocalProtocolError, match="no login"):
            conn.authenticate()
        response = conn.default_response(query)
        assert said(conn, response) == b"a NO [UNAVAILABLE] Try to log in later\r\n"
        assert state(conn) is State.NOT_AUTHENTICATED
        assert conn.user is None

    def test_the_verdict_is_not_the_embedders_to_turn(self) -> None:
        conn = connected()
        ask(conn, b"a LOGIN ann secret\r\n")
        conn.authenticate()
        conn.next_event()
        conn.answer(False)
        assert isinstance(conn.next_event(), sasl.Rejected)
        with pytest.raises(LocalProtocolError, match="Rejected"):
            conn.send(ok("a"))
        with pytest.raises(LocalProtocolError, match="Rejected"):
            conn.next_event()
        with pytest.raises(LocalProtocolError, match="asked"):
            conn.answer(True)

    def test_an_authenticated_user_can_be_refused(self) -> None:
        conn = connected()
        ask(conn, b"a LOGIN ann secret\r\n")
        conn.authenticate()
        conn.next_event()
        conn.answer("anna")
        assert conn.next_event() == sasl.Authenticated("anna")
        assert who(conn) == "anna"
        said(conn, No("too many", tag="a"))
        assert (who(conn), state(conn)) == (None, State.NOT_AUTHENTICATED)
        assert "PLAIN" in conn.offered.auth

    def test_without_tls(self) -> None:
        conn = connected(tls=False)
        for line in (b"a LOGIN ann secret\r\n", b"a AUTHENTICATE PLAIN\r\n"):
            assert refusal(conn, line) == No(
                "Passwords only over TLS", imap.ResponseCode("PRIVACYREQUIRED"), "a"
            )

    def test_there_is_no_login(self) -> None:
        conn = connected()
        with pytest.raises(LocalProtocolError, match="no login"):
            conn.authenticate()
        ask(conn, b"a NOOP\r\n")
        with pytest.raises(LocalProtocolError, match="no login"):
            conn.authenticate(sasl.PlainServer())
        with pytest.raises(LocalProtocolError, match="asked"):
            conn.answer(True)


class TestAuthenticate:
    @cuts
    @pytest.mark.parametrize(
        ("wire", "output"),
        [
            (b"a AUTHENTICATE PLAIN " + PLAIN + b"\r\n", b"a OK ["),
            (b"a authenticate plain\r\n" + PLAIN + b"\r\n", b"+ \r\na OK ["),
        ],
    )
    def test_plain(self, wire: bytes, output: bytes, cut: Cut) -> None:
        outcome = serve(cut(wire), conn := connected(), eof=False)
        assert outcome.output.startswith(output)
        assert (who(conn), state(conn)) == ("ann", State.AUTHENTICATED)

    @cuts
    def test_scram(self, cut: Cut) -> None:
        client = sasl.ScramSha256("ann", "secret")
        conn = connected()
        keys = sasl.ScramKeys.derive("secret", "SHA-256")
        line = b"a AUTHENTICATE SCRAM-SHA-256 " + b64encode(client.initial_response() or b"")
        ask(conn, line + b"\r\n")
        conn.authenticate(sasl.server_mechanism("SCRAM-SHA-256"))
        assert conn.next_event() == sasl.LookupScramKeys("ann", "SHA-256")
        conn.answer(keys)
        assert conn.next_event() is None
        for _ in range(2):
            challenge = imap.parse_response(conn.data_to_send())
            assert isinstance(challenge, Continuation)
            assert challenge.challenge
            response = client.step(challenge.challenge)
            event = None
            for chunk in cut(b64encode(response) + b"\r\n"):
                assert event is None
                event = ask(conn, chunk)
        assert event == sasl.Authenticated("ann")
        assert said(conn, conn.default_response(event)).endswith(b"Logged in\r\n")
        assert client.complete

    @cuts
    @pytest.mark.parametrize(
        ("line", "text"), [(b"*", "AUTHENTICATE cancelled"), (b"!", "Not base64")]
    )
    def test_cancelled(self, cut: Cut, line: bytes, text: str) -> None:
        outcome = serve(
            cut(b"a AUTHENTICATE PLAIN\r\n" + line + b"\r\nb NOOP\r\n"), conn := connected()
        )
        assert outcome.output == f"+ \r\na BAD {text}\r\nb OK NOOP completed\r\n".encode()
        assert outcome.events[1] == InvalidCommand(
            b"*" if line == b"*" else b"", Bad(text, tag="a")
        )
        assert conn.user is None

    def test_the_cancelled_one_can_not_succeed(self) -> None:
        conn = connected()
        ask(conn, b"a AUTHENTICATE PLAIN\r\n")
        conn.authenticate(sasl.PlainServer())
        with pytest.raises(LocalProtocolError, match="go on"):
            conn.send(ok("a"))
        ask(conn, b"*\r\n")
        with pytest.raises(LocalProtocolError, match="InvalidCommand"):
            conn.send(ok("a"))

    def test_by_hand(self) -> None:
        conn = connected()
        event = ask(conn, b"a AUTHENTICATE X-HAND\r\n")
        with pytest.raises(LocalProtocolError, match="needs a mechanism"):
            conn.authenticate()
        assert said(conn, Continuation.of_challenge(b"who?")) == b"+ d2hvPw==\r\n"
        with pytest.raises(LocalProtocolError, match="nothing waits"):
            conn.send(Continuation())
        assert conn.next_event() is None
        event = ask(conn, b64encode(b"me") + b"\r\n")
        assert event == imap.AuthResponse(b"me")
        assert said(conn, Continuation.of_challenge(b"so")) == b"+ c28=\r\n"
        event = ask(conn, b"*\r\n")
        assert event == imap.AuthResponse(None)
        assert said(conn, conn.default_response(event)).startswith(b"a NO [AUTHENTICATIONFAILED]")
        ask(conn, b"a AUTHENTICATE X-HAND\r\n")
        said(conn, Continuation())
        ask(conn, b"\r\n")
        said(conn, ok("a"))
        assert (who(conn), state(conn)) == ("", State.AUTHENTICATED)

    def test_not_offered(self) -> None:
        conn = connected(Capabilities(["IMAP4rev1", "AUTH=PLAIN"]))
        assert refusal(conn, b"a AUTHENTICATE LOGIN\r\n") == No("No such mechanism", tag="a")
        assert refusal(conn, b"a AUTHENTICATE PLAIN eA==\r\n") == Bad("Not offered", tag="a")

    def test_commands_are_read_again_afterwards(self) -> None:
        """Limits too: lines of an exchange have their own."""
        conn = connected(limits=SMALL)
        serve([b"a AUTHENTICATE PLAIN\r\n*\r\n"], conn, eof=False)
        assert isinstance(ask(conn, b"b ID (" + b'"a" "b" ' * 5 + b'"c" NIL)\r\n'), TaggedCommand)


class TestTls:
    def test_upgrade(self) -> None:
        conn = connected(tls=False)
        event = ask(conn, b"a STARTTLS\r\n")
        assert said(conn, conn.default_response(event)) == b"a OK STARTTLS completed\r\n"
        assert state(conn) is State.TLS
        assert conn.next_event() == UpgradeToTls()
        assert conn.next_event() is None
        for item in (Ok("hello"), imap.ExistsResponse(1), ok("a")):
            with pytest.raises(LocalProtocolError):
                conn.send(item)
        bindings = (sasl.ChannelBinding("tls-unique", b"x"),)
        conn.tls_established(bindings)
        assert conn.channel_bindings == bindings
        assert conn.tls
        assert state(conn) is State.NOT_AUTHENTICATED
        assert "STARTTLS" not in conn.offered
        assert isinstance(ask(conn, b"b LOGIN ann secret\r\n"), TaggedCommand)

    def test_refused(self) -> None:
        conn = connected(tls=False)
        ask(conn, b"a STARTTLS\r\n")
        said(conn, No("no certificate", tag="a"))
        assert state(conn) is State.NOT_AUTHENTICATED
        with pytest.raises(LocalProtocolError, match="handshake"):
            conn.tls_established()

    @cuts
    @pytest.mark.parametrize("late", [False, True])
    def test_injection(self, cut: Cut, late: bool) -> None:
        """CVE-2011-0411: what came in the clear is never taken for what came over TLS."""
        conn = connected(tls=False)
        chunks = [*cut(b"a STARTTLS\r\n"), *cut(b"b LOGIN ann secret\r\n")]
        if not late:
            outcome = serve([b"".join(chunks)], conn)
        else:
            ask(conn, b"a STARTTLS\r\n")
            said(conn, ok("a"))
            conn.receive_data(b"b")
            with pytest.raises(RemoteProtocolError, match="CVE-2011-0411"):
                conn.tls_established()
            outcome = serve([], conn)
        assert outcome.error is not None
        assert "CVE-2011-0411" in outcome.error[1]
        assert not any(isinstance(event, UpgradeToTls) for event in outcome.events)
        assert not conn.tls

    def test_over_tls_already(self) -> None:
        assert refusal(connected(), b"a STARTTLS\r\n") == Bad("Not offered", tag="a")

    @cuts
    def test_client_that_expects_tls(self, cut: Cut) -> None:
        outcome = serve(cut(b"\x16\x03\x01\x02\x00\x01"), connected(tls=False))
        assert outcome.error == (RemoteProtocolError, "a TLS handshake on a clear-text port")
        assert outcome.output == b""

    def test_cut_off_within(self) -> None:
        conn = connected(tls=False)
        ask(conn, b"a STARTTLS\r\n")
        said(conn, ok("a"))
        conn.next_event()
        conn.receive_eof()
        assert conn.next_event() == ConnectionClosed(False)


class TestIdle:
    @cuts
    @pytest.mark.parametrize("done", [b"DONE\r\n", b"done\r\n", b"DONE  \r\n"])
    def test_it_goes(self, cut: Cut, done: bytes) -> None:
        conn = selected()
        event = ask(conn, b"i IDLE\r\n")
        conn.receive_data(done[:3])
        assert conn.next_event() is None
        assert said(conn, conn.default_response(event)) == b"+ idling\r\n"
        assert conn.idling
        assert said(conn, imap.ExistsResponse(4)) == b"* 4 EXISTS\r\n"
        assert conn.may_expunge
        assert said(conn, imap.ExpungeResponse(2)) == b"* 2 EXPUNGE\r\n"
        with pytest.raises(LocalProtocolError, match="go on with IDLE"):
            conn.send(ok("i"))
        events = [ask(conn, chunk) for chunk in cut(done[3:])]
        assert events[-1] == imap.Done()
        assert not conn.idling
        assert not events[-1].defects
        assert said(conn, conn.default_response(imap.Done())) == b"i OK IDLE completed\r\n"

    def test_refused(self) -> None:
        conn = logged_in()
        ask(conn, b"i IDLE\r\n")
        said(conn, No("not now", tag="i"))
        assert not conn.idling
        assert isinstance(ask(conn, b"n NOOP\r\n"), TaggedCommand)

    @cuts
    @pytest.mark.parametrize("wire", [b"8.569 IDLE\r\n", b"n APPEND x {3+}\r\nabc\r\n"])
    def test_command_instead_of_done(self, cut: Cut, wire: bytes) -> None:
        """Quirk 46: iOS Mail; IDLE ends, and the command runs behind its completion."""
        conn = logged_in()
        outcome = serve([b"i IDLE\r\n", *cut(wire)], conn, eof=False)
        done = outcome.events[1]
        assert isinstance(done, imap.Done)
        assert done.defects[0].section == "RFC 2177 3"
        assert outcome.output.startswith(b"+ idling\r\ni OK IDLE completed\r\n")
        last = outcome.events[-1]
        assert isinstance(last, TaggedCommand)
        assert last.tag in ("8.569", "n")

    def test_command_instead_of_done_strictly(self) -> None:
        outcome = serve([b"i IDLE\r\nn NOOP\r\nb NOOP\r\n"], logged_in(strict=True))
        bad = b"i BAD IDLE ends with DONE\r\n"
        assert outcome.output == b"+ idling\r\n" + bad + b"b OK NOOP completed\r\n"

    @pytest.mark.parametrize("line", [b"", b"x", b"DONE now \xff", b"{5}", b"* x", b"DON"])
    def test_anything_else(self, line: bytes) -> None:
        outcome = serve([b"i IDLE\r\n" + line + b"\r\nb NOOP\r\n"], logged_in())
        if line.startswith(b"DONE now"):
            assert b"i OK IDLE completed\r\nDONE BAD" in outcome.output
        else:
            assert b"i BAD IDLE ends with DONE\r\nb OK" in outcome.output

    def test_bye_within(self) -> None:
        conn = selected()
        event = ask(conn, b"i IDLE\r\n")
        said(conn, conn.default_response(event), Bye("timeout"))
        assert conn.next_event() == ConnectionClosed(True, (("i", imap.Idle()),))

    def test_end_of_file_within(self) -> None:
        conn = selected()
        event = ask(conn, b"i IDLE\r\n")
        said(conn, conn.default_response(event))
        conn.receive_eof()
        assert conn.next_event() == ConnectionClosed(True, (("i", imap.Idle()),))


class TestEnable:
    def test_by_the_core(self) -> None:
        conn = logged_in()
        event = ask(conn, b"a ENABLE qresync utf8=accept IDLE X-NO\r\n")
        assert said(conn, conn.default_response(event)) == (
            b"* ENABLED QRESYNC UTF8=ACCEPT\r\na OK ENABLE completed\r\n"
        )
        assert conn.enabled == {"QRESYNC", "CONDSTORE", "UTF8=ACCEPT"}
        assert conn.utf8

    def test_by_the_embedder(self) -> None:
        conn = logged_in()
        ask(conn, b"a ENABLE CONDSTORE UIDONLY\r\n")
        with pytest.raises(LocalProtocolError, match="asked"):
            conn.send(imap.EnabledResponse(("QRESYNC",)))
        own = imap.EnabledResponse(("CONDSTORE",))
        assert said(conn, own, ok("a")) == b"* ENABLED CONDSTORE\r\na OK done\r\n"
        assert conn.enabled == {"CONDSTORE"}

    def test_nothing(self) -> None:
        conn = logged_in()
        ask(conn, b"a ENABLE X-NO\r\n")
        assert said(conn, ok("a")) == b"* ENABLED\r\na OK done\r\n"
        assert not conn.utf8

    def test_utf8_changes_how_names_are_read_and_written(self) -> None:
        conn = logged_in()
        event = ask(conn, b"a SUBSCRIBE &AOQ-\r\n")
        assert event.command == imap.Subscribe("\xe4")
        said(conn, ok("a"))
        listed = imap.ListResponse((), "/", "\xe4")
        assert said(conn, listed) == b'* LIST () "/" &AOQ-\r\n'
        event = ask(conn, b"b ENABLE UTF8=ACCEPT\r\n")
        said(conn, conn.default_response(event))
        assert said(conn, listed) == b'* LIST () "/" "\xc3\xa4"\r\n'
        event = ask(conn, b'a SUBSCRIBE "\xc3\xa4"\r\n')
        assert event.command == imap.Subscribe("\xe4")

    def test_charset(self) -> None:
        conn = selected()
        wire = b"a SEARCH CHARSET KOI8-R TEXT {3+}\r\nabc\r\n"
        assert isinstance(ask(conn, wire), TaggedCommand)
        said(conn, ok("a"))
        code = imap.BadCharset(("UTF-8", "US-ASCII"))
        unknown = wire.replace(b"KOI8-R", b"X-KLINGON")
        event = ask(conn, unknown)
        assert event.response == No("Unknown charset", code, "a")
        assert event.command == imap.SearchCommand(imap.Search.text("abc"), charset="X-KLINGON")
        said(conn, event.response)
        serve([b"b ENABLE IMAP4rev2\r\n"], conn, eof=False)
        assert isinstance(ask(conn, wire), TaggedCommand)  # RFC 9051 6.4.4: NO or OK
        said(conn, ok("a"))
        serve([b"b ENABLE UTF8=ACCEPT\r\n"], conn, eof=False)
        assert refusal(conn, wire) == Bad("The charset is UTF-8", tag="a")
        assert isinstance(ask(conn, wire.replace(b"KOI8-R", b"utf-8")), TaggedCommand)

    def test_uid_only(self) -> None:
        conn = selected()
        serve([b"b ENABLE UIDONLY\r\n"], conn, eof=False)
        for command in (b"FETCH 1 FLAGS", b"UID SEARCH NOT 1", b"UID SORT (DATE) UTF-8 1:*"):
            refused = refusal(conn, b"a " + command + b"\r\n")
            assert refused.code == imap.ResponseCode("UIDREQUIRED")
        assert isinstance(ask(conn, b"a UID SEARCH $ UID 1\r\n"), TaggedCommand)
        said(conn, ok("a"))
        ask(conn, b"a UID FETCH 1 FLAGS\r\n")
        with pytest.raises(LocalProtocolError, match="UIDFETCH"):
            conn.send(imap.FetchResponse(1, {"FLAGS": ()}))
        assert said(conn, imap.UidFetchResponse(1, {"FLAGS": ()})) == b"* 1 UIDFETCH (FLAGS ())\r\n"


class TestCompress:
    @cuts
    def test_both_directions(self, cut: Cut) -> None:
        conn = logged_in()
        event = ask(conn, b"a COMPRESS DEFLATE\r\n")
        conn.send(imap.Ok("information"))
        written = said(conn, conn.default_response(event), Ok("more"))
        plain, _, rest = written.partition(b"a OK COMPRESS completed\r\n")
        assert plain == b"* OK information\r\n"
        inflater, deflater = Inflater(rest), Deflater()
        assert inflater.take() == b"* OK more\r\n"
        assert "COMPRESS=DEFLATE" not in conn.offered
        data = deflater.deflate(b"b NOOP\r\nc IDLE\r\nDONE\r\n" + b"d NOOP\r\n" * 100)
        outcome = serve(cut(data), conn, eof=False)
        assert len(outcome.events) == 103
        inflater.receive(outcome.output)
        assert inflater.take().startswith(b"b OK NOOP completed\r\n+ idling\r\nc OK IDLE")
        assert refusal_in(conn, deflater.deflate(b"e COMPRESS DEFLATE\r\n"), inflater) == (
            b"e BAD Not offered\r\n"
        )

    @cuts
    def test_pipelined_behind(self, cut: Cut) -> None:
        """A client that compresses at once, against RFC 4978 3: its octets are deflate too."""
        conn = logged_in()
        data = b"a COMPRESS DEFLATE\r\n" + Deflater().deflate(b"b NOOP\r\n")
        outcome = serve(cut(data), conn)
        assert [event.tag for event in outcome.events if isinstance(event, TaggedCommand)] == [
            "a",
            "b",
        ]

    def test_refused(self) -> None:
        conn = logged_in()
        ask(conn, b"a COMPRESS DEFLATE\r\n")
        assert said(conn, No("no", tag="a"), Ok("plain")) == b"a NO no\r\n* OK plain\r\n"

    def test_other_algorithm(self) -> None:
        assert refusal(logged_in(), b"a COMPRESS LZ77\r\n").text

    @cuts
    def test_garbage(self, cut: Cut) -> None:
        conn = logged_in()
        serve([b"a COMPRESS DEFLATE\r\n"], conn, eof=False)
        outcome = serve(cut(b"b NOOP\r\n"), conn)
        assert outcome.error is not None
        assert "deflate" in outcome.error[1]

    @cuts
    def test_unauthenticate_ends_it(self, cut: Cut) -> None:
        conn = logged_in()
        serve([b"a COMPRESS DEFLATE\r\n"], conn, eof=False)
        deflater = Deflater()
        outcome = serve(cut(deflater.deflate(b"b UNAUTHENTICATE\r\n")), conn, eof=False)
        assert Inflater(outcome.output).take() == b"b OK UNAUTHENTICATE completed\r\n"
        outcome = serve(cut(b"c LOGIN ann secret\r\n"), conn, eof=False)
        assert outcome.output.startswith(b"c OK [")

    def test_unauthenticate_with_a_login_behind(self) -> None:
        """RFC 8437 3 lets it be pipelined, and the deflated stream end."""
        conn = logged_in()
        serve([b"a COMPRESS DEFLATE\r\n"], conn, eof=False)
        stream = zlib.compressobj(wbits=-zlib.MAX_WBITS)
        data = stream.compress(b"b UNAUTHENTICATE\r\n") + stream.flush()
        outcome = serve([data + b"c LOGIN ann secret\r\n"], conn, eof=False)
        assert b"c OK [" in outcome.output
        assert conn.user == "ann"


def refusal_in(conn: ServerConnection, data: bytes, inflater: Inflater) -> bytes:
    """The refusal of a command within deflate."""
    inflater.take()
    outcome = serve([data], conn, eof=False)
    inflater.receive(outcome.output)
    return inflater.take()


class TestEnds:
    def test_unauthenticate(self) -> None:
        conn = selected()
        conn.user = "ann"
        serve([b"b ENABLE UTF8=ACCEPT\r\n"], conn, eof=False)
        outcome = serve([b"a UNAUTHENTICATE\r\n"], conn, eof=False)
        assert outcome.output == b"a OK UNAUTHENTICATE completed\r\n"
        assert (who(conn), state(conn)) == (None, State.NOT_AUTHENTICATED)
        assert not conn.enabled
        assert not conn.utf8
        assert conn.offered.auth
        assert conn.timeout == LOGIN_TIMEOUT

    def test_unauthenticate_is_never_refused(self) -> None:
        conn = logged_in()
        ask(conn, b"a UNAUTHENTICATE\r\n")
        with pytest.raises(LocalProtocolError, match="BYE"):
            conn.send(No("can not", tag="a"))
        said(conn, Bye("can not"))
        assert isinstance(conn.next_event(), ConnectionClosed)

    @cuts
    def test_logout(self, cut: Cut) -> None:
        outcome = serve(cut(b"a LOGOUT\r\nb NOOP\r\n"), conn := logged_in())
        assert outcome.output == b"* BYE Logging out\r\na OK LOGOUT completed\r\n"
        assert outcome.events == [TaggedCommand("a", imap.Logout()), ConnectionClosed(True)]
        assert state(conn) is State.LOGOUT
        with pytest.raises(LocalProtocolError):
            conn.send(Ok("still here?"))

    def test_logout_with_words_of_ones_own(self) -> None:
        conn = logged_in()
        ask(conn, b"a LOGOUT\r\n")
        assert said(conn, Bye("farewell"), ok("a")) == b"* BYE farewell\r\na OK done\r\n"

    def test_logout_waits_for_others(self) -> None:
        conn = selected()
        ask(conn, b"a FETCH 1 FLAGS\r\nb LOGOUT\r\n")
        assert conn.next_event() is None
        assert said(conn, ok("a")) == b"a OK done\r\n"
        assert conn.next_event() == TaggedCommand("b", imap.Logout())

    def test_bye(self) -> None:
        conn = selected()
        ask(conn, b"a FETCH 1 FLAGS\r\n")
        assert said(conn, Bye("shutting down")) == b"* BYE shutting down\r\n"
        assert conn.next_event() == ConnectionClosed(
            True, (("a", imap.Fetch(SequenceSet.parse("1"), ("FLAGS",))),)
        )
        conn.receive_data(b"x NOOP\r\n")
        assert isinstance(conn.next_event(), ConnectionClosed)

    @pytest.mark.parametrize("wire", [b"a NO", b"a LOGIN {3}\r\nan", b"a LOGIN {3+}\r\n"])
    def test_cut_off(self, wire: bytes) -> None:
        outcome = serve([wire], connected())
        assert outcome.events == [ConnectionClosed(False)]

    def test_cut_off_within_authenticate(self) -> None:
        outcome = serve([b"a AUTHENTICATE PLAIN\r\n"], connected())
        assert outcome.events[-1] == ConnectionClosed(False, (("a", imap.Authenticate("PLAIN")),))

    def test_end_of_file_waits_for_commands_in_flight(self) -> None:
        """A client that shuts down its half still gets its answers."""
        conn = connected()
        ask(conn, b'a LOGIN ann secret\r\nb LIST "" *\r\n')
        conn.receive_eof()
        assert conn.next_event() is None
        said(conn, ok("a"))
        assert isinstance(conn.next_event(), TaggedCommand)
        said(conn, ok("b"))
        assert conn.next_event() == ConnectionClosed(True)

    def test_timeouts(self) -> None:
        assert connected().timeout == LOGIN_TIMEOUT >= 60
        assert logged_in().timeout == SERVER_TIMEOUT >= 30 * 60


class TestInFlight:
    def test_several(self) -> None:
        conn = selected()
        wire = b"a UID FETCH 1 FLAGS\r\nb UID STORE 1 FLAGS ()\r\nc NOOP\r\n"
        conn.receive_data(wire)
        tags = [
            event.tag for _ in range(3) if isinstance(event := conn.next_event(), TaggedCommand)
        ]
        assert tags == [*conn.in_flight] == ["a", "b", "c"]
        assert said(conn, ok("b"), No("no", tag="a"), ok("c")) == (
            b"b OK done\r\na NO no\r\nc OK done\r\n"
        )

    @pytest.mark.parametrize(
        ("first", "second"),
        [
            (b"SEARCH ALL", b"SEARCH ALL"),
            (b"UID COPY 1 x", b"FETCH 1 FLAGS"),
            (b"NOOP", b"STORE 1 FLAGS ()"),
            (b'LIST "" *', b'LIST "" %'),
            (b"FETCH 1 FLAGS", b"CLOSE"),
            (b"FETCH 1 FLAGS", b"IDLE"),
            (b"SELECT x", b"FETCH 1 FLAGS"),
            (b"UID SEARCH RETURN () ALL", b"UID SEARCH RETURN () NOT 1"),
            (b"UID COPY 1 x", b"UID SORT (DATE) UTF-8 OR UID 1 (1 SEEN)"),
        ],
    )
    def test_what_could_be_confused_waits(self, first: bytes, second: bytes) -> None:
        conn = selected()
        assert ask(conn, b"a " + first + b"\r\nb " + second + b"\r\n").tag == "a"
        assert conn.next_event() is None
        assert conn.next_event() is None
        said(conn, ok("a"))
        event = conn.next_event()
        assert isinstance(event, TaggedCommand)
        assert event.tag == "b"

    def test_a_tag_in_use(self) -> None:
        """It is refused without tag, which would complete the other command."""
        conn = selected()
        ask(conn, b"a UID FETCH 1 FLAGS\r\n")
        assert refusal(conn, b"a NOOP\r\n") == Bad("The tag is in use")
        assert refusal(conn, b"a\r\n") == Bad("The tag is in use")
        assert refusal(conn, b"a APPEND x {9999999999}\r\n") == Bad("The tag is in use")
        assert [*conn.in_flight] == ["a"]
        said(conn, ok("a"))
        assert isinstance(ask(conn, b"a NOOP\r\n"), TaggedCommand)

    def test_others_can_be_completed_while_a_refusal_is_owed(self) -> None:
        conn = selected()
        ask(conn, b"a UID FETCH 1 FLAGS\r\n")
        event = ask(conn, b"b LOGIN x y\r\n")
        assert isinstance(event, InvalidCommand)
        assert said(conn, Ok("note"), ok("a")) == b"* OK note\r\na OK done\r\n"
        with pytest.raises(LocalProtocolError, match="InvalidCommand"):
            conn.next_event()
        with pytest.raises(LocalProtocolError, match="OK"):
            conn.send(ok("b"))
        said(conn, No("another word", tag="b"))
        assert conn.next_event() is None

    def test_unknown_tag(self) -> None:
        conn = selected()
        with pytest.raises(LocalProtocolError, match="zz"):
            conn.send(ok("zz"))

    def test_limit(self) -> None:
        conn = selected(limits=SMALL)
        conn.receive_data(b"".join(b"%d NOOP\r\n" % n for n in range(5)))
        for _ in range(3):
            assert conn.next_event() is not None
        conn.receive_eof()
        assert conn.next_event() is None
        said(conn, ok("1"))
        event = conn.next_event()
        assert isinstance(event, TaggedCommand)
        assert event.tag == "3"


class TestSending:
    def test_mailbox_data(self) -> None:
        conn = logged_in()
        for item in (
            imap.ExistsResponse(3),
            imap.FlagsResponse(()),
            imap.FetchResponse(1, {"FLAGS": ()}),
        ):
            with pytest.raises(LocalProtocolError, match="no mailbox is selected"):
                conn.send(item)
        ask(conn, b"a SELECT x\r\n")
        assert said(conn, imap.ExistsResponse(3)) == b"* 3 EXISTS\r\n"
        said(conn, ok("a"))
        fetch = imap.FetchResponse(1, {"FLAGS": ()})
        assert said(conn, fetch) == b"* 1 FETCH (FLAGS ())\r\n"

    @pytest.mark.parametrize(
        ("command", "allowed"),
        [
            (b"NOOP", True),
            (b"UID FETCH 1 FLAGS", True),
            (b"UID SEARCH ALL", True),
            (b"EXPUNGE", True),
            (b"MOVE 1 x", True),
            (b"IDLE", True),
            (b"FETCH 1 FLAGS", False),
            (b"STORE 1 FLAGS ()", False),
            (b"SEARCH ALL", False),
        ],
    )
    def test_expunge(self, command: bytes, allowed: bool) -> None:
        """RFC 9051 7.5.1."""
        conn = selected()
        ask(conn, b"a " + command + b"\r\n")
        assert conn.may_expunge is allowed
        if allowed:
            assert said(conn, imap.ExpungeResponse(3)) == b"* 3 EXPUNGE\r\n"
        else:
            with pytest.raises(LocalProtocolError, match=r"7\.5\.1"):
                conn.send(imap.ExpungeResponse(3))

    def test_expunge_without_command(self) -> None:
        conn = selected()
        with pytest.raises(LocalProtocolError, match=r"7\.5\.1"):
            conn.send(imap.ExpungeResponse(3))
        assert not logged_in().may_expunge

    def test_expunge_with_notify(self) -> None:
        """RFC 5465 5.3: whoever asked for it gets it at any time."""
        conn = selected()
        asked = b"a NOTIFY SET (SELECTED (MessageNew (FLAGS) MessageExpunge))\r\n"
        serve([asked], conn, eof=False)
        assert said(conn, imap.ExpungeResponse(3)) == b"* 3 EXPUNGE\r\n"
        serve([b"b NOTIFY NONE\r\n"], conn, eof=False)
        assert not conn.may_expunge
        delayed = asked.replace(b"SELECTED", b"SELECTED-DELAYED")
        serve([delayed], conn, eof=False)
        assert not conn.may_expunge

    def test_vanished(self) -> None:
        conn = selected()
        gone = imap.VanishedResponse(False, SequenceSet.parse("3"))
        with pytest.raises(LocalProtocolError, match="QRESYNC"):
            conn.send(gone)
        serve([b"e ENABLE QRESYNC\r\n"], conn, eof=False)
        with pytest.raises(LocalProtocolError, match=r"7\.5\.1"):
            conn.send(gone)
        earlier = imap.VanishedResponse(True, SequenceSet.parse("3"))
        assert said(conn, earlier) == b"* VANISHED (EARLIER) 3\r\n"
        ask(conn, b"a NOOP\r\n")
        assert said(conn, gone) == b"* VANISHED 3\r\n"
        with pytest.raises(LocalProtocolError, match="VANISHED stands"):
            conn.send(imap.ExpungeResponse(3))
        with pytest.raises(LocalProtocolError, match="UIDONLY"):
            conn.send(imap.UidFetchResponse(1, {"FLAGS": ()}))

    @pytest.mark.parametrize(
        ("item", "command"),
        [
            (imap.SearchResponse((1,)), b"SEARCH ALL"),
            (imap.SortResponse((1,)), b"SORT (DATE) UTF-8 ALL"),
            (imap.ThreadResponse(()), b"THREAD REFERENCES UTF-8 ALL"),
            (imap.NamespaceResponse(), b"NAMESPACE"),
            (imap.IdResponse(None), b"ID NIL"),
            (imap.LsubResponse((), "/", "x"), b'LSUB "" *'),
            (imap.AclResponse("x"), b"GETACL x"),
        ],
    )
    def test_answers(self, item: Any, command: bytes) -> None:
        conn = selected()
        with pytest.raises(LocalProtocolError, match="answers no command"):
            conn.send(item)
        ask(conn, b"a " + command + b"\r\n")
        assert said(conn, item).startswith(b"* ")

    def test_before_the_login(self) -> None:
        conn = connected()
        for item in (imap.ListResponse((), "/", "x"), imap.StatusResponse("x", {})):
            with pytest.raises(LocalProtocolError, match="out of order"):
                conn.send(item)
        ask(conn, b"a ID NIL\r\n")
        assert said(conn, imap.IdResponse(None)) == b"* ID NIL\r\n"

    def test_continuation_that_nobody_asked_for(self) -> None:
        conn = selected()
        for wire in (b"", b"a NOOP\r\n"):
            ask(conn, wire)
            with pytest.raises(LocalProtocolError, match="nothing waits"):
                conn.send(Continuation("go on"))

    def test_no_response_at_all(self) -> None:
        conn = selected()
        with pytest.raises(LocalProtocolError, match="MessageOctets"):
            conn.send(imap.MessageOctets(b"x"))

    @pytest.mark.parametrize(
        "item",
        [Ok("a\r\nb"), Ok("a\nb", tag="a"), Ok("a\0b"), imap.ListResponse((), "\r", "x")],
    )
    def test_injection(self, item: Any) -> None:
        conn = selected()
        ask(conn, b"a NOOP\r\n")
        with pytest.raises(LocalProtocolError):
            conn.send(item)
        assert conn.data_to_send() == b""
        assert [*conn.in_flight] == ["a"]

    def test_default_responses(self) -> None:
        conn = selected()
        event = ask(conn, b"a CHECK\r\n")
        assert conn.default_response(event) == Ok("CHECK completed", tag="a")
        event = TaggedCommand("b", imap.Expunge())
        code = imap.ResponseCode("CANNOT")
        assert conn.default_response(event) == No("Not possible here", code, "b")
        event = TaggedCommand("c", imap.UnknownCommand("XFOO"))
        assert conn.default_response(event) == Bad("Unknown command", tag="c")
        for nothing in (imap.EndOfContent(), ConnectionClosed(True), UpgradeToTls()):
            with pytest.raises(LocalProtocolError, match="owed"):
                conn.default_response(nothing)


class TestMalformed:
    @pytest.mark.parametrize(
        ("line", "tag"),
        [
            (b"", None),
            (b" ", None),
            (b"a", "a"),
            (b"a ", "a"),
            (b"a FETCH", "a"),
            (b"a FETCH 0 FLAGS", "a"),
            (b"a\0b NOOP", None),
            (b"* NOOP", None),
            (b"+ x", None),
            (b"a+b NOOP", None),
            (b"\xff NOOP", None),
            (b"a NOOP \0", "a"),
        ],
    )
    def test_tag_is_recovered(self, line: bytes, tag: str | None) -> None:
        conn = selected()
        response = refusal(conn, line + b"\r\n")
        assert (type(response), response.tag) == (Bad, tag)
        assert isinstance(ask(conn, b"b NOOP\r\n"), TaggedCommand)

    def test_the_secret_of_a_login_is_not_shown(self) -> None:
        event = ask(connected(), b"a LOGIN ann secret more\r\n")
        assert b"secret" not in event.data
        assert "secret" not in repr(event)

    def test_a_refusal_without_tag_is_settled_without_tag(self) -> None:
        conn = selected()
        assert isinstance(ask(conn, b"\r\n"), InvalidCommand)
        said(conn, Ok("information"))
        with pytest.raises(LocalProtocolError):
            conn.next_event()
        said(conn, Bad("what?"))
        assert conn.next_event() is None

    def test_tolerated(self) -> None:
        event = ask(connected(), b"a  NOOP \r\n")
        assert event.command.defects
        assert isinstance(ask(connected(strict=True), b"a  NOOP \r\n"), InvalidCommand)


class TestLimits:
    def test_line(self) -> None:
        most = SMALL.command_line
        line = b'a LIST "" ' + b"x" * (most - 12) + b"\r\n"
        assert len(line) == most
        assert isinstance(ask(logged_in(limits=SMALL), line), TaggedCommand)
        outcome = serve([b"a" + line], logged_in(limits=SMALL))
        assert outcome.limit == "command_line"
        assert outcome.output == b"* BYE [TOOBIG] Too long, closing\r\n"

    @cuts
    def test_endless_line(self, cut: Cut) -> None:
        assert serve(cut(b"x" * 100), connected(limits=SMALL)).limit == "command_before_auth"
        assert serve(cut(b"x" * 300), logged_in(limits=SMALL)).limit == "command_line"

    def test_limits_grow_with_the_login_and_shrink_again(self) -> None:
        conn = connected(limits=SMALL)
        serve([b"a LOGIN ann secret\r\n"], conn, eof=False)
        long = b'b LIST "" ' + b"x" * 100 + b"\r\n"
        assert isinstance(ask(conn, long), TaggedCommand)
        said(conn, ok("b"))
        serve([b"c UNAUTHENTICATE\r\n"], conn, eof=False)
        assert serve([long], conn).limit == "command_before_auth"

    @cuts
    def test_auth_line(self, cut: Cut) -> None:
        wire = b"a AUTHENTICATE PLAIN\r\n" + b"A" * 38 + b"\r\n"
        assert serve(cut(wire), connected(limits=SMALL)).limit == ""
        wire = b"a AUTHENTICATE PLAIN\r\n" + b"A" * 40
        assert serve(cut(wire), connected(limits=SMALL)).limit == "auth_line"

    @cuts
    def test_errors(self, cut: Cut) -> None:
        outcome = serve(cut(b"a FETCH\r\n" * 4), logged_in(limits=SMALL))
        assert outcome.limit == "errors"
        assert outcome.output.count(b"a BAD") == 3
        assert outcome.output.endswith(b"* BYE Too many errors or commands, closing\r\n")

    def test_unknown_commands_are_errors(self) -> None:
        assert serve([b"a XFOO\r\n" * 4], logged_in(limits=SMALL)).limit == "errors"

    def test_refused_literals_are_errors(self) -> None:
        wire = b"a LIST {9999}\r\n" * 4
        assert serve([wire], logged_in(limits=SMALL)).limit == "errors"

    def test_errors_are_forgiven(self) -> None:
        wire = (b"a FETCH\r\n" * 3 + b"b NOOP\r\n") * 3
        assert serve([wire], logged_in(limits=SMALL)).limit == "errors"
        wire = (b"a FETCH\r\n" * 2 + b"b NOOP\r\n") * 3
        assert serve([wire], logged_in(limits=SMALL)).limit == ""

    @cuts
    def test_commands_before_auth(self, cut: Cut) -> None:
        outcome = serve(cut(b"a NOOP\r\n" * 7), connected(limits=SMALL))
        assert outcome.limit == "commands_before_auth"
        assert outcome.output.count(b"a OK") == 6
        assert serve([b"a NOOP\r\n" * 20], logged_in(limits=SMALL)).limit == ""

    @pytest.mark.parametrize(
        "wire", [b"a LOGIN ann wrong\r\n", b"a AUTHENTICATE PLAIN AGFubgB4\r\n"]
    )
    def test_auth_failures(self, wire: bytes) -> None:
        outcome = serve([wire * 2], connected(limits=SMALL))
        assert outcome.limit == "auth_failures"
        assert outcome.output.count(b"a NO") == 1

    def test_cancelled_exchanges_are_failures(self) -> None:
        wire = b"a AUTHENTICATE PLAIN\r\n*\r\n"
        assert serve([wire * 2], connected(limits=SMALL)).limit == "auth_failures"

    def test_nesting(self) -> None:
        wire = b"a SEARCH " + b"(" * 6 + b"ALL" + b")" * 6 + b"\r\n"
        assert isinstance(ask(selected(limits=SMALL), wire), InvalidCommand)
        assert isinstance(ask(selected(), wire), TaggedCommand)

    def test_it_is_over_then(self) -> None:
        conn = logged_in(limits=SMALL)
        conn.receive_data(b"x" * 300)
        for _ in range(2):
            with pytest.raises(LimitExceeded):
                conn.next_event()
        assert state(conn) is State.ERROR
        with pytest.raises(LocalProtocolError):
            conn.send(Ok("hello"))

    @pytest.mark.parametrize("line", [b"GET / HTTP/1.1", b"POST /x HTTP/1.0", b"PRI * HTTP/2.0"])
    def test_http(self, line: bytes) -> None:
        outcome = serve([line + b"\r\nHost: x\r\n\r\n"], connected())
        assert outcome.output == b"* BAD No HTTP\r\n"
        assert outcome.error is not None
        assert isinstance(ask(logged_in(), line + b"\r\n"), InvalidCommand)


class TestCompletions:
    """A completion without a code is written by a way of its own, to the same effect."""

    @pytest.mark.parametrize("tag", ["a", "A1", "x-y.z", "[", "7", "~"])
    @pytest.mark.parametrize("kind", [Ok, No, Bad])
    @pytest.mark.parametrize("text", ["", "done", "a [b] c", '5 % "of" {7}'])
    def test_same_as_any_response(self, kind: type[Ok | No | Bad], tag: str, text: str) -> None:
        conn = selected()
        ask(conn, f"{tag} NOOP\r\n".encode())
        conn.send(kind(text, tag=tag))
        assert conn.data_to_send() == encode_response(kind(text, tag=tag))

    @pytest.mark.parametrize("text", ["[ALERT", "a\r\nb OK", "a\nb", "a\0b", "schön"])
    def test_refused_as_any_response(self, text: str) -> None:
        conn = selected()
        ask(conn, b"a NOOP\r\n")
        with pytest.raises(LocalProtocolError):
            encode_response(Ok(text, tag="a"))
        with pytest.raises(LocalProtocolError):
            conn.send(Ok(text, tag="a"))
        assert conn.data_to_send() == b""
        assert list(conn.in_flight) == ["a"]


class TestTrace:
    def test_all_lines_and_no_secret(self) -> None:
        lines: list[str] = []
        conn = ServerConnection(
            EVERYTHING, tls=True, trace=lambda line: lines.append(f"{line.sender}: {line.text}")
        )
        conn.send(Ok("ready"))
        serve(
            [
                b"a LOGIN ann wrong\r\n",
                b"b AUTHENTICATE PLAIN\r\n" + b64encode(b"\0ann\0secret") + b"\r\n",
                b"c APPEND {1+}\r\nx {3+}\r\nabc (\\Seen) {2}\r\nxy\r\n",
                b"d LIST {999999999999}\r\n",
                b"i IDLE\r\nDONE\r\n",
                b"z LOGOUT\r\n",
            ],
            conn,
        )
        text = "\n".join(lines)
        assert "secret" not in text
        assert "wrong" not in text
        assert b64encode(b"\0ann\0secret").decode() not in text
        assert "S: * OK ready" in lines
        assert "C: a LOGIN [redacted]" in lines
        assert "C: [3 octets of the message]" in lines
        assert "C: c APPEND {1+} {3+}" in lines
        assert "C:  (\\Seen) {2}" in lines
        assert "C: d LIST {999999999999}" in lines
        assert "C: DONE" in lines
        assert lines[-1] == "S: z OK LOGOUT completed"

    def test_content_is_counted(self) -> None:
        lines: list[str] = []
        conn = selected(trace=lambda line: lines.append(line.text))
        ask(conn, b"a UID FETCH 1 BODY[]\r\n")
        conn.send(imap.FetchResponse(1, {imap.Section.parse("BODY[]"): imap.Literal(5)}))
        said(conn, imap.MessageOctets(b"hello"), ok("a"))
        assert lines[-4:] == [
            "* 1 FETCH (BODY[] {5}",
            "[5 octets of the message]",
            ")",
            "a OK done",
        ]
