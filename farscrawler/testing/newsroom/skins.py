"""The article page in the engine's three known skins: A from a sister site's page, 1 and 2 from selectors."""

from __future__ import annotations

from typing import TYPE_CHECKING

from farscrawler.testing.newsroom import frame, words
from farscrawler.testing.newsroom.prose import NBSP, ZWNJ

if TYPE_CHECKING:
    from collections.abc import Callable

    from farscrawler.testing.newsroom.story import Story

_text = frame.text


def render(story: Story, *, weight: int, sidebar: list[Story], related: list[Story]) -> str:
    """Return the article page of ``story``, padded with menus to about ``weight`` bytes."""
    article = _SKINS[story.skin](story)
    aside = frame.sidebar(sidebar)
    below = frame.related(related)
    title = frame.head(story.headline)
    foot = frame.foot()
    rest = sum(len(part.encode()) for part in (title, article, aside, below, foot))
    menu = frame.menu(_stepped(weight - rest))
    return (
        f'{title}<form method="post" action="./" id="aspnetForm">\n{menu}'
        '<div id="wrapper"><div class="container">\n'
        f"{aside}{article}{below}</div></div>\n{foot}</form>\n</body>\n</html>\n"
    )


def _stepped(weight: int, step: int = 8_192) -> int:
    """Round to whole steps, so that few different menus have to be kept."""
    return max(0, round(weight / step) * step)


def _body_lines(story: Story, *, with_opening: bool = True) -> list[str]:
    lines = [story.opening] if story.opening is not None and with_opening else []
    lines += story.paragraphs
    if story.end_mark is not None:
        lines.append(story.end_mark)
    return [_text(line) for line in lines]


def _short_link(story: Story) -> str:
    return (
        'لینک کوتاه: <input name="ctl00$ContentPlaceHolder1$litUrlShort" type="text" '
        f'value="{story.short_link}" readonly="readonly" id="ctl00_ContentPlaceHolder1_litUrlShort" />'
    )


def _zoom(story: Story) -> str:
    return words.ZOOM_LABELS[story.article_id % len(words.ZOOM_LABELS)]


def _shares(story: Story) -> str:
    return (
        "<ul class='sign-in-social'><li><a href=\"javascript:void(0)\" "
        f"onclick=\"window.open('/Incsys/PrtNews.aspx?l=Fa&code={story.article_id}&k=0')\">چاپ</a></li>"
        f"<li><a href='http://share.example/?url={frame.address(story, 3)}'>اشتراک</a></li></ul>"
    )


def _skin_a(story: Story) -> str:
    service, service_label, part, part_label = story.section
    kicker = "" if story.kicker is None else _text(story.kicker)
    image = ""
    if story.picture is not None:
        image = (
            '<div class="image-news pull-right image-one">\n<img src=\''
            f"{story.picture.path}' alt='تصوير خبر' class='img-responsive' />\n</div>\n"
        )
    if "zwnj-kept" in story.quirks:
        # The real page writes these as entities.
        lines = [line.replace(ZWNJ, "&zwnj;").replace(NBSP, "&nbsp;") for line in _body_lines(story)]
    else:
        lines = _body_lines(story)
    zoom = f"{_zoom(story)}<br/> " if image and story.article_id % 3 == 0 else ""
    empty = '<div class="info">\n<span class="category">\n    </span>\n</div>\n'
    return f"""<div class="col-md-8">
<div id="content-news" class="section-category">
    <div class="section-name">
        <a href='/Service/{service}/{part_label.replace(" ", "-")}' target='_blank'>{service_label}</a> :: \
<a href='/NewsAll/{part}/{part_label.replace(" ", "-")}' target='_blank'>{part_label}</a>
    </div>
    <div class="section-content">
        <div class="info">
            <span class="category">
                {kicker}</span>
        </div>
        <h1 class="title-news">
            {_text(story.headline)}</h1>
        <div class="info-news"><div class="pull-right"><div class="info">
            <span class="date-created">
                 {story.article_timestamp}</span>
        </div></div><div class="pull-left">{_shares(story)}</div></div>
        <div class="main-news">
            {image}            {zoom}{"<br/> ".join(lines)}<br/> --><br/>
        </div>
        {empty}{empty}<div class="comment-write">{_short_link(story)}
        کد خبر: <input value="{story.article_id}" /> {frame.TRAP}</div>
    </div>
</div>
</div>
"""


def _figure(story: Story) -> str:
    if story.picture is None:
        return ""
    caption = ""
    if story.picture.caption is not None:
        caption = f"<figcaption>{_text(story.picture.caption)}</figcaption>"
    return f'<div>{_zoom(story)}</div>\n<figure><img src="{story.picture.path}" />{caption}</figure>\n'


def _skin_1(story: Story) -> str:
    wrapper = ("status-publish", "boxcolor")[story.article_id % 2]
    lines = _body_lines(story)
    if story.opening is not None and story.dateline is not None:
        # The dateline is set in bold, as typists do; inline tags break no line.
        opening = lines[0].removeprefix(_text(story.dateline))
        lines[0] = f"<strong>{_text(story.dateline)}</strong>{opening}"
    body = "\n".join(f"<p>{line}</p>" for line in lines)
    tags = " ".join(f'<a href="/Tags/{number}" rel="tag">{tag}</a>' for number, tag in enumerate(story.tags))
    return f"""<article class="post {wrapper} hentry">
<header><span class="entry-cat"><a href="/NewsAll/{story.section[2]}/">{story.section[3]}</a></span>
<h1 class="the_title"><a href="/Fa/News/{story.article_id}/">{_text(story.headline)}</a></h1>
<div class="entry-meta"><ul><li>{story.print_timestamp}</li><li>کد خبر: {story.article_id}</li></ul></div>
</header>
<div class="entry-content">
{_figure(story)}{body}
<p>لینک کوتاه: {story.short_link}</p>
</div>
<footer>{_short_link(story)} <div class="tags">{tags}</div> {_shares(story)} {frame.TRAP}</footer>
</article>
"""


def _skin_2(story: Story) -> str:
    kicker = "" if story.kicker is None else f"<h2>{_text(story.kicker)}</h2>\n"
    lead = ""
    if story.opening is not None:
        lead = f'<div class="newslid">{_text(story.opening)}</div>\n'
    body = "\n".join(f"<div>{line}</div>" for line in _body_lines(story, with_opening=False))
    return f"""<div id="ctl00_ContentPlaceHolder1_divNews">
{kicker}<h1>{_text(story.headline)}</h1>
<dl class="article-info"><dt>جزئيات</dt><dd>{story.print_timestamp}</dd>
<dd>کد خبر: {story.article_id}</dd></dl>
{lead}{_figure(story)}{body}
<div>لینک کوتاه: {story.short_link}</div>
</div>
<div class="tools">{_short_link(story)} {_shares(story)} {frame.TRAP}</div>
"""


_SKINS: dict[str, Callable[[Story], str]] = {"A": _skin_a, "1": _skin_1, "2": _skin_2}
