"""The recorded reasons in Persian, for the page. What a site or another program has said in its own words stays."""

from __future__ import annotations

import re

from farscrawler.persian import digits

#: How a recorded reason begins, and the same in Persian; the longest beginning that fits counts.
PHRASES: dict[str, str] = {
    # Of pages, as extract has them.
    "empty body": "صفحهٔ تهی",
    "cut off": "صفحهٔ بریده",
    "unfinished page": "صفحهٔ ناتمام",
    "larger than": "بزرگ‌تر از",
    "binary": "پروندهٔ دودویی",
    "content type": "محتوا از گونهٔ",
    "more elements than": "شمار اجزای صفحه بیش از",
    "too many attributes": "ویژگی‌های بیش از اندازه در صفحه",
    "nested too deeply": "تودرتویی بیش از اندازهٔ صفحه",
    "took too long to read": "خواندنش بیش از اندازه زمان می‌برد",
    "a selector fails on it": "گزینش‌گری در آن شکست می‌خورد",
    "took too much memory to read": "خواندنش بیش از اندازه حافظه می‌خواهد",
    "no article id": "بی‌شناسهٔ خبر",
    "is article": "خبر دیگری است با شناسهٔ",
    "no headline and timestamp": "بی‌تیتر و بی‌زمان",
    "no timestamp": "بی‌زمان",
    "no text": "بی‌متن",
    "no time, and nothing says that it is an article": "بی‌زمان، و بی نشانی از خبر بودن",
    "list of articles": "فهرست خبرها",
    "home page": "صفحهٔ نخست",
    "page about the site": "صفحه‌ای دربارهٔ پایگاه",
    "more than one article": "بیش از یک خبر",
    "unknown layout": "چینش ناشناخته",
    "empty template": "قالب تهی",
    "soft 404": "صفحهٔ «پیدا نشد» با پاسخ عادی",
    "server error page": "صفحهٔ خطای سرور",
    "ArvanCloud challenge": "دیوار ابر آروان",
    "Cloudflare challenge": "دیوار کلودفلر",
    "F5 challenge": "دیوار F5",
    "no key": "بی‌شناسه",
    "no headline": "بی‌تیتر",
    # Of answers and failures, as outcomes has them.
    "HTTP": "پاسخ HTTP",
    "empty answer": "پاسخ تهی",
    "not modified": "بی‌تغییر",
    "redirected to": "هدایت به",
    "redirected off the site": "هدایت به بیرون از پایگاه",
    "redirected off the web archive": "هدایت به بیرون از بایگانی وب",
    "redirected in a circle": "هدایت در دایره",
    "leads to a private address": "به نشانی خصوصی می‌رسد",
    "the certificate of the site is not valid": "گواهی پایگاه معتبر نیست",
    "headers larger than the limit": "سرآیند بزرگ‌تر از حد",
    "larger than the size limit": "بزرگ‌تر از حد اندازه",
    "forbidden by robots.txt": "ممنوع در robots.txt",
    "robots.txt cannot be read": "robots.txt خوانده نمی‌شود",
    "robots.txt asks for longer pauses than are kept": "robots.txt درنگی درازتر از حد ما می‌خواهد",
    "the run is ending": "خزش رو به پایان بود",
    "the host name cannot be resolved": "نام میزبان پیدا نمی‌شود",
    "the connection was refused": "اتصال رد شد",
    "no answer in time": "در زمان مقرر پاسخی نیامد",
    "the body was cut off": "بدنهٔ پاسخ بریده بود",
    "the connection broke": "اتصال گسست",
    "the same page for many addresses": "یک صفحه برای نشانی‌های بسیار",
    "no good capture; the last one:": "هیچ برداشت خوبی در بایگانی وب نیست؛ واپسین:",
    "internal error": "خطای خود farscrawler",
}
_BEGINNING = re.compile("|".join(re.escape(one) for one in sorted(PHRASES, key=len, reverse=True)))


def in_persian(reason: str) -> tuple[str, str] | None:
    """Return a reason in Persian, and what follows in other words; None where it is none of ours."""
    match = _BEGINNING.match(reason)
    if match is None or reason[match.end() : match.end() + 1].isalnum():
        return None
    rest = reason[match.end() :].strip()
    return PHRASES[match[0]], digits(rest) if rest.isdecimal() else rest
