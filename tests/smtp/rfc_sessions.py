"""The sessions that RFCs print, as they print them but for what makes them run.

Left out are page breaks. Put in or changed: "220-" of the greetings in RFC 4954 is "220 "; its
TLS negotiation and the ENHANCEDSTATUSCODES that its replies need are written out, a folded
challenge is in one line and the session without initial response has a greeting; the chunks of
RFC 3030 4.2 have the length of the words that stand for them; continued lines of RFC 3461 are
joined and its arrows are letters.
"""

SESSIONS = {
    "RFC 5321 D.1": """
        S: 220 foo.com Simple Mail Transfer Service Ready
        C: EHLO bar.com
        S: 250-foo.com greets bar.com
        S: 250-8BITMIME
        S: 250-SIZE
        S: 250-DSN
        S: 250 HELP
        C: MAIL FROM:<Smith@bar.com>
        S: 250 OK
        C: RCPT TO:<Jones@foo.com>
        S: 250 OK
        C: RCPT TO:<Green@foo.com>
        S: 550 No such user here
        C: RCPT TO:<Brown@foo.com>
        S: 250 OK
        C: DATA
        S: 354 Start mail input; end with <CRLF>.<CRLF>
        C: Blah blah blah...
        C: ...etc. etc. etc.
        C: .
        S: 250 OK
        C: QUIT
        S: 221 foo.com Service closing transmission channel
    """,
    "RFC 5321 D.2": """
        S: 220 foo.com Simple Mail Transfer Service Ready
        C: EHLO bar.com
        S: 250-foo.com greets bar.com
        S: 250-8BITMIME
        S: 250-SIZE
        S: 250-DSN
        S: 250 HELP
        C: MAIL FROM:<Smith@bar.com>
        S: 250 OK
        C: RCPT TO:<Jones@foo.com>
        S: 250 OK
        C: RCPT TO:<Green@foo.com>
        S: 550 No such user here
        C: RSET
        S: 250 OK
        C: QUIT
        S: 221 foo.com Service closing transmission channel
    """,
    "RFC 5321 D.3 step 1": """
        S: 220 foo.com Simple Mail Transfer Service Ready
        C: EHLO bar.com
        S: 250-foo.com greets bar.com
        S: 250-8BITMIME
        S: 250-SIZE
        S: 250-DSN
        S: 250 HELP
        C: MAIL FROM:<JQP@bar.com>
        S: 250 OK
        C: RCPT TO:<Jones@XYZ.COM>
        S: 250 OK
        C: DATA
        S: 354 Start mail input; end with <CRLF>.<CRLF>
        C: Date: Thu, 21 May 1998 05:33:29 -0700
        C: From: John Q. Public <JQP@bar.com>
        C: Subject: The Next Meeting of the Board
        C: To: Jones@xyz.com
        C:
        C: Bill:
        C: The next meeting of the board of directors will be
        C: on Tuesday.
        C: John.
        C: .
        S: 250 OK
        C: QUIT
        S: 221 foo.com Service closing transmission channel
    """,
    "RFC 5321 D.3 step 2": """
        S: 220 xyz.com Simple Mail Transfer Service Ready
        C: EHLO foo.com
        S: 250 xyz.com is on the air
        C: MAIL FROM:<JQP@bar.com>
        S: 250 OK
        C: RCPT TO:<Jones@XYZ.COM>
        S: 250 OK
        C: DATA
        S: 354 Start mail input; end with <CRLF>.<CRLF>
        C: Received: from bar.com by foo.com ; Thu, 21 May 1998
        C:     05:33:29 -0700
        C: Date: Thu, 21 May 1998 05:33:22 -0700
        C: From: John Q. Public <JQP@bar.com>
        C: Subject:  The Next Meeting of the Board
        C: To: Jones@xyz.com
        C:
        C: Bill:
        C: The next meeting of the board of directors will be
        C: on Tuesday.
        C:                         John.
        C: .
        S: 250 OK
        C: QUIT
        S: 221 foo.com Service closing transmission channel
    """,
    "RFC 5321 D.4": """
        S: 220 foo.com Simple Mail Transfer Service Ready
        C: EHLO bar.com
        S: 250-foo.com greets bar.com
        S: 250-8BITMIME
        S: 250-SIZE
        S: 250-DSN
        S: 250-VRFY
        S: 250 HELP
        C: VRFY Crispin
        S: 250 Mark Crispin <Admin.MRC@foo.com>
        C: MAIL FROM:<EAK@bar.com>
        S: 250 OK
        C: RCPT TO:<Admin.MRC@foo.com>
        S: 250 OK
        C: DATA
        S: 354 Start mail input; end with <CRLF>.<CRLF>
        C: Blah blah blah...
        C: ...etc. etc. etc.
        C: .
        S: 250 OK
        C: QUIT
        S: 221 foo.com Service closing transmission channel
    """,
    "RFC 2920 4, without pipelining": """
        S: <wait for open connection>
        C: <open connection to server>
        S: 220 Innosoft.com SMTP service ready
        C: HELO dbc.mtview.ca.us
        S: 250 Innosoft.com
        C: MAIL FROM:<mrose@dbc.mtview.ca.us>
        S: 250 sender <mrose@dbc.mtview.ca.us> OK
        C: RCPT TO:<ned@innosoft.com>
        S: 250 recipient <ned@innosoft.com> OK
        C: RCPT TO:<dan@innosoft.com>
        S: 250 recipient <dan@innosoft.com> OK
        C: RCPT TO:<kvc@innosoft.com>
        S: 250 recipient <kvc@innosoft.com> OK
        C: DATA
        S: 354 enter mail, end with line containing only "."
        C: .
        S: 250 message sent
        C: QUIT
        S: 221 goodbye
    """,
    "RFC 2920 4, with pipelining": """
        S: <wait for open connection>
        C: <open connection to server>
        S: 220 innosoft.com SMTP service ready
        C: EHLO dbc.mtview.ca.us
        S: 250-innosoft.com
        S: 250 PIPELINING
        C: MAIL FROM:<mrose@dbc.mtview.ca.us>
        C: RCPT TO:<ned@innosoft.com>
        C: RCPT TO:<dan@innosoft.com>
        C: RCPT TO:<kvc@innosoft.com>
        C: DATA
        S: 250 sender <mrose@dbc.mtview.ca.us> OK
        S: 250 recipient <ned@innosoft.com> OK
        S: 250 recipient <dan@innosoft.com> OK
        S: 250 recipient <kvc@innosoft.com> OK
        S: 354 enter mail, end with line containing only "."
        C: .
        C: QUIT
        S: 250 message sent
        S: 221 goodbye
    """,
    "RFC 2920 4, all recipients refused": """
        S: <wait for open connection>
        C: <open connection to server>
        S: 220 innosoft.com SMTP service ready
        C: EHLO dbc.mtview.ca.us
        S: 250-innosoft.com
        S: 250 PIPELINING
        C: MAIL FROM:<mrose@dbc.mtview.ca.us>
        C: RCPT TO:<nsb@thumper.bellcore.com>
        C: RCPT TO:<galvin@tis.com>
        C: DATA
        S: 250 sender <mrose@dbc.mtview.ca.us> OK
        S: 550 remote mail to <nsb@thumper.bellore.com> not allowed
        S: 550 remote mail to <galvin@tis.com> not allowed
        S: 554 no valid recipients given
        C: QUIT
        S: 221 goodbye
    """,
    "RFC 2920 4, DATA accepted all the same": """
        S: <wait for open connection>
        C: <open connection to server>
        S: 220 innosoft.com SMTP service ready
        C: EHLO dbc.mtview.ca.us
        S: 250-innosoft.com
        S: 250 PIPELINING
        C: MAIL FROM:<mrose@dbc.mtview.ca.us>
        C: RCPT TO:<nsb@thumper.bellcore.com>
        C: RCPT TO:<galvin@tis.com>
        C: DATA
        S: 250 sender <mrose@dbc.mtview.ca.us> OK
        S: 550 remote mail to <nsb@thumper.bellore.com> not allowed
        S: 550 remote mail to <galvin@tis.com> not allowed
        S: 354 enter mail, end with line containing only "."
        C: .
        C: QUIT
        S: 554 no valid recipients
        S: 221 goodbye
    """,
    "RFC 3030 4.1": """
        R: <wait for connection on TCP port 25>
        S: <open connection to server>
        R: 220 cnri.reston.va.us SMTP service ready
        S: EHLO ymir.claremont.edu
        R: 250-cnri.reston.va.us says hello
        R: 250 CHUNKING
        S: MAIL FROM:<Sam@Random.com>
        R: 250 <Sam@Random.com> Sender ok
        S: RCPT TO:<Susan@Random.com>
        R: 250 <Susan@random.com> Recipient ok
        S: BDAT 86 LAST
        S: To: Susan@random.com<CR><LF>
        S: From: Sam@random.com<CR><LF>
        S: Subject: This is a bodyless test message<CR><LF>
        R: 250 Message OK, 86 octets received
        S: QUIT
        R: 221 Goodbye
    """,
    "RFC 3030 4.2": """
        S: <open connection to server>
        R: 220 cnri.reston.va.us SMTP service ready
        S: EHLO ymir.claremont.edu
        R: 250-cnri.reston.va.us says hello
        R: 250-PIPELINING
        R: 250-BINARYMIME
        R: 250 CHUNKING
        S: MAIL FROM:<ned@ymir.claremont.edu> BODY=BINARYMIME
        S: RCPT TO:<gvaudre@cnri.reston.va.us>
        S: RCPT TO:<jstewart@cnri.reston.va.us>
        R: 250 <ned@ymir.claremont.edu>... Sender and BINARYMIME ok
        R: 250 <gvaudre@cnri.reston.va.us>... Recipient ok
        R: 250 <jstewart@cnri.reston.va.us>... Recipient ok
        S: BDAT 53
        S: (First 10000 octets of canonical MIME message data)
        S: BDAT 55
        S: (Remaining 324 octets of canonical MIME message data)
        S: BDAT 0 LAST
        R: 250 100000 octets received
        R: 250 324 octets received
        R: 250 Message OK, 100324 octets received
        S: QUIT
        R: 221 Goodbye
    """,
    "RFC 3207 5": """
        S: <waits for connection on TCP port 25>
        C: <opens connection>
        S: 220 mail.imc.org SMTP service ready
        C: EHLO mail.example.com
        S: 250-mail.imc.org offers a warm hug of welcome
        S: 250-8BITMIME
        S: 250-STARTTLS
        S: 250 DSN
        C: STARTTLS
        S: 220 Go ahead
        C: <starts TLS negotiation>
        C & S: <negotiate a TLS session>
        C & S: <check result of negotiation>
        C: EHLO mail.example.com
        S: 250-mail.imc.org touches your hand gently for a moment
        S: 250-8BITMIME
        S: 250 DSN
    """,
    "RFC 2033 4.5": """
        S: 220 foo.edu LMTP server ready
        C: LHLO foo.edu
        S: 250-foo.edu
        S: 250-PIPELINING
        S: 250 SIZE
        C: MAIL FROM:<chris@bar.com>
        S: 250 OK
        C: RCPT TO:<pat@foo.edu>
        S: 250 OK
        C: RCPT TO:<jones@foo.edu>
        S: 550 No such user here
        C: RCPT TO:<green@foo.edu>
        S: 250 OK
        C: DATA
        S: 354 Start mail input; end with <CRLF>.<CRLF>
        C: Blah blah blah...
        C: ...etc. etc. etc.
        C: .
        S: 250 OK
        S: 452 <green@foo.edu> is temporarily over quota
        C: QUIT
        S: 221 foo.edu closing connection
    """,
    "RFC 4954 4.1 PLAIN": """
        S: 220 smtp.example.com ESMTP Server
        C: EHLO client.example.com
        S: 250-smtp.example.com Hello client.example.com
        S: 250-AUTH GSSAPI DIGEST-MD5
        S: 250-ENHANCEDSTATUSCODES
        S: 250 STARTTLS
        C: STARTTLS
        S: 220 Ready to start TLS
        C & S: <negotiate a TLS session>
        C: EHLO client.example.com
        S: 250-smtp.example.com Hello client.example.com
        S: 250-AUTH GSSAPI DIGEST-MD5 PLAIN
        S: 250 ENHANCEDSTATUSCODES
        C: AUTH PLAIN dGVzdAB0ZXN0ADEyMzQ=
        S: 235 2.7.0 Authentication successful
    """,
    "RFC 4954 4.1 PLAIN without initial response": """
        S: 220 smtp.example.com ESMTP Server
        C: EHLO client.example.com
        S: 250-smtp.example.com Hello client.example.com
        S: 250-AUTH GSSAPI DIGEST-MD5 PLAIN
        S: 250 ENHANCEDSTATUSCODES
        C: AUTH PLAIN
        S: 334
        C: dGVzdAB0ZXN0ADEyMzQ=
        S: 235 2.7.0 Authentication successful
    """,
    "RFC 4954 4.1 CRAM-MD5": """
        S: 220 smtp.example.com ESMTP Server
        C: EHLO client.example.com
        S: 250-smtp.example.com Hello client.example.com
        S: 250-AUTH DIGEST-MD5 CRAM-MD5
        S: 250-ENHANCEDSTATUSCODES
        S: 250 STARTTLS
        C: AUTH CRAM-MD5
        S: 334 PDQxOTI5NDIzNDEuMTI4Mjg0NzJAc291cmNlZm91ci5hbmRyZXcuY211LmVkdT4=
        C: cmpzMyBlYzNhNTlmZWQzOTVhYmExZWM2MzY3YzRmNGI0MWFjMA==
        S: 235 2.7.0 Authentication successful
    """,
    "RFC 4954 4.1 EXTERNAL": """
        S: 220 smtp.example.com ESMTP Server
        C: EHLO client.example.com
        S: 250-smtp.example.com Hello client.example.com
        S: 250-AUTH GSSAPI DIGEST-MD5
        S: 250-ENHANCEDSTATUSCODES
        S: 250 STARTTLS
        C: STARTTLS
        S: 220 Ready to start TLS
        C & S: <negotiate a TLS session>
        C: EHLO client.example.com
        S: 250-smtp.example.com Hello client.example.com
        S: 250-AUTH EXTERNAL GSSAPI DIGEST-MD5 PLAIN
        S: 250 ENHANCEDSTATUSCODES
        C: AUTH EXTERNAL =
        S: 235 2.7.0 Authentication successful
    """,
    "RFC 3461 10.1": """
        S: 220 Example.ORG SMTP server here
        C: EHLO Example.ORG
        S: 250-Example.ORG
        S: 250-DSN
        S: 250-EXPN
        S: 250 SIZE
        C: MAIL FROM:<Alice@Example.ORG> RET=HDRS ENVID=QQ314159
        S: 250 <Alice@Example.ORG> sender ok
        C: RCPT TO:<Bob@Example.COM> NOTIFY=SUCCESS ORCPT=rfc822;Bob@Example.COM
        S: 250 <Bob@Example.COM> recipient ok
        C: RCPT TO:<Carol@Ivory.EDU> NOTIFY=FAILURE ORCPT=rfc822;Carol@Ivory.EDU
        S: 250 <Carol@Ivory.EDU> recipient ok
        C: RCPT TO:<Dana@Ivory.EDU> NOTIFY=SUCCESS,FAILURE ORCPT=rfc822;Dana@Ivory.EDU
        S: 250 <Dana@Ivory.EDU> recipient ok
        C: RCPT TO:<Eric@Bombs.AF.MIL> NOTIFY=FAILURE ORCPT=rfc822;Eric@Bombs.AF.MIL
        S: 250 <Eric@Bombs.AF.MIL> recipient ok
        C: RCPT TO:<Fred@Bombs.AF.MIL> NOTIFY=NEVER
        S: 250 <Fred@Bombs.AF.MIL> recipient ok
        C: RCPT TO:<George@Tax-ME.GOV> NOTIFY=FAILURE ORCPT=rfc822;George@Tax-ME.GOV
        S: 250 <George@Tax-ME.GOV> recipient ok
        C: DATA
        S: 354 okay, send message
        C: (message goes here)
        C: .
        S: 250 message accepted
        C: QUIT
        S: 221 goodbye
    """,
}
