"""Tests against real mail programs from Debian's packages, on loopback."""
