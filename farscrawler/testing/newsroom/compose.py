"""Compose stories: a pure function of seed, id, place in time and revision."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import TYPE_CHECKING

from farscrawler.testing.newsroom import prose, words
from farscrawler.testing.newsroom.story import LAYOUTS, PRINT_MARKUPS, SKINS, Picture, Story

if TYPE_CHECKING:
    from datetime import datetime

    from farscrawler.testing.newsroom.clock import Timeline

# How often each thing is so. Nothing is known of the real shares: these let every case occur often.
_SHARES = {
    "kicker": 0.9,
    "agency": 0.7,
    "end-mark": 0.6,
    "single": 0.05,
    "single-dateline": 0.85,
    "dateline-city": 0.25,
    "headline-double-space": 0.15,
    "html-special": 0.1,
    "nbsp-inside": 0.3,
    "double-space": 0.3,
    "picture": 0.75,
    "caption": 0.5,
}


def compose(
    seed: int,
    article_id: int,
    timeline: Timeline,
    index: int,
    *,
    revision: int = 0,
    markup: str = "mixed",
) -> Story:
    """Return the story of ``article_id``, the ``index``-th of the ``timeline``."""
    rng = random.Random(f"{seed}:{article_id}")
    published = timeline.instant(index, rng.random())  # as in instant()
    layout = rng.choices(LAYOUTS, (30, 45, 25))[0]
    spelling = prose.pick_spelling(rng)
    quirks = {f"{spelling.yeh}-yeh", f"zwnj-{spelling.zwnj}", f"digits-{spelling.digits}"}
    kicker = None
    if layout != "1404" and _happens(rng, "kicker"):
        kicker = spelling.write(prose.fill(rng, words.KICKERS))
    story = Story(
        article_id=article_id,
        revision=0,
        published=published,
        layout=layout,
        clock=rng.choice(("english", "english", "persian")) if layout == "1396" else "24",
        digits=rng.choices(("ascii", "persian", "arabic"), (85, 10, 5))[0],
        print_markup=rng.choice(PRINT_MARKUPS) if markup == "mixed" else markup,
        skin=_skin(rng, kicker),
        kicker=kicker,
        headline=_headline(rng, spelling, quirks),
        dateline=None,
        separator="",
        lead=None,
        opening=None,
        paragraphs=(),
        agency=rng.choice(words.AGENCIES) if layout == "1396" and _happens(rng, "agency") else None,
        section=_section(rng),
        tags=tuple(rng.sample(words.TAGS, rng.randint(0, 4))),
        picture=None,
        end_mark=rng.choice(words.END_MARKS) if layout != "1404" and _happens(rng, "end-mark") else None,
        quirks=frozenset(),
    )
    story = _with_text(rng, spelling, quirks, story)
    story = replace(story, picture=_picture(rng, spelling, story), quirks=frozenset(quirks))
    return story if revision == 0 else _revised(story, seed, revision, spelling)


def instant(seed: int, article_id: int, timeline: Timeline, index: int) -> datetime:
    """Return when the story of ``article_id`` appears, without composing it."""
    return timeline.instant(index, random.Random(f"{seed}:{article_id}").random())


def _happens(rng: random.Random, thing: str) -> bool:
    return rng.random() < _SHARES[thing]


def _skin(rng: random.Random, kicker: str | None) -> str:
    """Return the skin of a story: skin 1 has no known place for a kicker, so only stories without one wear it."""
    return rng.choice(("A", "2")) if kicker else rng.choice(SKINS)


def _section(rng: random.Random) -> tuple[int, str, int, str]:
    number, label, parts = rng.choice(words.SECTIONS)
    part, part_label = rng.choice(parts)
    return number, label, part, part_label


def _headline(rng: random.Random, spelling: prose.Spelling, quirks: set[str]) -> str:
    kinds = {
        "headline-plain": words.HEADLINES,
        "headline-quotes": words.HEADLINES_QUOTED,
        "headline-special": words.HEADLINES_SPECIAL,
        "headline-date": words.HEADLINES_DATED,
        "headline-short": words.HEADLINES_SHORT,
    }
    kind = rng.choices(tuple(kinds), (70, 14, 6, 5, 5))[0]
    headline = spelling.write(prose.fill(rng, kinds[kind]))
    quirks.add(kind)
    if _happens(rng, "headline-double-space"):
        headline = prose.at_some_space(rng, headline, "  ")
        quirks.add("headline-double-space")
    return headline


def _with_text(rng: random.Random, spelling: prose.Spelling, quirks: set[str], story: Story) -> Story:
    """Return ``story`` with its dateline, lead and paragraphs."""
    single = story.layout == "1404" or _happens(rng, "single")
    shape = "single" if single else rng.choices(("lead", "plain", "bare"), (86, 9, 5))[0]
    quirks.add(f"text-{shape}")
    paragraphs = _paragraphs(rng, spelling, quirks, shape)
    # A lone paragraph opens with a dateline most of the time; "plain" text never does.
    if shape == "plain" or (shape == "single" and not _happens(rng, "single-dateline")):
        return replace(story, paragraphs=tuple(paragraphs))
    dateline = spelling.write(rng.choice(words.DATELINES))
    separator = rng.choice(words.SEPARATORS)
    if _happens(rng, "dateline-city"):
        dateline = f"{dateline} - {spelling.write(rng.choice(words.CITIES))}"
        quirks.add("dateline-city")
    if shape == "bare":
        opening, lead = f"{dateline} {separator}", None
    else:
        lead = paragraphs.pop(0)
        opening = f"{dateline} {separator} {lead}"
    if shape == "single":
        return replace(story, dateline=dateline, separator=separator, paragraphs=(opening,))
    return replace(
        story,
        dateline=dateline,
        separator=separator,
        lead=lead,
        opening=opening,
        paragraphs=tuple(paragraphs),
    )


def _paragraphs(rng: random.Random, spelling: prose.Spelling, quirks: set[str], shape: str) -> list[str]:
    length = rng.choices(("short-body", "usual-body", "long-body"), (8, 84, 8))[0]
    quirks.add(length)
    if length == "short-body":
        count = 1 if shape == "single" else 2
        return [spelling.write(prose.fill(rng, words.SENTENCES_SHORT)) for _ in range(count)]
    if shape == "single":
        count, sentences = 1, (4, 9) if length == "usual-body" else (40, 80)
    else:
        count, sentences = rng.randint(4, 7) if length == "usual-body" else rng.randint(14, 30), (2, 4)
    special = _happens(rng, "html-special")
    paragraphs = [
        prose.paragraph(rng, spelling, rng.randint(*sentences), special=special and at == count - 1)
        for at in range(count)
    ]
    if special:
        quirks.add("html-special")
    for quirk, letter in (("nbsp-inside", prose.NBSP), ("double-space", "  ")):
        if _happens(rng, quirk):
            at = rng.randrange(count)
            paragraphs[at] = prose.at_some_space(rng, paragraphs[at], letter)
            quirks.add(quirk)
    return paragraphs


def _picture(rng: random.Random, spelling: prose.Spelling, story: Story) -> Picture | None:
    if not _happens(rng, "picture"):
        return None
    path = (
        f"/Incsys/Photo.aspx?image=/Uploads/news{rng.randint(1, 4)}/"
        f"{story.published:%Y%m%d}{story.article_id}.jpg&width=300&height=225"
    )
    caption = spelling.write(prose.fill(rng, words.CAPTIONS)) if _happens(rng, "caption") else None
    return Picture(path=path, caption=caption)


def _revised(story: Story, seed: int, revision: int, spelling: prose.Spelling) -> Story:
    """Return ``story`` with one paragraph longer by a sentence that names the revision: no two are alike."""
    rng = random.Random(f"{seed}:{story.article_id}:{revision}")
    sentence = spelling.write(prose.fill(rng, (words.SENTENCE_REVISED,), revision))
    at = rng.randrange(len(story.paragraphs))
    changed = (*story.paragraphs[:at], f"{story.paragraphs[at]} {sentence}", *story.paragraphs[at + 1 :])
    return replace(story, revision=revision, paragraphs=changed)
