"""Dates of IMAP: ``date-time`` of INTERNALDATE and APPEND, ``date`` of SEARCH (RFC 9051 9)."""

import re
from datetime import date, datetime, timedelta, timezone
from functools import lru_cache

__all__ = [
    "format_date",
    "format_date_time",
    "parse_date",
    "parse_date_time",
    "parse_plain_sent",
]

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_MONTH_NUMBERS = {name.upper().encode(): at for at, name in enumerate(_MONTHS, start=1)}
_MONTH = b"|".join(_MONTH_NUMBERS)
_DATE_TIME = re.compile(
    rb"([ 0-9][0-9])-(" + _MONTH + rb")-([0-9]{4}) "
    rb"([0-9]{2}):([0-9]{2}):([0-9]{2}) ([+-][0-9]{4})",
    re.IGNORECASE,
)
_SENT = re.compile(
    r"(?:[A-Z][a-z]{2}, )?([0-9]{1,2}) ("
    + "|".join(_MONTHS)
    + r") ([1-9][0-9]{3}) ([0-9]{2}):([0-9]{2}):([0-9]{2}) (?!-0000)([+-][0-9]{2}[0-5][0-9])"
)
_DATE = re.compile(rb"([0-9]{1,2})-(" + _MONTH + rb")-([0-9]{4})", re.IGNORECASE)


def parse_date_time(raw: bytes) -> datetime:
    """Parse ``17-Jul-1996 02:44:25 -0700``, without its quotes; the result knows its zone.

    Raises :class:`ValueError`.
    """
    found = _DATE_TIME.fullmatch(raw)
    if found is None:
        raise ValueError("not a date-time")
    day, month, year, hour, minute, second, zone = found.groups()
    return datetime(
        int(year),
        _MONTH_NUMBERS[month.upper()],
        int(day),
        int(hour),
        int(minute),
        min(int(second), 59) if second == b"60" else int(second),  # a leap second
        tzinfo=_zone(zone),
    )


def parse_plain_sent(text: str) -> datetime | None:
    """Parse a Date field as most are: ``Wed, 17 Jul 1996 02:44:25 -0700`` (RFC 5322 3.3).

    None if it is written in another way. Raises :class:`ValueError` if there is no such date.
    """
    found = _SENT.fullmatch(text)
    if found is None:
        return None
    day, month, year, hour, minute, second, zone = found.groups()
    return datetime(
        int(year),
        _MONTHS.index(month) + 1,
        int(day),
        int(hour),
        int(minute),
        int(second),
        tzinfo=_zone(zone.encode()),
    )


@lru_cache(maxsize=128)
def _zone(raw: bytes) -> timezone:
    minutes = int(raw[1:3]) * 60 + int(raw[3:])
    if raw[3:] >= b"60":
        raise ValueError("not a time zone")
    return timezone(timedelta(minutes=-minutes if raw[:1] == b"-" else minutes))


def format_date_time(moment: datetime) -> bytes:
    """Write a date and time that knows its zone; a one-digit day gets a space before it.

    Raises :class:`ValueError`.
    """
    offset = moment.utcoffset()
    if offset is None:
        raise ValueError("a date-time needs a time zone")
    if moment.microsecond or offset % timedelta(minutes=1):
        raise ValueError("a date-time has whole seconds, its zone whole minutes")
    minutes = abs(offset) // timedelta(minutes=1)
    sign = "-" if offset < timedelta() else "+"
    return (
        f"{moment.day:2}-{_MONTHS[moment.month - 1]}-{moment.year:04} {moment:%H:%M:%S} "
        f"{sign}{minutes // 60:02}{minutes % 60:02}"
    ).encode()


@lru_cache(maxsize=1024)
def parse_date(raw: bytes) -> date:
    """Parse ``1-Feb-1994``, without quotes. Raises :class:`ValueError`."""
    found = _DATE.fullmatch(raw)
    if found is None:
        raise ValueError("not a date")
    return date(int(found[3]), _MONTH_NUMBERS[found[2].upper()], int(found[1]))


def format_date(day: date) -> bytes:
    """Write a date: ``1-Feb-1994``."""
    return f"{day.day}-{_MONTHS[day.month - 1]}-{day.year:04}".encode()
