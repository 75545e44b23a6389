"""The words beside a date, as data: labels, parts of the day, zones, units, numbers, relative words.

Spellings are separated by ``|``; those that differ only in yeh, kaf, alef, hamza, diacritics or ZWNJ are one, and
a phrase is known with and without its spaces: the vocabulary folds and joins them.
"""

from __future__ import annotations

# What a label says of the date after it.
PUBLISHED = (
    "تاریخ|تاریخ انتشار|تاریخ و زمان انتشار|تاریخ و ساعت انتشار|زمان انتشار|انتشار|انتشار یافته در|تاریخ درج|"
    "تاریخ درج خبر|تاریخ درج مطلب|زمان درج|زمان درج خبر|درج شده در|تاریخ خبر|زمان خبر|تاریخ مطلب|تاریخ ارسال|"
    "زمان ارسال|ارسال شده در|تاریخ نشر|نشر|زمان نشر|نشر شده در|منتشر شده در|منتشر شده|منتشر شد|منتشرشده در|"
    "تاریخ ایجاد|ایجاد شده در|نوشته شده در|تاریخ الإصدار|تاریخ النشر|نشر في|د خپرېدو نېټه|نېټه|"
    "بەروار|بەرواری|ڕێکەوت|ڕێکەوتی|لە ڕێکەوتی|لە بەرواری|بڵاوکردنەوە|کاتی بڵاوکردنەوە|بەرواری بڵاوکردنەوە|"
    "ڕێکەوتی بڵاوکردنەوە|بڵاوکراوەتەوە|بڵاوکراوەتەوە لە|بڵاوکرایەوە|بڵاوکرانەوە|بڵاوبووەتەوە|بڵاوبووەوە|"
    "published|published on|published at|publish date|publication date|date published|date|posted on|posted|"
    "release date"
)
UPDATED = (
    "به روز رسانی|به روزرسانی|بروزرسانی|بروز رسانی|آخرین به روز رسانی|آخرین بروزرسانی|آخرین بروز رسانی|"
    "تاریخ به روز رسانی|تاریخ بروزرسانی|تاریخ بروز رسانی|زمان به روز رسانی|زمان بروزرسانی|"
    "تاریخ آخرین به روز رسانی|تاریخ آخرین بروزرسانی|به روز شده در|بروز شده در|به روز شده|آخرین ویرایش|ویرایش|"
    "نوێکردنەوە|دوایین نوێکردنەوە|دوا نوێکردنەوە|نوێکراوەتەوە|نوێکرایەوە|"
    "تاریخ ویرایش|ویرایش شده در|آخرین تغییر|آخرین تغییرات|تاریخ اصلاح|اصلاح شده در|اصلاحیه|"
    "updated|updated on|last updated|last updated on|last update|modified|last modified"
)
# A date under one of these is that of the page, or of something else than the article.
ELSEWHERE = (
    "تاریخ امروز|تاریخ روز|امروز مورخ|تاریخ تولد|متولد|تاریخ وفات|تاریخ درگذشت|تاریخ برگزاری|زمان برگزاری|"
    "تاریخ شروع|تاریخ پایان|مهلت|مهلت ارسال|مهلت ثبت نام|تاریخ انقضا|تاریخ عضویت|تاریخ بازدید|today|"
    "تاریخ رویداد|زمان رویداد|تاریخ جلسه|زمان جلسه|تاریخ نشست|زمان نشست|تاریخ مراسم|زمان مراسم|تاریخ مسابقه|"
    "زمان مسابقه|تاریخ تصویب|تاریخ ابلاغ|تاریخ اجرا|زمان اجرا|تاریخ حادثه|زمان حادثه|تاریخ وقوع|زمان وقوع|"
    "تاریخ دریافت|تاریخ پذیرش|تاریخ مشاهده|تاریخ اعتبار|اعتبار تا|تاریخ مصاحبه|تاریخ پخش|زمان پخش|تاریخ جاری|"
    "زمان جاری|ساعت جاری|تاریخ فعلی|زمان فعلی|ساعت فعلی|تاریخ کنونی|زمان کنونی|ساعت کنونی|تاریخ و ساعت جاری|"
    "event date|current time|current date|now"
)
# The number after one of these counts or names something; so does the number just before one.
COUNTERS = (
    "کد خبر|کد مطلب|کد محتوا|کد خبری|کد رهگیری|کد|شناسه خبر|شناسه مطلب|شناسه|شماره خبر|شماره|شماره مطلب|"
    "خبر شماره|بازدید|تعداد بازدید|تعداد بازدیدها|بازدیدها|تعداد مشاهده|مشاهده|مشاهدات|نظر|نظرات|تعداد نظرات|"
    "تعداد نظر|دیدگاه|دیدگاه ها|تعداد دیدگاه|کامنت|لایک|پسند|دقیقه مطالعه|دقیقه زمان مطالعه|ثانیه مطالعه|"
    "مدت ویدیو|مدت فیلم|پسندیدن|امتیاز|رای|بار|نفر|زمان مطالعه|"
    "تعداد عکس|تعداد عکس ها|تعداد تصویر|تعداد تصاویر|"
    "مدت مطالعه|مدت زمان مطالعه|زمان تقریبی مطالعه|زمان لازم برای مطالعه|مدت|مدت زمان|حجم|تعداد|تلفن|تماس|"
    "نمابر|فکس|کد تصویر|id|news id|code|news code|views|view|comments|comment|hits|visits|رقم المطلب"
)

# Nouns that are numbered, or that divide a month: نیمه دوم آبان is no day, صفحه ۵ آبان no fifth. As with a counter the
# number after one is its own; unlike one it is no word of a timestamp line.
NUMBERED = (
    "نیمه|دهه|صفحه|صفحات|جلد|نسخه|دوره|جلسه|نشست|اجلاس|همایش|جشنواره|کنگره|سالگرد|قسمت|بخش|فصل|مرحله|نوبت|ردیف|بند|"
    "ماده|تبصره|طبقه|پلاک|منطقه|گزارش شماره|فاز|سری|ترم|هفته نامه شماره|page|issue|volume|version"
)
# What is sent or played at a time of its own: the time directly after one of these is not the article's.
BROADCASTS = "ویدیو|ویدئو|فیلم|کلیپ|صوت|پادکست|اخبار|بخش خبری|اخبار ساعت|video|audio|podcast|duration"
BROADCAST = "broadcast"
# Pictures are counted (۱۵ عکس), and what stands beside them in a headline is rather a score than a time.
PICTURES = (
    "عکس|عکس ها|تصویر|تصاویر|تصویری|گزارش تصویری|گزارش عکس|آلبوم|آلبوم عکس|گالری|گالری عکس|گالری تصاویر|قاب|اسلاید|"
    "اینفوگرافیک|کاریکاتور|photo|photos|picture|pictures|image|images|gallery"
)
PICTURE = "picture"
# The name of whoever wrote or sent the text follows: it may part a date from its time, and hold words of dates (آذر).
AUTHOR_LEADS = (
    "توسط|به قلم|بقلم|بوسیله|به وسیله|نوشته شده توسط|ارسال شده توسط|منتشر شده توسط|لەلایەن|by|posted by|written by|"
    "published by"
)
# Between two dates of which one holds, and nobody says which.
CHOICE = "یا|و یا|یان|or"
# An amount after one of these is rounded.
ABOUT = "حدود|حدودا|در حدود|به حدود|تقریبا|به تقریب|نزدیک به|نزدیک|قریب به|نزیکەی|about|around|approximately|roughly"

# Hour printed -> hour meant; an hour that is not a key contradicts the word, or leaves it unclear.
_SAME = {h: h for h in range(24)}
_BEFORE_NOON = {h: h for h in range(12)} | {12: 0}
_AFTER_NOON = {h: h + 12 for h in range(1, 12)} | {h: h for h in range(12, 24)}
_EVENING_UNCLEAR = frozenset({0, 1, 2, 3, 4, 12})
# Words, hours, hours that are unclear rather than contradictory, and whether a name may hold the word (عصر ایران).
DAYPARTS: tuple[tuple[str, dict[int, int], frozenset[int], bool], ...] = (
    (
        "ق.ظ|ق ظ|قظ|قبل از ظهر|پیش از ظهر|قبل از چاشت|پێش نیوەڕۆ|له غرمې مخکې|مخکې له غرمې|صباحا|am|a.m",
        _BEFORE_NOON,
        frozenset(),
        False,
    ),
    (
        (
            "ب.ظ|ب ظ|بظ|بعد از ظهر|پس از ظهر|بعد از چاشت|مساء|مساءا|دوای نیوەڕۆ|پاش نیوەڕۆ|له غرمې وروسته|"
            "وروسته له غرمې|pm|p.m"
        ),
        _AFTER_NOON,
        frozenset(),
        False,
    ),
    ("صبح|صبحگاه|صبحدم|سهار|د سهار|بەیانی", {h: h for h in range(12)}, frozenset({12}), True),
    ("بامداد|سحر|سحرگاه|سپیده دم|فجرا", _BEFORE_NOON, frozenset(), True),
    (
        "ظهر|نیمروز|ظهرا|نیوەڕۆ|غرمه|غرمې",
        {10: 10, 11: 11, 12: 12, 13: 13, 14: 14, 15: 15, 1: 13, 2: 14, 3: 15},
        frozenset(),
        True,
    ),
    (
        "عصر|عصرا|عصرگاه|ماسپخین",
        {h: h + 12 for h in range(1, 9)} | {h: h for h in range(13, 21)},
        frozenset({9, 10, 11, 12}),
        True,
    ),
    ("غروب", {h: h + 12 for h in range(4, 9)} | {h: h for h in range(16, 21)}, frozenset({1, 2, 3, 9, 12}), True),
    ("شامگاه|ماښام|ئێوارە", {h: h + 12 for h in range(5, 12)} | {h: h for h in range(17, 24)}, _EVENING_UNCLEAR, True),
    # Past midnight "night" may belong to the day before or to the day after: neither is taken.
    (
        "شب|شبانگاه|د شپې|شپه|شەو",
        {h: h + 12 for h in range(6, 12)} | {h: h for h in range(18, 24)},
        frozenset({0, 1, 2, 3, 4, 5, 12}),
        True,
    ),
    ("نیمه شب|نیم شب|نیمه های شب", {}, frozenset(_SAME), True),
)

# Words that are parts of the day only directly after a time, and the first word of their row above: Arabic letters
# stand for صباحا and مساء, لیلا and پگاه are names as well, and what چاشت and دیگر mean differs by country.
AFTER_TIME: tuple[tuple[str, str], ...] = (
    ("ص", "ق.ظ"),
    ("م", "ب.ظ"),
    ("پگاه", "بامداد"),
    ("شام", "شامگاه"),
    ("لیلا", "شب"),
    ("چاشت|دیگر", "نیمه شب"),
)

# Names of zones in a text, and the zone meant; LOCAL is the site's own.
LOCAL = "local"
ZONE_LEADS = "به وقت|بوقت|بتوقیت|به توقیت|توقیت|به افق|بافق|منطقه زمانی|ناحیه زمانی|time zone|timezone"
# A zone's name may follow «وقت», «ساعت» or «به ساعت» directly after a time, and stand before "time".
ZONE_OF = "وقت"
TO = "به"
TIME_WORD = "time"
# Z is UTC, T parts a date from its time; they mean it only where they touch what is before them.
ZULU = "z"
TOUCHING_LETTERS = frozenset("tz")
ZONE_PLACES: tuple[tuple[str, str], ...] = (
    ("تهران|طهران|ایران|tehran", "Asia/Tehran"),
    ("کابل|افغانستان|kabul", "Asia/Kabul"),
    ("گرینویچ|گرینیچ|گرینویج|غرینتش|غرینیتش|جهانی|utc|gmt", "UTC"),
    ("محلی", LOCAL),
)
ZONE_MARKS: tuple[tuple[str, str], ...] = (
    ("utc|gmt|z|گرینویچ|گرینیچ|گرینویج|غرینتش", "UTC"),
    ("وقت تهران|توقیت تهران|tehran time", "Asia/Tehran"),
    ("وقت گرینویچ", "UTC"),
)
# The abbreviations of Iran and Afghanistan name an offset, in minutes, whatever the season.
ZONE_OFFSETS: tuple[tuple[str, int], ...] = (("irst", 210), ("irdt", 270), ("aft", 270))

# Abbreviations that several zones share, or that tell nothing of Iran: never guessed at.
FOREIGN_ZONES = (
    "est|edt|cst|cdt|mst|mdt|pst|pdt|cet|cest|bst|ist|msk|eet|eest|wet|west|ast|gst|trt|pkt|jst|hkt|sgt|aest"
)

# Seconds a unit; units above a week are coarser than a day and refuse.
UNITS: tuple[tuple[str, int], ...] = (
    ("ثانیه|ثانیة|second|seconds|sec|secs", 1),
    ("دقیقه|دقیقة|minute|minutes|min|mins", 60),
    ("hour|hours", 3600),
    ("day|days", 86_400),
    ("هفته|week|weeks", 604_800),
    ("month|months|year|years|سده|قرن", 0),
)
# Kurdish units, which nobody writes together with their number; and with the ending for "one".
KURDISH_UNITS: tuple[tuple[str, int], ...] = (
    ("چرکە", 1),
    ("خولەک|دەقیقە|دەقە", 60),
    ("کاتژمێر|کاتژمێری|سەعات|سەعاتی", 3600),
    ("ڕۆژ", 86_400),
    ("هەفتە", 604_800),
    ("مانگ", 0),
)
ONE_OF_A_UNIT: tuple[tuple[str, int], ...] = (
    ("خولەکێک|دەقیقەیەک", 60),
    ("کاتژمێرێک|سەعاتێک", 3600),
    ("ڕۆژێک", 86_400),
    ("هەفتەیەک", 604_800),
    ("مانگێک|ساڵێک", 0),
)
AGO = "پیش|قبل|ago|وړاندې"
KURDISH_AGO = "لەمەوبەر|لەمەوپێش|پێش ئێستا|بەر لە ئێستا"
# Days before the day of the fetch.
DAYS_BACK: tuple[tuple[str, int], ...] = (
    ("امروز|ئەمڕۆ", 0),
    ("دیروز|دوێنێ|yesterday", 1),
    # The Kurdish word alone is folded to that for old age.
    ("پریروز|پێرێ کاتژمێر|پێرێ لە کاتژمێر|پێرێ سەعات", 2),
)
# Nights by the day they begin on. Which day "last night at 01:30" means, and the word alone, is not certain.
NIGHTS_BACK: tuple[tuple[str, int], ...] = (("دیشب", 1), ("پریشب", 2))
NIGHT = "شب"
VAGUE = (
    "لحظاتی|لحظه ای|لحظاتي|دقایقی|دقیقه ای|ساعاتی|ساعتی|روزهایی|چند|چندی|اندکی|همین|هم اکنون|اکنون|الان|حالا|"
    "امشب|فردا|پس فردا|گذشته|just now|اخیرا|تازه|چەند|کەمێک|تاوێک|ئێستا"
)

# Words that join the parts of a date without meaning of their own.
JOINING = (
    "در|روز|مورخ|مورخه|زمان|زمان خبر|و|به|بتاریخ|به تاریخ|برابر با|مطابق با|مصادف با|on|at|time|t|نیټه|ساعت خبر|یوم|في|"
    "لە|کات|کاتی|ڕۆژی|لە ڕۆژی"
)
# … and those that may stand inside a date, between its day, its month and its year.
DATE_PART = "date part"
JOINING_A_DATE = "ام|م|مین|ی|of|the|st|nd|rd|th|د|کال|ماه|سال|ساڵی"
AND = "و"
# Between the two ends of a span.
SPANNING = "تا|الی|لغایت|until"
HOUR_WORD = "ساعت|ساعة|الساعة|ساعات"
# Counted from یک‌شنبه to پنج‌شنبه, in words or as ۵شنبه.
OF_THE_WEEK = "شنبه"
DAY_WORD = "روز"
MONTH_UNIT = "ماه"
YEAR_UNIT = "سال"

# Numbers in words up to 59: a cardinal, and the ordinal of a day. The Kurdish "nine" is folded to the word for new.
UNITS_IN_WORDS: tuple[tuple[str, str], ...] = (
    ("یک|یەک", "یکم|اول"),
    ("دو|دوو", "دوم"),
    ("سه", "سوم"),
    ("چهار|چوار", "چهارم"),
    ("پنج|پێنج", "پنجم"),
    ("شش|شەش", "ششم"),
    ("هفت|حەوت", "هفتم"),
    ("هشت|هەشت", "هشتم"),
    ("نه", "نهم"),
)
TEENS_IN_WORDS: tuple[tuple[str, str], ...] = (
    ("ده", "دهم"),
    ("یازده", "یازدهم"),
    ("دوازده", "دوازدهم"),
    ("سیزده", "سیزدهم"),
    ("چهارده", "چهاردهم"),
    ("پانزده", "پانزدهم"),
    ("شانزده", "شانزدهم"),
    ("هفده", "هفدهم"),
    ("هجده|هیجده", "هجدهم|هیجدهم"),
    ("نوزده", "نوزدهم"),
)
TENS_IN_WORDS: tuple[tuple[str, str], ...] = (
    ("بیست", "بیستم"),
    ("سی", "سی ام"),
    ("چهل", "چهلم"),
    ("پنجاه", "پنجاهم"),
)
# The parts of a year in words, «یک هزار و سیصد و نود و نه»; hundreds and tens above fifty are used for nothing else.
THOUSAND = "هزار"
HUNDREDS_IN_WORDS: tuple[tuple[str, int], ...] = (("سیصد", 300), ("چهارصد", 400), ("نهصد", 900))
HIGH_TENS_IN_WORDS = ("شصت", "هفتاد", "هشتاد", "نود")
# Fractions of an hour, in minutes.
FRACTIONS: tuple[tuple[str, int], ...] = (("نیم", 30), ("ربع|یک ربع", 15))
