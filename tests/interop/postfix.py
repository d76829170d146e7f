"""Postfix as a peer: SMTP and submission server, and SMTP and LMTP client of our servers."""

import os
import pwd
import shutil
import subprocess

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

_MAIN = """\
compatibility_level = 3.6
queue_directory = {folder}/queue
data_directory = {folder}/data
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
shlib_directory = /usr/lib/postfix
meta_directory = /etc/postfix
maillog_file = {log_file}
maillog_file_prefixes = {folder}

myhostname = postfix.{domain}
mydestination =
mynetworks = 127.0.0.0/8
inet_interfaces = {host}
inet_protocols = ipv4
smtp_dns_support_level = disabled
smtpd_peername_lookup = no
local_header_rewrite_clients =
notify_classes =
message_size_limit = 67108864
virtual_mailbox_limit = 0
smtpd_error_sleep_time = 0
smtpd_authorized_xclient_hosts = 127.0.0.0/8
smtpd_authorized_xforward_hosts = 127.0.0.0/8

virtual_mailbox_domains = {domain}
virtual_mailbox_base = {folder}/mail
virtual_mailbox_maps = texthash:{folder}/mailboxes
virtual_uid_maps = static:{uid}
virtual_gid_maps = static:{gid}
recipient_delimiter = +
alias_maps =

relay_domains = relay.test
transport_maps = texthash:{folder}/transport
smtp_tls_security_level = may
lmtp_tls_security_level = may
minimal_backoff_time = 1s
maximal_backoff_time = 2s
queue_run_delay = 1s

smtpd_tls_security_level = may
smtpd_tls_chain_files = {certificates.key_file}, {certificates.chain_file}
smtpd_sasl_auth_enable = yes
smtpd_sasl_local_domain = {domain}
"""

_MASTER = """\
postlog    unix-dgram n - n - 1 postlogd
{host}:{smtp_port} inet n - n - - smtpd
{host}:{submission_port} inet n - n - - smtpd
  -o smtpd_tls_security_level=encrypt
  -o smtpd_recipient_restrictions=permit_sasl_authenticated,reject
{host}:{smtps_port} inet n - n - - smtpd
  -o smtpd_tls_wrappermode=yes
  -o smtpd_recipient_restrictions=permit_sasl_authenticated,reject
cleanup    unix n - n - 0 cleanup
qmgr       unix n - n 300 1 qmgr
tlsmgr     unix - - n 1000? 1 tlsmgr
rewrite    unix - - n - - trivial-rewrite
bounce     unix - - n - 0 bounce
defer      unix - - n - 0 bounce
trace      unix - - n - 0 bounce
verify     unix - - n - 1 verify
flush      unix n - n 1000? 0 flush
proxymap   unix - - n - - proxymap
smtp       unix - - n - - smtp
lmtp       unix - - n - - lmtp
showq      unix n - n - - showq
error      unix - - n - - error
retry      unix - - n - - error
discard    unix - - n - - discard
virtual    unix - n n - - virtual
anvil      unix - - n - 1 anvil
scache     unix - - n - 1 scache
"""

_TRANSPORT = """\
smtp.relay.test smtp:[{host}]:{relay_port}
lmtp.relay.test lmtp:inet:[{host}]:{lmtp_relay_port}
"""

_SASL = """\
pwcheck_method: auxprop
auxprop_plugin: sasldb
sasldb_path: {folder}/sasldb
mech_list: PLAIN LOGIN CRAM-MD5 DIGEST-MD5 SCRAM-SHA-1 SCRAM-SHA-256 SCRAM-SHA-512
"""


class Postfix(Peer):
    """A running Postfix; users are ACCOUNTS, everyone else at example.test is refused (550).

    - smtp_port: STARTTLS and AUTH offered; relays for anyone; XCLIENT and XFORWARD allowed.
    - submission_port: STARTTLS required, then AUTH required.
    - smtps_port: implicit TLS, AUTH required.
    - relay_port, lmtp_relay_port: where it hands on mail for smtp.relay.test and lmtp.relay.test;
      the test listens there. It uses STARTTLS where offered, tries again a second or two after a
      4yz reply, and bounces to the sender after a 5yz reply.
    """

    def __init__(self, certificates: Certificates) -> None:
        require_root("Postfix")
        postfix = program("postfix", "postfix")
        saslpasswd = program("saslpasswd2", "sasl2-bin")
        super().__init__("postfix")
        self.smtp_port = self.greeting_port = free_port()
        self.submission_port = free_port()
        self.smtps_port = free_port()
        self.relay_port = free_port()
        self.lmtp_relay_port = free_port()
        nobody = pwd.getpwnam("nobody")
        values = {
            **vars(self),
            "domain": DOMAIN,
            "host": HOST,
            "uid": nobody.pw_uid,
            "gid": nobody.pw_gid,
            "certificates": certificates,
        }
        for name, template in {
            "conf/main.cf": _MAIN,
            "conf/master.cf": _MASTER,
            "conf/sasl/smtpd.conf": _SASL,
            "transport": _TRANSPORT,
            "mailboxes": "".join(f"{who.address} {who.name}/\n" for who in ACCOUNTS),
        }.items():
            file = self.write(name, template.format_map(values))
            os.utime(file, (0, 0))  # Postfix waits for a file to be older than a second
        self.make_folder("queue")
        self.make_folder("data", owner="postfix")
        self.make_folder("mail", owner="nobody")
        passwords = self.folder / "sasldb"
        for who in ACCOUNTS:
            subprocess.run(
                [saslpasswd, "-p", "-c", "-f", passwords, "-u", DOMAIN, who.name],
                input=who.password.encode(),
                check=True,
            )
        shutil.chown(passwords, "postfix")
        configuration = self.folder / "conf"
        subprocess.run([postfix, "-c", configuration, "check"], check=True)  # makes the queue
        self.command = ["/usr/lib/postfix/sbin/master", "-c", str(configuration)]

    def maildir(self, account: Account) -> Maildir:
        """Return the mailbox of an account."""
        return Maildir(self.folder / "mail" / account.name)
