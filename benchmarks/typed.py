"""Persian text as people type it, and what they ask for; what is true is known from before the typing."""

from __future__ import annotations

import random
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from farscrawler.testing.newsroom import prose, words

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_ZWNJ = "\u200c"
#: Sentences with the affixes and the words of several spellings that the newsroom's have not. A slash in a word is a
#: joint that is mostly typed as a half-space.
_SENTENCES = (
    "کتاب/های درسی پیش از آغاز سال تحصیلی به مدرسه/ها می/رسد و دانش/آموزان آن/ها را رایگان می/گیرند.",
    "مسئول برنامه/ریزی شهر گفت: بودجه/ای که دیده شده بزرگ/ترین بودجه سال/های {year} تا امروز است.",
    "مؤسسه پژوهش/های آب هشدار داد: سفره/های زیرزمینی نمی/توانند این برداشت/ها را تاب بیاورند.",
    "مسأله اصلی روستایی/ها راه است؛ بی/راه نه گندم فروخته می/شود و نه جشنواره/ای برگزار خواهد/شد.",
    "رئیس اتحادیه می/گوید قیمت/ها پایین/تر آمده و بازار آرام/تر شده، اما خریدار/ان نمی/خرند.",
    "خانه/هایی که در زلزله آسیب دیده/اند تا پاییز {year} بازسازی می/شوند؛ کارگاه/ها {n} خانه را تمام کرده/اند.",
    "او کتاب/هایش را به کتابخانه بخشید و گفت: دوست/ام نیز کتاب/ش را می/بخشد.",
    "اعضای شورا درباره پیش/بینی هواشناسی گفت/وگو کردند: باران/های پاییزی زودتر می/بارد.",
    "جزئیات طرح سرمایه/گذاری در قنات/ها منتشر شد؛ سهم مردم {n} درصد و سهم دولت {n2} درصد است.",
    "زعفران/کاران می/خواهند برداشت را زودتر آغاز کنند تا گل/ها تازه/تر به بازار برسند.",
    "هیأت داوران آثار هنرمند/ان جوان را دید و تأکید کرد: اثر/های امسال رنگین/ترین/اند.",
    "در میدان شهر نمایشگاه صنایع دستی برپاست و تنها یک غرفه از آن خالی مانده است.",
    "دفتر شعرش را بهتر از دختر/ش می/خواند و می/گفت: شعر را باید به تر و خشک زندگی گره زد.",
    "میهن/ما شهری کهن است؛ میان باغ/هایش نهر/های روان می/گذرد و سایه/ها بلند/تر می/شوند.",
    "می/دانیم که آب آشامیدنی روستا نمی/رسد، ولی سد تازه/ای ساخته می/شود که نیاز ده/ها روستا را می/دهد.",
    "تیم دوچرخه/سواری دختران قهرمان شد؛ آن/ها {n} امتیاز گرفتند و سال {year} را جشن می/گیرند.",
    "تماشاگر/ان هم کاری نکردند که داور برنجد و همکاری آن/ها ستوده شد.",
    "نان پخته/شده در تنور سنگی داغ/تر و خوش/مزه/تر است؛ نانوا/ها شب/ها کار می/کنند.",
)
_PLURAL = re.compile(r" (ها|های|هایی)\b")
_LETTERS = (("ی", "ي"), ("ک", "ك"))
_HAMZA = (("ئ", "ی", 0.25), ("ؤ", "و", 0.5), ("أ", "ا", 0.6))
_MARKS = "\u064e\u0650\u064f\u0651"
_FORMS = {"لا": "\ufefb", "ریال": "\ufdfc"}
#: Shares of texts with Arabic letters, with marks, with presentation forms.
_ARABIC, _MARKED, _PRESENTED = 0.45, 0.1, 0.03
_DIGITS = ("0123456789", "۰۱۲۳۴۵۶۷۸۹", "٠١٢٣٤٥٦٧٨٩")


def texts(count: int, seed: int = 1) -> Iterator[tuple[str, str]]:
    """Yield so many texts as they are meant, with half-spaces at every joint, and as somebody has typed them."""
    dice = random.Random(seed)
    for _ in range(count):
        own = dice.sample(_SENTENCES, dice.randint(1, 4))
        others = [_PLURAL.sub(r"/\1", prose.fill(dice, words.SENTENCES)) for _ in range(dice.randint(1, 4))]
        said = [*own, *(one.replace(_ZWNJ, "/") for one in others)]
        dice.shuffle(said)
        text = " ".join(said).replace("تاکید", "تأکید").replace("{year}", str(dice.randint(1395, 1404)))
        text = text.replace("{n2}", str(dice.randint(100, 900))).replace("{n}", str(dice.randint(2, 99)))
        yield text.replace("/", _ZWNJ), _typed(text, dice)


def _typed(text: str, dice: random.Random) -> str:
    """Type a text as measured of real news: of Fars News, 45 % have Arabic letters, 9.5 % marks, 92 % half-spaces."""
    said = _with_joints(text, dice)
    for letter, other_letter, share in _HAMZA:
        if dice.random() < share:
            said = said.replace(letter, other_letter)
    if dice.random() < _ARABIC:
        for persian, arabic in _LETTERS:
            said = said.replace(persian, arabic)
    if dice.random() < _MARKED:
        for _ in range(3):
            place = dice.randrange(len(said))
            said = said[:place] + (dice.choice(_MARKS) if said[place - 1 : place].isalpha() else "") + said[place:]
    if dice.random() < _PRESENTED:
        for plain, form in _FORMS.items():
            said = said.replace(plain, form)
    return said.translate(str.maketrans(_DIGITS[0], dice.choices(_DIGITS, (50, 35, 15))[0]))


def _with_joints(text: str, dice: random.Random) -> str:
    """Type each joint by the writer's habit, or now and then otherwise."""
    habit = dice.choices((_ZWNJ, " ", "", "\u200e", "\u200f", "\xad"), (60, 22, 8, 5, 3, 2))[0]
    found: list[str] = []
    for part in re.split("(/)", text):
        if part == "/":
            before_verb = found[-1].endswith(("می", "نمی"))
            other = dice.random() < (0.3 if before_verb else 0.15)
            found.append(dice.choices((_ZWNJ, " ", ""), (50, 35, 15))[0] if other else habit)
        else:
            found.append(part)
    return "".join(found)


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody types into a search box, and what is meant: words or phrases in their right spelling."""

    typed: tuple[str, ...]
    meant: tuple[str, ...]
    operator: str = "AND"

    def words(self) -> str:
        """Return the search in our language."""
        return f" {self.operator} ".join(f'"{one}"' if " " in one else one for one in self.typed)

    def is_in(self, text: str, has: Callable[[str, str], bool], *, typed: bool = True) -> bool:
        """Whether a text has what is asked for, where ``has`` says of one part whether it is there."""
        first, *others = (has(text, one) for one in (self.typed if typed else self.meant))
        if self.operator == "OR":
            return first or any(others)
        return first and (not any(others) if self.operator == "NOT" else all(others))


def truth(text: str, meant: str) -> bool:
    """Whether a text as it is meant has a word or phrase; a half-space ends a word, as its stem is a word."""
    return re.search(rf"(?<![^\W_]){re.escape(meant)}(?![^\W_])", text) is not None


def _all_ways(*meant: str) -> Iterator[Asked]:
    """Yield a word with a half-space as it is typed in each of three ways."""
    for one in meant:
        for joint in (_ZWNJ, " ", ""):
            typed = one.replace("/", joint)
            yield Asked((typed,), (one.replace("/", _ZWNJ),))


def _one(*pairs: tuple[str, str]) -> Iterator[Asked]:
    for typed, meant in pairs:
        yield Asked((typed,), (meant.replace("/", _ZWNJ),))


#: What is typed with a blank is a phrase, and so asked for in quotation marks.
ASKED: tuple[Asked, ...] = (
    *_all_ways("می/شود", "کتاب/های", "آن/ها", "نمی/توانند", "بزرگ/ترین", "تازه/ای", "می/رسد", "خانه/هایی", "قنات/ها"),
    *_all_ways("پیش/بینی", "گفت/وگو", "برنامه/ریزی", "سرمایه/گذاری", "آرام/تر", "دیده/اند"),
    *_one(("کتابخانه", "کتابخانه"), ("زعفران", "زعفران"), ("باران", "باران"), ("بازار", "بازار"), ("قنات", "قنات")),
    *_one(("رصد", "رصد"), ("مسئول", "مسئول"), ("مسيول", "مسئول"), ("موسسه", "مؤسسه"), ("مساله", "مسأله")),
    *_one(("تاکید", "تأکید"), ("جزییات", "جزئیات"), ("رئيس", "رئیس"), ("هیات", "هیأت"), ("پاييز", "پاییز")),
    *_one(("1401", "1401"), ("۱۴۰۲", "1402"), ("١٤٠٣", "1403"), ("ميدان", "میدان"), ("تنها", "تنها"), ("بهتر", "بهتر")),
    *_one(("شیراز", "شیراز"), ("دفتر", "دفتر"), ("همکاری", "همکاری"), ("آب", "آب"), ("ریال", "ریال"), ("گندم", "گندم")),
    *_one(("صنایع دستي", "صنایع دستی"), ("کتاب‌های درسی", "کتاب/های درسی"), ("كتابهاي درسي", "کتاب/های درسی")),
    *_one(("آب آشامیدنی", "آب آشامیدنی"), ("باران‌های پاییزی", "باران/های پاییزی"), ("می‌شود و", "می/شود و")),
    Asked(("کتاب‌های", "آن‌ها"), (f"کتاب{_ZWNJ}های", f"آن{_ZWNJ}ها")),
    Asked(("مي‌شود", "نمی‌رسد"), (f"می{_ZWNJ}شود", f"نمی{_ZWNJ}رسد")),
    Asked(("قنات‌ها", "زعفران"), (f"قنات{_ZWNJ}ها", "زعفران"), "OR"),
    Asked(("مؤسسه", "هیأت"), ("مؤسسه", "هیأت"), "OR"),
    Asked(("بازار", "می‌شود"), ("بازار", f"می{_ZWNJ}شود"), "NOT"),
    Asked(("آن‌ها", "کتابخانه"), (f"آن{_ZWNJ}ها", "کتابخانه"), "NOT"),
)
