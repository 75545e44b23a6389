"""A normalised text as tokens, each with what stands before it."""

from __future__ import annotations

import re
from functools import lru_cache
from zoneinfo import ZoneInfoNotFoundError

from farscrawler.timestamps.context import in_context
from farscrawler.timestamps.vocabulary import GLUED, OTHER, UNKNOWN_ZONE, VOCABULARY, Kind, Token, Word
from farscrawler.timestamps.years import IN_WORDS, year_in_words, year_of_thousands
from farscrawler.zones import time_zone

_TOKEN = re.compile(
    rf"""
    (?P<east>\+(?:0?[0-9]|1[0-4]):?(?:00|15|30|45)(?![0-9:]))             # an offset apart from its time
    | (?P<date>(?:[0-9]{{1,4}}|[12],[0-9]{{3}})(?P<sep>[ ]?/[ ]?|-|\.)[0-9]{{1,2}}(?P=sep)
        (?:[12],[0-9]{{3}}|[0-9]{{1,4}})
        (?![0-9])(?!(?P=sep)[0-9]+(?![0-9:])))                      # 1401/02/28, but no 1401-02-28-3
    | (?P<clock>[0-9]{{1,2}}(?:[ ]?:[ ]?[0-9]{{1,2}})+(?![0-9])
        (?P<fraction>\.[0-9]+(?![0-9]|[/.-][0-9]))?
        (?P<offset>[ ]?[+-](?:0[0-9]|1[0-4]):?(?:00|15|30|45)(?![0-9]|[:/.-][0-9])|\+(?:0[0-9]|1[0-4])(?![0-9:/.]))?)
    | (?P<groups>[0-9]+(?:[./-][0-9]+)+(?![0-9]|[ ]?:[ ]?[0-9])|[0-9]{{1,3}}(?:[,'][0-9]{{3}})+(?![0-9]))
    | (?P<number>[0-9]+)
    | (?P<named>(?:GMT|UTC)[ ]?[+-](?:0?[0-9]|1[0-4])(?::?(?:00|15|30|45))?(?![0-9]))
    | (?P<path>[A-Z][a-z]+/[A-Z][A-Za-z]+(?:_[A-Za-z]+)*(?![A-Za-z/]))   # Asia/Tehran
    | (?P<address>(?:https?://|www\.)[^\s|]*|\#\w*|[A-Za-z0-9-]{{1,63}}\.(?:ir|com|net|org|news|af)\b[^\s|]*)
    | (?P<dotted>(?<![^\W\d_])(?:[قب][ ]?\.[ ]?ظ|ه[ ]?\.[ ]?[شق]|[aApP]\.[ ]?[mM])(?![^\W\d_])\.?)
    | (?P<year>{IN_WORDS})
    | (?P<word>[^\W\d_]+)
    # digits of other scripts, and signs; but an @ before a number parts a date from its time
    | (?P<mark>\d|[%$€£&=<>^]|@(?![ ]?(?:[0-9]{{1,4}}(?![0-9A-Za-z_])|ساعت)))
    """,
    re.VERBOSE,
)
# A number of so many digits is none of a date's; Python refuses to convert very long ones.
_LONG_NUMBER = 10
_TWO_DIGITS = 2
_WITH_SECONDS = 3


_DATE = Word(Kind.NUMERIC_DATE)
_CLOCK = Word(Kind.CLOCK)
_DIGIT_GROUPS = Word(Kind.DIGIT_GROUPS)
_NUMBER = Word(Kind.NUMBER)
_DIGITS = re.compile("[0-9]+")


@lru_cache(maxsize=64)
def _is_zone(name: str) -> bool:
    """Whether ``name`` is a zone of the tz database; it comes from the text, so anything may be asked."""
    try:
        time_zone(name)
    except ZoneInfoNotFoundError:
        return False
    return True


def minutes_east(text: str) -> int:
    """Return the minutes of an offset such as ``+04:30``, ``-0330`` or ``+4``."""
    sign, digits = text[0], text[1:].replace(":", "")
    hours, minutes = (digits, "0") if len(digits) <= _TWO_DIGITS else (digits[:-2], digits[-2:])
    total = int(hours) * 60 + int(minutes)
    return -total if sign == "-" else total


def lex(text: str) -> list[Token]:
    """Return the tokens of a normalised text, every word of it in exactly one of them."""
    matches = list(_TOKEN.finditer(text))
    tokens: list[Token] = []
    end = index = 0
    while index < len(matches):
        match = matches[index]
        gap = text[end : match.start()]
        used = 1
        group = match.lastgroup
        found = match[0]
        if group == "word":
            word, used = _phrase(text, matches, index)
            _add(tokens, word, gap, found, dotted=text[match.end() : match.end() + 1] == ".")
        elif group == "number":
            value = int(found) if len(found) < _LONG_NUMBER else 10**_LONG_NUMBER
            tokens.append(Token(_NUMBER, gap, found, (value,)))
        elif group == "date":
            plain = found.replace(",", "")
            tokens.append(Token(_DATE, gap, plain, tuple(map(int, _DIGITS.findall(plain)))))
        elif group == "clock":
            tokens.append(_clock(match, gap))
        elif group == "year":
            year = year_in_words(found)
            tokens.append(Token(_NUMBER, gap, str(year), (year,), worded=True) if year else Token(OTHER, gap, found))
        else:
            _add_rare(tokens, _rare(match, gap))
        end = matches[index + used - 1].end()
        index += used
    return tokens


def _phrase(text: str, matches: list[re.Match[str]], index: int) -> tuple[Word, int]:
    """Return the meaning of the longest known phrase that begins at ``index``, and its number of words."""
    for rest, word in VOCABULARY.get(matches[index][0].lower(), ()):
        following = matches[index + 1 : index + 1 + len(rest)]
        if len(following) == len(rest) and all(
            match[0].lower() == part and not text[matches[index + n].end() : match.start()].strip(" ")
            for n, (match, part) in enumerate(zip(following, rest, strict=True))
        ):
            return word, 1 + len(rest)
    return OTHER, 1


def _add(tokens: list[Token], word: Word, gap: str, found: str, *, dotted: bool) -> None:
    """Add the token of a word; one that is several written together, such as دوساعت, adds theirs."""
    parts = GLUED.get(found.lower()) if word is OTHER else None
    for part, text in parts or ((word, found),):
        meant, before = in_context(part, gap, text, tokens, dotted=dotted)
        tokens.append(Token(meant, before, text, (meant.value,) if meant.kind is Kind.NUMBER else ()))
        gap = ""


def _add_rare(tokens: list[Token], token: Token) -> None:
    """Add a token of ``_rare``: a zone takes in the به وقت before it, a name after a time is a zone unknown."""
    last = tokens[-1].kind if tokens else None
    if last is Kind.ZONE_LEAD and token.kind in (Kind.ZONE, Kind.ZONE_OFFSET):
        token.gap = tokens.pop().gap
    elif last is Kind.CLOCK and token.word is OTHER and token.text[0].isalpha() and not token.gap.strip(" ("):
        token = Token(UNKNOWN_ZONE, token.gap, token.text)
    tokens.append(token)


def _clock(match: re.Match[str], gap: str) -> Token:
    """Return the token of a time; one without numbers is misshapen.

    So is one with an offset to the west, 10:00-12:00, which is far more often a span of hours: only seconds or the T
    of ISO 8601 tell it from that.
    """
    fraction, offset = match["fraction"] or "", match["offset"]
    digits = match[0].removesuffix(offset or "").removesuffix(fraction)
    numbers = tuple(map(int, _DIGITS.findall(digits)))
    two_digits = all(len(part.strip()) == _TWO_DIGITS for part in digits.split(":")[1:])
    if not two_digits or gap.endswith("+") or (fraction and len(numbers) != _WITH_SECONDS):
        numbers = ()
    if offset and "-" in offset and len(numbers) != _WITH_SECONDS and not _is_iso(match):
        numbers = ()
    east = minutes_east(offset.strip()) if offset else None
    return Token(_CLOCK, gap, digits, numbers, east, spaced=" " in digits)


def _is_iso(match: re.Match[str]) -> bool:
    """Whether the time follows the T of ISO 8601."""
    return match.string[: match.start()][-1:].lower() == "t"


def _rare(match: re.Match[str], gap: str) -> Token:
    """Return the token of what is neither a word nor a usual number."""
    found = match[0]
    group = match.lastgroup
    if group == "groups":
        year = year_of_thousands(found)
        return Token(_DIGIT_GROUPS, gap, found, () if year is None else (year,))
    if group in ("east", "named"):
        return Token(Word(Kind.ZONE_OFFSET, minutes_east(found.lstrip("GMTUC "))), gap, found)
    if group == "path" and _is_zone(found):
        return Token(Word(Kind.ZONE, name=found), gap, found)
    if group == "dotted":
        entries = VOCABULARY.get(found.replace(" ", "").rstrip(".").lower(), ())
        return Token(entries[0][1] if entries else OTHER, gap, found)
    return Token(OTHER, gap, found)
