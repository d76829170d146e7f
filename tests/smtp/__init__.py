"""Tests of the SMTP and LMTP cores."""
