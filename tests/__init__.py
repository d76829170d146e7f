"""Tests of mailproto."""
