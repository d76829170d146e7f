"""The server core in scenes: order, login, content, AUTH, STLS, limits, the end."""

import hmac
from typing import Any

import pytest

from mailproto import sasl
from mailproto.errors import LocalProtocolError, RemoteProtocolError
from mailproto.pop3 import (
    DEFAULT_CAPABILITIES,
    Apop,
    Auth,
    AuthResponse,
    Capa,
    Capabilities,
    Challenge,
    ConnectionClosed,
    Dele,
    EndOfListing,
    EndOfMessage,
    InvalidCommand,
    Lang,
    Language,
    Languages,
    MessageData,
    Noop,
    Pass,
    Pop3Limits,
    Quit,
    Response,
    ResponseCode,
    Retr,
    ScanListings,
    ServerConnection,
    ServerEvent,
    Stat,
    State,
    Stls,
    TraceLine,
    Uidl,
    UniqueIds,
    UnknownCommand,
    UpgradeToTls,
    User,
    Utf8,
    apop_digest,
    apop_timestamp,
    find_timestamp,
)
from mailproto.testing import Drop, bytewise, whole

from .drive import EVERYTHING, MESSAGES, SMALL, serve

cuts = pytest.mark.parametrize("cut", [whole, bytewise])


def server(capabilities: Capabilities = EVERYTHING, **options: Any) -> ServerConnection:
    made = ServerConnection(capabilities, **{"tls": True, **options})
    made.send(Response(True, "ready <1@pop.example>"))
    made.data_to_send()
    return made


def ask(conn: ServerConnection, line: bytes) -> Any:
    conn.receive_data(line)
    return conn.next_event()


def answer(conn: ServerConnection, *items: Any) -> bytes:
    for item in items:
        conn.send(item)
    return conn.data_to_send()


def logged_in(capabilities: Capabilities = EVERYTHING, **options: Any) -> ServerConnection:
    conn = server(capabilities, **options)
    ask(conn, b"USER ann\r\n")
    answer(conn, Response(True))
    ask(conn, b"PASS secret\r\n")
    answer(conn, Response(True))
    return conn


def state(conn: ServerConnection) -> State:
    """The state, which a type checker would take for fixed."""
    return conn.state


def refusal(conn: ServerConnection, line: bytes) -> str:
    """The text that a command is refused with."""
    event = ask(conn, line)
    assert isinstance(event, InvalidCommand)
    conn.send(conn.default_reply(event))
    assert conn.data_to_send() == f"-ERR {event.response.text}\r\n".encode()
    return event.response.text


class TestGreeting:
    def test_is_owed(self) -> None:
        conn = ServerConnection()
        conn.receive_data(b"CAPA\r\n")
        with pytest.raises(LocalProtocolError, match="greeting"):
            conn.next_event()
        conn.send(conn.default_reply(None))
        assert conn.data_to_send() == b"+OK POP3 ready\r\n"
        assert state(conn) is State.AUTHORIZATION
        assert conn.timestamp is None

    def test_refusing(self) -> None:
        conn = ServerConnection()
        conn.send(Response(False, "no room", ResponseCode.SYS_TEMP))
        assert conn.data_to_send() == b"-ERR [SYS/TEMP] no room\r\n"
        assert conn.next_event() == ConnectionClosed()

    def test_timestamp(self) -> None:
        timestamp = apop_timestamp("pop.example")
        assert timestamp != apop_timestamp("pop.example")
        assert find_timestamp(f"hello {timestamp}, friend") == timestamp
        conn = ServerConnection()
        conn.send(Response(True, f"ready {timestamp}"))
        assert conn.timestamp == timestamp


class TestOrder:
    @pytest.mark.parametrize(
        "line",
        [b"STAT", b"LIST", b"LIST 1", b"UIDL", b"RETR 1", b"TOP 1 0", b"DELE 1", b"NOOP", b"RSET"],
    )
    def test_login_comes_first(self, line: bytes) -> None:
        conn = server()
        assert refusal(conn, line + b"\r\n") == "Log in first"
        assert state(conn) is State.AUTHORIZATION

    @pytest.mark.parametrize(
        "line",
        [b"USER x", b"PASS x", b"APOP x " + b"0" * 32, b"AUTH PLAIN", b"STLS", b"UTF8"],
    )
    def test_only_before_login(self, line: bytes) -> None:
        assert refusal(logged_in(), line + b"\r\n") == "Already logged in"

    def test_pass_needs_user(self) -> None:
        conn = server()
        assert refusal(conn, b"PASS x\r\n") == "USER first"
        ask(conn, b"USER ann\r\n")
        answer(conn, Response(False, "who?"))
        assert refusal(conn, b"PASS x\r\n") == "USER first"
        ask(conn, b"USER ann\r\n")
        answer(conn, Response(True))
        assert conn.name == "ann"
        assert ask(conn, b"PASS x\r\n") == Pass("x")
        answer(conn, Response(False, "no"))
        assert refusal(conn, b"PASS x\r\n") == "USER first"

    @pytest.mark.parametrize(
        ("capability", "line"),
        [("USER", b"USER x"), ("TOP", b"TOP 1 0"), ("UIDL", b"UIDL"), ("LANG", b"LANG")],
    )
    def test_only_what_is_offered(self, capability: str, line: bytes) -> None:
        conn = logged_in() if line[:4] != b"USER" else server()
        conn.capabilities = EVERYTHING.without(capability)
        assert refusal(conn, line + b"\r\n") == "Not offered"

    def test_utf8_and_sasl_not_offered(self) -> None:
        conn = server(Capabilities(("USER",)))
        assert refusal(conn, b"UTF8\r\n") == "Not offered"
        assert refusal(conn, b"AUTH PLAIN\r\n") == "Mechanism not supported"

    @pytest.mark.parametrize("number", [b"0", b"-1", b"99999999999", b"x", b""])
    def test_impossible_numbers(self, number: bytes) -> None:
        conn = logged_in()
        for verb in (b"RETR ", b"DELE "):
            assert "message-number" in refusal(conn, verb + number + b"\r\n")
        assert ask(conn, b"NOOP\r\n") == Noop()

    def test_replies_in_order(self) -> None:
        conn = logged_in()
        conn.receive_data(b"STAT\r\nNOOP\r\nWHAT\r\n")
        assert conn.next_event() == Stat()
        with pytest.raises(LocalProtocolError, match="STAT"):
            conn.next_event()
        answer(conn, Response(True, "0 0"))
        assert conn.next_event() == Noop()
        answer(conn, conn.default_reply(Noop()))
        event = conn.next_event()
        assert event == UnknownCommand("WHAT")
        assert answer(conn, conn.default_reply(event)) == b"-ERR Unknown command\r\n"

    def test_every_event_has_a_default(self) -> None:
        conn = server()
        for event in (Retr(1), sasl.Rejected("x"), sasl.CheckPassword("u", "p"), Auth("X")):
            assert not conn.default_reply(event).ok
        for good in (Quit(), Capa(), Utf8(), Stls(), sasl.Authenticated("u")):
            assert conn.default_reply(good).ok
        with pytest.raises(LocalProtocolError):
            conn.default_reply(ConnectionClosed())


class TestLogin:
    def test_password_as_a_query(self) -> None:
        conn = server()
        ask(conn, b"USER ann\r\n")
        answer(conn, conn.default_reply(User("ann")))
        ask(conn, b"PASS two words \r\n")
        conn.authenticate()
        assert conn.next_event() == sasl.CheckPassword("ann", "two words ")
        conn.answer(True)
        event = conn.next_event()
        assert event == sasl.Authenticated("ann")
        assert state(conn) is State.AUTHORIZATION
        assert answer(conn, conn.default_reply(event)) == b"+OK Logged in\r\n"
        assert state(conn) is State.TRANSACTION
        assert conn.user == "ann"

    def test_another_name(self) -> None:
        conn = server()
        ask(conn, b"USER ann\r\n")
        answer(conn, Response(True))
        ask(conn, b"PASS x\r\n")
        conn.authenticate()
        conn.next_event()
        conn.answer("ann@example.org")
        assert conn.next_event() == sasl.Authenticated("ann@example.org")

    def test_wrong_password(self) -> None:
        conn = server()
        ask(conn, b"USER ann\r\n")
        answer(conn, Response(True))
        ask(conn, b"PASS x\r\n")
        conn.authenticate()
        conn.next_event()
        conn.answer(False)
        event = conn.next_event()
        assert isinstance(event, sasl.Rejected)
        with pytest.raises(LocalProtocolError, match=r"\+OK is no answer"):
            conn.send(Response(True))
        assert answer(conn, conn.default_reply(event)) == b"-ERR [AUTH] Authentication failed\r\n"
        assert state(conn) is State.AUTHORIZATION
        assert conn.user is None

    def test_maildrop_in_use(self) -> None:
        conn = server(limits=Pop3Limits(auth_failures=1))
        for _ in range(3):  # no failure of the client's
            ask(conn, b"USER ann\r\n")
            answer(conn, Response(True))
            ask(conn, b"PASS x\r\n")
            conn.authenticate()
            conn.next_event()
            conn.answer(True)
            conn.next_event()
            assert answer(conn, Response(False, "busy", ResponseCode.IN_USE)) == (
                b"-ERR [IN-USE] busy\r\n"
            )
            assert state(conn) is State.AUTHORIZATION
            assert conn.user is None

    def test_nobody_can_be_asked(self) -> None:
        conn = server()
        ask(conn, b"USER ann\r\n")
        answer(conn, Response(True))
        ask(conn, b"PASS x\r\n")
        conn.authenticate()
        query = conn.next_event()
        with pytest.raises(LocalProtocolError):
            conn.send(Response(True))
        assert answer(conn, conn.default_reply(query)) == (
            b"-ERR [SYS/TEMP] Try to log in later\r\n"
        )
        with pytest.raises(LocalProtocolError):
            conn.answer(True)
        assert ask(conn, b"CAPA\r\n") == Capa()

    def test_by_hand(self) -> None:
        conn = server()
        ask(conn, b"USER ann\r\n")
        answer(conn, Response(True))
        ask(conn, b"PASS x\r\n")
        answer(conn, Response(True))
        assert conn.user == "ann"
        assert state(conn) is State.TRANSACTION

    @pytest.mark.parametrize("line", [b"USER a\xc2\xadb\r\n", b"USER \xc2\xad\r\n"])
    def test_names_are_prepared(self, line: bytes) -> None:
        conn = server()
        ask(conn, line)
        answer(conn, Response(True))
        ask(conn, b"PASS x\r\n")
        conn.authenticate()
        event = conn.next_event()
        if line == b"USER \xc2\xad\r\n":
            assert isinstance(event, sasl.Rejected)
        else:
            assert event == sasl.CheckPassword("ab", "x")

    @pytest.mark.parametrize(
        "line", [b"USER k\xc3\xa4the\r\n", b"APOP \xc3\xa4 %b\r\n" % (b"0" * 32)]
    )
    def test_utf8_needs_an_offer(self, line: bytes) -> None:
        assert "UTF8 USER" in refusal(server(Capabilities(("USER", "UTF8"))), line)
        assert isinstance(ask(server(), line), User | Apop)

    def test_utf8_password_needs_an_offer(self) -> None:
        conn = server(Capabilities(("USER",)))
        ask(conn, b"USER ann\r\n")
        answer(conn, Response(True))
        assert "UTF8 USER" in refusal(conn, b"PASS \xc3\xa4\r\n")

    def test_plaintext_needs_tls(self) -> None:
        conn = server(tls=False)
        assert refusal(conn, b"USER ann\r\n") == "Passwords only over TLS"
        assert refusal(conn, b"AUTH PLAIN\r\n") == "Mechanism not supported"
        assert ask(conn, b"AUTH CRAM-MD5\r\n") == Auth("CRAM-MD5")
        conn = server(tls=False, allow_plaintext=True)
        assert ask(conn, b"USER ann\r\n") == User("ann")

    def test_nothing_to_authenticate(self) -> None:
        conn = server()
        with pytest.raises(LocalProtocolError):
            conn.authenticate()
        with pytest.raises(LocalProtocolError):
            conn.answer(True)
        ask(conn, b"AUTH PLAIN\r\n")
        with pytest.raises(LocalProtocolError, match="mechanism"):
            conn.authenticate()


class TestApop:
    def log_in(self, digest: str, password: str | None) -> tuple[ServerConnection, Any]:
        conn = ServerConnection()
        conn.send(Response(True, "POP3 server ready <1896.697170952@dbc.mtview.ca.us>"))
        conn.data_to_send()
        assert ask(conn, f"APOP mrose {digest}\r\n".encode()) == Apop("mrose", digest.lower())
        conn.authenticate()
        assert conn.next_event() == sasl.LookupPassword("mrose")
        conn.answer(password)
        return conn, conn.next_event()

    def test_example(self) -> None:
        """RFC 1939 7."""
        _, event = self.log_in("c4c9334bac560ecc979e58001b3e22fb", "tanstaaf")
        assert event == sasl.Authenticated("mrose")

    def test_upper_case(self) -> None:
        _, event = self.log_in("C4C9334BAC560ECC979E58001B3E22FB", "tanstaaf")
        assert event == sasl.Authenticated("mrose")

    @pytest.mark.parametrize("password", ["other", "", None])
    def test_refused(self, password: str | None) -> None:
        _, event = self.log_in("c4c9334bac560ecc979e58001b3e22fb", password)
        assert isinstance(event, sasl.Rejected)

    def test_no_user_with_an_empty_password(self) -> None:
        digest = apop_digest("<1896.697170952@dbc.mtview.ca.us>", "")
        _, event = self.log_in(digest, None)
        assert isinstance(event, sasl.Rejected)

    def test_constant_time(self, monkeypatch: pytest.MonkeyPatch) -> None:
        compared: list[tuple[str, str]] = []
        real = hmac.compare_digest

        def compare(expected: str, given: str) -> bool:
            compared.append((expected, given))
            return real(expected, given)

        monkeypatch.setattr(hmac, "compare_digest", compare)
        self.log_in("0" * 32, None)
        assert len(compared) == 1

    def test_no_timestamp(self) -> None:
        conn = ServerConnection()
        conn.send(Response(True, "ready"))
        conn.data_to_send()
        assert refusal(conn, b"APOP mrose %b\r\n" % (b"0" * 32)) == "The greeting had no timestamp"

    def test_platform_without_md5(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def forbidden(data: bytes) -> Any:
            raise ValueError("disabled for FIPS")

        monkeypatch.setattr("mailproto.pop3.apop.md5", forbidden)
        with pytest.raises(sasl.SaslError, match="MD5"):
            apop_digest("<a@b>", "x")
        _, event = self.log_in("0" * 32, "x")
        assert isinstance(event, sasl.Rejected)

    def test_password_that_saslprep_forbids(self) -> None:
        with pytest.raises(sasl.SaslError):
            apop_digest("<a@b>", "\x07")


class TestCapa:
    def lines(self, conn: ServerConnection) -> list[str]:
        ask(conn, b"CAPA\r\n")
        first, *lines, end, rest = answer(conn, conn.default_reply(Capa())).decode().split("\r\n")
        assert (first, end, rest) == ("+OK Capability list follows", ".", "")
        return lines

    def test_over_tls(self) -> None:
        lines = self.lines(server())
        assert "USER" in lines
        assert "SASL PLAIN LOGIN CRAM-MD5 SCRAM-SHA-256" in lines
        assert "STLS" not in lines

    def test_in_clear(self) -> None:
        lines = self.lines(server(tls=False))
        assert "USER" not in lines
        assert "SASL CRAM-MD5 SCRAM-SHA-256" in lines
        assert "STLS" in lines

    def test_only_plaintext_mechanisms_in_clear(self) -> None:
        lines = self.lines(server(Capabilities(("SASL PLAIN", "TOP")), tls=False))
        assert lines == ["TOP"]

    def test_unknown_mechanisms_are_kept(self) -> None:
        lines = self.lines(server(Capabilities(("SASL PLAIN X-OWN",)), tls=False))
        assert lines == ["SASL X-OWN"]

    def test_after_login(self) -> None:
        assert "STLS" not in self.lines(logged_in(tls=False, allow_plaintext=True))
        assert "USER" in self.lines(logged_in())

    def test_changed(self) -> None:
        conn = server()
        self.lines(conn)
        conn.capabilities = Capabilities(("TOP",))
        assert self.lines(conn) == ["TOP"]

    @pytest.mark.parametrize("line", ["X \x00", "É", "IMPLEMENTATION é", "."])
    def test_what_can_not_be_offered(self, line: str) -> None:
        with pytest.raises(LocalProtocolError):
            ServerConnection(Capabilities((line, "TOP")))

    def test_refused(self) -> None:
        conn = server()
        ask(conn, b"CAPA\r\n")
        assert answer(conn, Response(False, "no")) == b"-ERR no\r\n"
        assert not conn.reply_owed


class TestResponseCodes:
    def test_only_where_offered(self) -> None:
        conn = logged_in(Capabilities(("USER",)))
        ask(conn, b"NOOP\r\n")
        assert answer(conn, Response(False, "x", ResponseCode.SYS_PERM)) == b"-ERR x\r\n"

    def test_auth_code_has_an_offer_of_its_own(self) -> None:
        conn = logged_in(Capabilities(("USER", "RESP-CODES")))
        ask(conn, b"NOOP\r\n")
        assert answer(conn, Response(False, "x", ResponseCode.AUTH)) == b"-ERR x\r\n"
        ask(conn, b"NOOP\r\n")
        assert answer(conn, Response(False, "x", ResponseCode.IN_USE)) == b"-ERR [IN-USE] x\r\n"


class TestUtf8:
    def test_mode(self) -> None:
        conn = server()
        assert not conn.utf8
        assert ask(conn, b"UTF8\r\n") == Utf8()
        with pytest.raises(LocalProtocolError, match="UTF8 or LANG"):
            conn.send(Response(True, "für dich"))
        answer(conn, conn.default_reply(Utf8()))
        assert conn.utf8
        ask(conn, b"CAPA\r\n")
        assert answer(conn, Response(False, "für dich")) == "-ERR für dich\r\n".encode()

    def test_no_stls_behind_it(self) -> None:
        conn = server(tls=False)
        ask(conn, b"UTF8\r\n")
        answer(conn, Response(True))
        assert refusal(conn, b"STLS\r\n") == "No STLS after UTF8"

    def test_lang(self) -> None:
        conn = logged_in()
        assert ask(conn, b"LANG es\r\n") == Lang("es")
        assert answer(conn, Response(True, "es Español")) == "+OK es Español\r\n".encode()
        ask(conn, b"NOOP\r\n")
        assert answer(conn, Response(True, "Sí")) == "+OK Sí\r\n".encode()

    def test_languages(self) -> None:
        conn = logged_in()
        assert ask(conn, b"LANG\r\n") == Lang()
        listing = Languages((Language("es", "Español"), Language("en")))
        assert answer(conn, Response(True), listing, EndOfListing()) == (
            "+OK\r\nes Español\r\nen\r\n.\r\n".encode()
        )

    def test_lang_refused(self) -> None:
        conn = logged_in()
        event = ask(conn, b"LANG\r\n")
        assert answer(conn, conn.default_reply(event)).startswith(b"-ERR ")


class TestContent:
    def test_listing(self) -> None:
        conn = logged_in()
        ask(conn, b"LIST\r\n")
        conn.send(Response(True))
        assert conn.reply_owed
        with pytest.raises(LocalProtocolError):
            conn.next_event()
        for wrong in (Response(True), UniqueIds((1,), ("x",)), MessageData(b""), EndOfMessage()):
            with pytest.raises(LocalProtocolError, match="ScanListings"):
                conn.send(wrong)
        with pytest.raises(LocalProtocolError):
            conn.send(ScanListings((0,), (1,)))
        data = answer(conn, ScanListings((1,), (5,)), ScanListings((3,), (7,)), EndOfListing())
        assert data == b"+OK\r\n1 5\r\n3 7\r\n.\r\n"
        assert not conn.reply_owed

    def test_one_listing_is_a_line(self) -> None:
        conn = logged_in()
        ask(conn, b"UIDL 1\r\n")
        assert answer(conn, Response(True, "1 x")) == b"+OK 1 x\r\n"
        assert not conn.reply_owed

    def test_nothing_without_a_positive_answer(self) -> None:
        conn = logged_in()
        ask(conn, b"RETR 1\r\n")
        for wrong in (MessageData(b"x"), EndOfMessage(), ScanListings((1,), (5,)), EndOfListing()):
            with pytest.raises(LocalProtocolError):
                conn.send(wrong)
        answer(conn, Response(False, "gone"))
        with pytest.raises(LocalProtocolError):
            conn.send(MessageData(b"x"))

    @pytest.mark.parametrize(
        ("pieces", "wire"),
        [
            ([b""], b".\r\n"),
            ([], b".\r\n"),
            ([b"a\r\n"], b"a\r\n.\r\n"),
            ([b"a"], b"a\r\n.\r\n"),
            ([b"a\r"], b"a\r\r\n.\r\n"),
            ([b"a\n"], b"a\n\r\n.\r\n"),
            ([b"a\r", b"\n"], b"a\r\n.\r\n"),
            ([b".a\r\n"], b"..a\r\n.\r\n"),
            ([b"\r\n", b".\r\n"], b"\r\n..\r\n.\r\n"),
            ([b"\r", b"\n", b".", b"\r", b"\n"], b"\r\n..\r\n.\r\n"),
            ([b"a\n.\nb"], b"a\n..\nb\r\n.\r\n"),
            ([b"a\r.\rb"], b"a\r.\rb\r\n.\r\n"),
            ([b"a", b".", b"b"], b"a.b\r\n.\r\n"),
            ([b"x" * 70_000 + b"\r\n.y"], b"x" * 70_000 + b"\r\n..y\r\n.\r\n"),
            ([b"x" * 65_535 + b"\n.y"], b"x" * 65_535 + b"\n..y\r\n.\r\n"),
        ],
    )
    def test_messages(self, pieces: list[bytes], wire: bytes) -> None:
        conn = logged_in()
        ask(conn, b"RETR 1\r\n")
        data = answer(conn, Response(True), *map(MessageData, pieces), EndOfMessage())
        assert data == b"+OK\r\n" + wire
        assert ask(conn, b"NOOP\r\n") == Noop()

    def test_memory(self) -> None:
        """What is sent is not kept."""
        conn = logged_in()
        ask(conn, b"RETR 1\r\n")
        conn.send(Response(True))
        conn.data_to_send()
        for _ in range(100):
            assert len(answer(conn, MessageData(b"x" * 10_000))) == 10_000


class TestAuth:
    def run(self, conn: ServerConnection, line: bytes, *lines: bytes) -> Any:
        event = ask(conn, line)
        assert isinstance(event, Auth)
        mechanism = sasl.server_mechanism(event.mechanism)
        assert mechanism is not None
        conn.authenticate(mechanism)
        for more in lines:
            conn.receive_data(more)
        return conn.next_event()

    def test_initial_response(self) -> None:
        conn = server()
        query = self.run(conn, b"AUTH PLAIN dGVzdAB0ZXN0AHRlc3Q=\r\n")
        assert query == sasl.CheckPassword("test", "test", "test")
        conn.answer(True)
        event = conn.next_event()
        assert answer(conn, conn.default_reply(event)) == b"+OK Logged in\r\n"
        assert conn.user == "test"
        assert state(conn) is State.TRANSACTION

    def test_challenges(self) -> None:
        conn = server()
        assert self.run(conn, b"AUTH LOGIN\r\n") is None
        assert conn.data_to_send() == b"+ VXNlcm5hbWU6\r\n"
        assert state(conn) is State.AUTHENTICATING
        conn.receive_data(b"YW5u\r\nc2VjcmV0\r\n")
        assert conn.next_event() == sasl.CheckPassword("ann", "secret")
        conn.answer(False)
        event = conn.next_event()
        answer(conn, conn.default_reply(event))
        assert state(conn) is State.AUTHORIZATION
        assert ask(conn, b"CAPA\r\n") == Capa()

    @pytest.mark.parametrize("line", [b"*\r\n", b"!\r\n", b"AAA\r\n", b"\xff\r\n", b"CAPA\n!\r\n"])
    def test_cancelled_or_broken(self, line: bytes) -> None:
        conn = server()
        event = self.run(conn, b"AUTH PLAIN\r\n", line)
        assert isinstance(event, InvalidCommand | sasl.Rejected)
        answer(conn, conn.default_reply(event))
        assert state(conn) is State.AUTHORIZATION

    def test_cancelled(self) -> None:
        conn = server()
        event = self.run(conn, b"AUTH PLAIN\r\n", b"*\r\n")
        assert event == InvalidCommand(
            b"*", Response(False, "Authentication failed", ResponseCode.AUTH)
        )

    def test_unwanted_initial_response(self) -> None:
        conn = server()
        assert isinstance(self.run(conn, b"AUTH CRAM-MD5 AAAA\r\n"), sasl.Rejected)

    def test_by_hand(self) -> None:
        conn = server()
        ask(conn, b"AUTH PLAIN\r\n")
        assert answer(conn, Challenge(b"")) == b"+ \r\n"
        assert ask(conn, b"YQ==\r\n") == AuthResponse(b"a")
        assert answer(conn, Challenge(b"b")) == b"+ Yg==\r\n"
        assert ask(conn, b"*\r\n") == AuthResponse(None)
        answer(conn, Response(False))
        assert state(conn) is State.AUTHORIZATION
        ask(conn, b"AUTH PLAIN\r\n")
        answer(conn, Response(True))
        assert conn.user == ""
        assert state(conn) is State.TRANSACTION

    def test_success_by_hand(self) -> None:
        conn = server()
        ask(conn, b"AUTH PLAIN\r\n")
        answer(conn, Challenge(b""))
        ask(conn, b"YQ==\r\n")
        answer(conn, Response(True))
        assert state(conn) is State.TRANSACTION

    def test_challenges_answer_auth_only(self) -> None:
        conn = server()
        ask(conn, b"CAPA\r\n")
        with pytest.raises(LocalProtocolError):
            conn.send(Challenge(b""))

    @pytest.mark.parametrize("size", [30, 31, 500])
    @cuts
    def test_long_lines(self, cut: Any, size: int) -> None:
        conn = server(limits=SMALL)
        ask(conn, b"AUTH PLAIN\r\n")
        answer(conn, Challenge(b""))
        event = None
        for chunk in cut(b"A" * (size - 2) + b"\r\nCAPA\r\n"):
            conn.receive_data(chunk)
            event = event or conn.next_event()
        if size == 30:
            assert isinstance(event, AuthResponse)
            answer(conn, Response(False))
        else:
            assert event == InvalidCommand(b"", Response(False, "Line too long"))
            answer(conn, conn.default_reply(event))
        assert conn.next_event() == Capa()

    def test_eof(self) -> None:
        conn = server()
        ask(conn, b"AUTH PLAIN\r\n")
        answer(conn, Challenge(b""))
        conn.receive_eof()
        assert conn.next_event() == ConnectionClosed(False)


class TestStls:
    def test_upgrade(self) -> None:
        conn = server(tls=False)
        assert ask(conn, b"STLS\r\n") == Stls()
        assert answer(conn, conn.default_reply(Stls())) == b"+OK Begin TLS negotiation\r\n"
        assert conn.next_event() == UpgradeToTls()
        assert conn.next_event() is None
        with pytest.raises(LocalProtocolError):
            conn.send(Response(False))
        conn.tls_established([sasl.ChannelBinding("tls-exporter", b"x")])
        assert conn.channel_bindings[0].data == b"x"
        assert conn.tls
        assert refusal(conn, b"STLS\r\n") == "Command not permitted when TLS active"
        assert ask(conn, b"USER ann\r\n") == User("ann")

    def test_what_was_said_before_is_forgotten(self) -> None:
        conn = server(tls=False, allow_plaintext=True)
        ask(conn, b"USER mallory\r\n")
        answer(conn, Response(True))
        ask(conn, b"STLS\r\n")
        answer(conn, Response(True))
        conn.tls_established()
        assert refusal(conn, b"PASS x\r\n") == "USER first"

    def test_refused(self) -> None:
        conn = server(tls=False)
        ask(conn, b"STLS\r\n")
        answer(conn, Response(False))
        assert state(conn) is State.AUTHORIZATION
        with pytest.raises(LocalProtocolError):
            conn.tls_established()

    def test_injected(self) -> None:
        conn = server(tls=False)
        assert ask(conn, b"STLS\r\nUSER mallory\r\n") == Stls()
        answer(conn, Response(True))
        for _ in range(2):
            with pytest.raises(RemoteProtocolError, match="CVE-2011-0411"):
                conn.next_event()
        assert state(conn) is State.ERROR

    @pytest.mark.parametrize("data", [b"U", b"\n"])
    def test_injected_later(self, data: bytes) -> None:
        conn = server(tls=False)
        ask(conn, b"STLS\r\n")
        answer(conn, Response(True))
        conn.receive_data(data)
        with pytest.raises(RemoteProtocolError, match="CVE-2011-0411"):
            conn.tls_established()
        with pytest.raises(RemoteProtocolError, match="CVE-2011-0411"):
            conn.next_event()


class TestLimits:
    def test_errors(self) -> None:
        conn = logged_in(limits=SMALL)
        for _ in range(3):
            refusal(conn, b"RETR\r\n")
        conn.receive_data(b"NOOP\r\n")
        with pytest.raises(RemoteProtocolError, match="errors=3"):
            conn.next_event()
        assert conn.data_to_send() == b"-ERR Too many errors or commands, closing\r\n"
        with pytest.raises(RemoteProtocolError, match="errors=3"):
            conn.next_event()

    def test_a_good_command_resets_them(self) -> None:
        conn = logged_in(limits=SMALL)
        for _ in range(5):
            refusal(conn, b"RETR\r\n")
            refusal(conn, b"RETR\r\n")
            ask(conn, b"NOOP\r\n")
            answer(conn, Response(True))

    def test_a_missing_message_is_no_error(self) -> None:
        conn = logged_in(limits=SMALL)
        for number in range(1, 9):
            ask(conn, b"DELE %d\r\n" % number)
            answer(conn, conn.default_reply(Dele(number)))

    def test_commands_before_auth(self) -> None:
        conn = server(limits=SMALL)
        for _ in range(6):
            ask(conn, b"CAPA\r\n")
            answer(conn, Response(True))
        conn.receive_data(b"CAPA\r\n")
        with pytest.raises(RemoteProtocolError, match="commands_before_auth"):
            conn.next_event()

    def test_not_after_login(self) -> None:
        conn = logged_in(limits=SMALL)
        for _ in range(10):
            ask(conn, b"NOOP\r\n")
            answer(conn, Response(True))

    def test_auth_failures(self) -> None:
        conn = server(limits=SMALL)
        ask(conn, b"AUTH PLAIN AHUAcA==\r\n")
        answer(conn, Response(False))
        conn.receive_data(b"AUTH PLAIN AHUAcA==\r\n")
        with pytest.raises(RemoteProtocolError, match="auth_failures"):
            conn.next_event()

    @cuts
    @pytest.mark.parametrize(("size", "fits"), [(40, True), (41, False), (1000, False)])
    def test_long_lines(self, cut: Any, size: int, fits: bool) -> None:
        line = b"USER " + b"x" * (size - 7) + b"\r\n"
        outcome = serve(cut(line + b"CAPA\r\n"), ServerConnection(limits=SMALL, tls=True))
        assert outcome.error is None
        if fits:
            assert outcome.events[0] == User("x" * (size - 7))
        else:
            too_long = Response(False, "Line too long")
            assert outcome.events[0] == InvalidCommand(line[:40].rstrip(b"\r"), too_long)
        assert outcome.events[1] == Capa()

    @cuts
    def test_a_line_without_end(self, cut: Any) -> None:
        conn = ServerConnection(limits=SMALL, tls=True)
        outcome = serve(cut(b"x" * 5000), conn)
        assert outcome.events == [ConnectionClosed(False)]

    def test_a_line_without_end_is_not_kept(self) -> None:
        conn = server(limits=SMALL)
        for _ in range(100):
            assert ask(conn, b"x" * 1000) is None
        assert conn._buffer.peek(10**9) == b""

    def test_idle(self) -> None:
        assert ServerConnection().timeout == 600

    @pytest.mark.parametrize("line", [b"GET / HTTP/1.1\r\n", b"POST /x HTTP/1.0\r\n"])
    def test_http(self, line: bytes) -> None:
        conn = server()
        conn.receive_data(line + b"Host: x\r\n\r\n")
        with pytest.raises(RemoteProtocolError, match="HTTP"):
            conn.next_event()
        assert conn.data_to_send() == b"-ERR No HTTP\r\n"

    def test_tls_handshake_in_clear(self) -> None:
        conn = server()
        conn.receive_data(b"\x16\x03\x01\x02\x00")
        with pytest.raises(RemoteProtocolError, match="TLS handshake"):
            conn.next_event()

    def test_secrets_are_not_in_events(self) -> None:
        conn = logged_in()
        event = ask(conn, b"PASS hunter2\r\n")
        assert isinstance(event, InvalidCommand)
        assert event.line == b"PASS [redacted]"


class TestEnd:
    def test_quit_before_login(self) -> None:
        conn = server()
        assert ask(conn, b"QUIT\r\n") == Quit()
        assert state(conn) is State.CLOSED
        assert answer(conn, conn.default_reply(Quit())) == b"+OK Bye\r\n"
        assert conn.next_event() == ConnectionClosed()

    @pytest.mark.parametrize("ok", [True, False])
    def test_update(self, ok: bool) -> None:
        conn = logged_in()
        assert ask(conn, b"QUIT\r\nNOOP\r\n") == Quit()
        assert state(conn) is State.UPDATE
        answer(conn, Response(ok, "x"))
        assert state(conn) is State.CLOSED
        assert conn.next_event() == ConnectionClosed()
        conn.receive_data(b"NOOP\r\n")
        assert conn.next_event() == ConnectionClosed()

    def test_eof_is_no_update(self) -> None:
        drop = Drop(MESSAGES)
        outcome = serve(
            [b"USER ann\r\nPASS secret\r\nDELE 1\r\n"], ServerConnection(tls=True), drop
        )
        assert outcome.events[-1] == ConnectionClosed()
        assert drop.deleted == {1}
        assert drop.removed is None

    def test_cut_off(self) -> None:
        outcome = serve([b"USER a"], ServerConnection(tls=True))
        assert outcome.events == [ConnectionClosed(False)]

    def test_farewell(self) -> None:
        conn = logged_in()
        assert answer(conn, Response(False, "shutting down", ResponseCode.SYS_TEMP)) == (
            b"-ERR [SYS/TEMP] shutting down\r\n"
        )
        assert conn.next_event() == ConnectionClosed()
        with pytest.raises(LocalProtocolError):
            conn.send(Response(False))

    def test_no_positive_farewell(self) -> None:
        with pytest.raises(LocalProtocolError):
            logged_in().send(Response(True))

    def test_invalid_commands_are_refused(self) -> None:
        conn = logged_in()
        ask(conn, b"RETR\r\n")
        with pytest.raises(LocalProtocolError):
            conn.send(Response(True))

    def test_nothing_changes_if_a_response_can_not_be_sent(self) -> None:
        conn = logged_in()
        ask(conn, b"NOOP\r\n")
        with pytest.raises(LocalProtocolError):
            conn.send(Response(True, "a\r\nb"))
        assert conn.reply_owed
        assert answer(conn, Response(True)) == b"+OK\r\n"

    def test_unknown_commands_may_be_served(self) -> None:
        conn = logged_in()
        assert ask(conn, b"XTND x\r\n") == UnknownCommand("XTND", "x")
        assert answer(conn, Response(True, "fine")) == b"+OK fine\r\n"
        assert ask(conn, b"UIDL\r\n") == Uidl()


class TestStrict:
    @pytest.mark.parametrize(
        "line",
        [b"NOOP\n", b"RETR 01\r\n", b"RETR  1\r\n", b"NOOP \r\n", b"XYZ " + b"x" * 252 + b"\r\n"],
    )
    def test_refuses_what_is_tolerated(self, line: bytes) -> None:
        assert isinstance(ask(logged_in(strict=True), line), InvalidCommand)
        event: ServerEvent = ask(logged_in(), line)
        assert event.defects  # type: ignore[union-attr]

    def test_serves_the_rest(self) -> None:
        assert ask(logged_in(strict=True), b"noop\r\n") == Noop()


class TestTrace:
    def test_secrets_are_redacted(self) -> None:
        lines: list[TraceLine] = []
        conn = ServerConnection(EVERYTHING, tls=True, trace=lines.append)
        drop = Drop((b"secret\r\n",))
        serve(
            [
                b"AUTH LOGIN\r\n*\r\nAUTH PLAIN\r\nAGFubgB4\r\nAUTH PLAIN AGFubgB4\r\n"
                b"USER ann\r\npass secret\r\nRETR 1\r\nx\xff\r\nQUIT\r\n"
            ],
            conn,
            drop,
        )
        assert [f"{line.sender}: {line.text}" for line in lines] == [
            "S: +OK ready <1@pop.example>",
            "C: AUTH LOGIN",
            "S: + VXNlcm5hbWU6",
            "C: *",
            "S: -ERR [AUTH] Authentication failed",
            "C: AUTH PLAIN",
            "S: + ",
            "C: [redacted]",
            "S: -ERR [AUTH] Authentication failed",
            "C: AUTH PLAIN [redacted]",
            "S: -ERR [AUTH] Authentication failed",
            "C: USER ann",
            "S: +OK Send PASS",
            "C: pass [redacted]",
            "S: -ERR Too many errors or commands, closing",
        ]

    def test_a_message_is_a_count(self) -> None:
        lines: list[TraceLine] = []
        conn = ServerConnection(tls=True, trace=lines.append)
        conn.send(Response(True))
        for command, *items in (
            (b"USER ann", Response(True)),
            (b"PASS x", Response(True)),
            (
                b"RETR 1",
                Response(True),
                MessageData(b"se"),
                MessageData(b"cret\r\n"),
                EndOfMessage(),
            ),
            (b"TOP 1 0", Response(True), EndOfMessage()),
            (b"QUIT", Response(True)),
        ):
            ask(conn, command + b"\r\n")
            answer(conn, *items)
        assert [f"{line.sender}: {line.text}" for line in lines] == [
            "S: +OK",
            *("C: USER ann", "S: +OK", "C: PASS [redacted]", "S: +OK"),
            *("C: RETR 1", "S: +OK", "S: [8 octets of the message]"),
            *("C: TOP 1 0", "S: +OK"),
            *("C: QUIT", "S: +OK"),
        ]
        assert DEFAULT_CAPABILITIES.utf8_user
