"""Dovecot as a peer: IMAP, POP3, LMTP and submission server."""

import base64
import hmac
import json
import pwd
import time

from .peers import (
    ACCOUNTS,
    DOMAIN,
    HOST,
    Account,
    Certificates,
    Maildir,
    Peer,
    free_port,
    program,
    require_root,
)

_DOVECOT = """\
protocols = imap pop3 lmtp submission
listen = {host}
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {log_file}
auth_verbose = yes
hostname = dovecot.{domain}

ssl = yes
ssl_cert = <{certificates.chain_file}
ssl_key = <{certificates.key_file}
ssl_ca = <{certificates.authority_file}
ssl_verify_client_cert = yes
ssl_require_crl = no

auth_mechanisms = plain login cram-md5 digest-md5 scram-sha-1 scram-sha-256 apop oauthbearer \
xoauth2 external anonymous
disable_plaintext_auth = no
auth_username_format = %Ln
auth_username_chars =
auth_anonymous_username = {anonymous}
auth_ssl_username_from_cert = yes
auth_failure_delay = 0
passdb {{
  driver = oauth2
  mechanisms = oauthbearer xoauth2
  args = {folder}/oauth2.conf
}}
passdb {{
  driver = static
  mechanisms = external
  args = nopassword=yes
}}
passdb {{
  driver = passwd-file
  args = {folder}/users
}}
userdb {{
  driver = passwd-file
  args = {folder}/users
}}
first_valid_uid = {uid}
last_valid_uid = {uid}
first_valid_gid = {gid}

mail_location = maildir:~/Maildir
namespace inbox {{
  inbox = yes
}}

submission_relay_host = {host}
submission_relay_port = {relay_port}

# A refused password must not delay the logins that follow from the same address.
service anvil {{
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service imap-login {{
  inet_listener imap {{
    port = {imap_port}
  }}
  inet_listener imaps {{
    port = {imaps_port}
  }}
}}
service pop3-login {{
  inet_listener pop3 {{
    port = {pop3_port}
  }}
  inet_listener pop3s {{
    port = {pop3s_port}
  }}
}}
service submission-login {{
  inet_listener submission {{
    port = {submission_port}
  }}
  inet_listener submissions {{
    port = {submissions_port}
    ssl = yes
  }}
}}
service lmtp {{
  inet_listener lmtp {{
    port = {lmtp_port}
  }}
  unix_listener {lmtp_socket} {{
    mode = 0666
  }}
}}
"""

_OAUTH2 = """\
introspection_mode = local
local_validation_key_dict = fs:posix:prefix={folder}/keys/
username_attribute = sub
"""

_SIGNING_KEY = b"a secret that only the issuer of tokens and Dovecot know"


# Whom SASL ANONYMOUS logs in as.
ANONYMOUS = Account("anonymous", "no one knows this")


def _base64url(data: bytes) -> bytes:
    return base64.urlsafe_b64encode(data).rstrip(b"=")


def bearer_token(account: Account, *, valid_seconds: int = 3600) -> str:
    """Return a JSON web token (RFC 7519, HS256) for an account; expired if valid_seconds < 0."""
    now = int(time.time())
    header = {"alg": "HS256", "typ": "JWT"}
    claims = {"sub": account.name, "iat": now - 7200, "exp": now + valid_seconds}
    signed = b".".join(_base64url(json.dumps(part).encode()) for part in (header, claims))
    return (signed + b"." + _base64url(hmac.digest(_SIGNING_KEY, signed, "sha256"))).decode()


class Dovecot(Peer):
    """A running Dovecot; users are ACCOUNTS.

    - imap_port, pop3_port, submission_port: STARTTLS offered, AUTH allowed without it as well.
    - imaps_port, pop3s_port, submissions_port: implicit TLS.
    - lmtp_port, lmtp_socket (path): LMTP into the Maildirs that IMAP and POP3 show.
    - relay_port: where its submission service hands mail on to; the test listens there.

    ``settings`` is more of its configuration.
    """

    def __init__(self, certificates: Certificates, *, settings: str = "") -> None:
        require_root("Dovecot")
        dovecot = program("dovecot", "dovecot-core")
        for service, package in {
            "imap": "dovecot-imapd",
            "pop3": "dovecot-pop3d",
            "lmtp": "dovecot-lmtpd",
            "submission": "dovecot-submissiond",
        }.items():
            program(f"/usr/lib/dovecot/{service}", package)
        super().__init__("dovecot")
        self.imap_port = self.greeting_port = free_port()
        self.imaps_port = free_port()
        self.pop3_port = free_port()
        self.pop3s_port = free_port()
        self.submission_port = free_port()
        self.submissions_port = free_port()
        self.lmtp_port = free_port()
        self.lmtp_socket = str(self.folder / "lmtp")
        self.relay_port = free_port()
        nobody = pwd.getpwnam("nobody")
        owner = f"{nobody.pw_uid}:{nobody.pw_gid}"
        mail = self.make_folder("mail", owner="nobody")
        for who in ACCOUNTS:  # a test that fills the Maildir would make it root's
            self.make_folder(f"mail/{who.name}", owner="nobody")
        self.write(
            "users",
            "".join(
                f"{who.name}:{{PLAIN}}{who.password}:{owner}::{mail / who.name}::\n"
                for who in (*ACCOUNTS, ANONYMOUS)
            ),
        )
        self.write("keys/default/HS256/default", base64.b64encode(_SIGNING_KEY).decode())
        values = {
            **vars(self),
            "domain": DOMAIN,
            "host": HOST,
            "uid": nobody.pw_uid,
            "gid": nobody.pw_gid,
            "anonymous": ANONYMOUS.name,
            "certificates": certificates,
        }
        self.write("oauth2.conf", _OAUTH2.format_map(values))
        configuration = self.write("dovecot.conf", _DOVECOT.format_map(values) + settings)
        self.command = [dovecot, "-c", str(configuration), "-F"]

    def maildir(self, account: Account) -> Maildir:
        """Return the inbox of an account."""
        return Maildir(self.folder / "mail" / account.name / "Maildir")
