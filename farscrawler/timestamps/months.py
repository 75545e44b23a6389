"""Names of months and weekdays, as data: every spelling seen, separated by ``|``."""

from __future__ import annotations

from farscrawler.timestamps.calendars import Calendar

# One row a calendar and language, twelve names a row, first month first.
# Spellings that differ only in yeh, kaf, alef, hamza, diacritics or ZWNJ are one: normalise() folds them.
MONTHS: tuple[tuple[Calendar, tuple[str, ...]], ...] = (
    (
        Calendar.JALALI,  # Iran
        (
            "فروردین",
            "اردیبهشت|اردی بهشت",
            "خرداد",
            "تیر",
            "مرداد|امرداد",
            "شهریور",
            "مهر",
            "آبان",
            "آذر",
            "دی",
            "بهمن",
            "اسفند|اسپند",
        ),
    ),
    (
        Calendar.JALALI,  # Iran, in Latin letters
        (
            "farvardin",
            "ordibehesht",
            "khordad",
            "tir",
            "mordad|amordad",
            "shahrivar",
            "mehr",
            "aban",
            "azar",
            "dey",
            "bahman",
            "esfand",
        ),
    ),
    (
        Calendar.JALALI,  # Afghanistan, Dari
        ("حمل", "ثور", "جوزا", "سرطان", "اسد", "سنبله", "میزان", "عقرب", "قوس", "جدی", "دلو", "حوت"),
    ),
    (
        Calendar.JALALI,  # Afghanistan, Pashto
        (
            "وری",
            "غویی|غوایی",
            "غبرګولی|غبرگونی",
            "چنګاښ",
            "زمری",
            "وږی",
            "تله|تلې",
            "لړم",
            "لیندۍ|لینده|لیندې",
            "مرغومی",
            "سلواغه",
            "کب",
        ),
    ),
    (
        Calendar.JALALI,  # Sorani Kurdish; the ending -î of "of the" is written to the name
        (
            "خاکەلێوە|خاکەلێوەی|نەورۆز|نەورۆزی",
            "گوڵان|گوڵانی|بانەمەڕ|بانەمەڕی",
            "جۆزەردان|جۆزەردانی",
            "پووشپەڕ|پووشپەڕی|پوشپەڕ|پوشپەڕی",
            "گەلاوێژ|گەلاوێژی",
            "خەرمانان|خەرمانانی",
            "ڕەزبەر|ڕەزبەری",
            "خەزەڵوەر|خەزەڵوەری|گەڵاڕێزان|گەڵاڕێزانی",
            "سەرماوەز|سەرماوەزی",
            "بەفرانبار|بەفرانباری",
            "ڕێبەندان|ڕێبەندانی",
            "ڕەشەمە|ڕەشەمەی|ڕەشەممە|ڕەشەممەی|ڕەشەمێ|ڕەشەمێی",
        ),
    ),
    (
        Calendar.GREGORIAN,  # Persian
        (
            "ژانویه|ژانویهٔ",
            "فوریه",
            "مارس",
            "آوریل|اوریل|آپریل",
            "مه|می",
            "ژوئن|جون",
            "ژوئیه|جولای|جولای|ژولای",
            "اوت|آگوست|آگست",
            "سپتامبر",
            "اکتبر",
            "نوامبر",
            "دسامبر",
        ),
    ),
    (
        Calendar.GREGORIAN,  # Dari and Pashto
        (
            "جنوری",
            "فبروری",
            "مارچ",
            "اپریل",
            "می",
            "جون",
            "جولای",
            "اگست",
            "سپتمبر",
            "اکتوبر",
            "نومبر",
            "دسمبر",
        ),
    ),
    (
        Calendar.GREGORIAN,  # Arabic
        (
            "يناير|كانون الثاني",
            "فبراير|شباط",
            "مارس|آذار",
            "أبريل|إبريل|نيسان",
            "مايو|أيار",
            "يونيو|حزيران",
            "يوليو|تموز",
            "أغسطس|آب",
            "سبتمبر|أيلول",
            "أكتوبر|تشرين الأول",
            "نوفمبر|تشرين الثاني",
            "ديسمبر|كانون الأول",
        ),
    ),
    (
        Calendar.GREGORIAN,  # Sorani Kurdish, with and without the ending of "of the"
        (
            "کانوونی دووەم|کانوونی دووەمی|کانونی دووەم|کانونی دووەمی|جەنیوەری|ژانویە|ژانویەی",
            "شوبات|شوباتی|فێبریوەری|فێبرواری",
            "ئازار|ئازاری|مارت|مارتی|مارسی",
            "نیسان|نیسانی|ئەپریل|ئەپریلی|ئاپریل|ئاپریلی",
            "ئایار|ئایاری|مایس|مایسی",
            "حوزەیران|حوزەیرانی|حوزەیرانێ",
            "تەممووز|تەممووزی|تەممووزێ|تەمموز|تەمموزی|تەمووز|تەمووزی|تەموز|تەموزی",
            "ئاب|ئابی|ئاگۆست|ئاگۆستی|ئۆگەست|ئۆگەستی",
            "ئەیلوول|ئەیلوولی|ئەیلول|ئەیلولی|سێپتەمبەر|سێپتەمبەری|سێپتێمبەر|سێپتێمبەری",
            "تشرینی یەکەم|تشرینی یەکەمی|ئۆکتۆبەر|ئۆکتۆبەری|ئۆکتۆبر|ئۆکتۆبری",
            "تشرینی دووەم|تشرینی دووەمی|نۆڤەمبەر|نۆڤەمبەری|نۆڤێمبەر|نۆڤێمبەری|نۆڤمبەر|نۆڤمبەری",
            "کانوونی یەکەم|کانوونی یەکەمی|کانونی یەکەم|کانونی یەکەمی|دێسەمبەر|دێسەمبەری|دیسەمبەر|دیسەمبەری",
        ),
    ),
    (
        Calendar.GREGORIAN,  # English
        (
            "january|jan",
            "february|feb",
            "march|mar",
            "april|apr",
            "may",
            "june|jun",
            "july|jul",
            "august|aug",
            "september|sep|sept",
            "october|oct",
            "november|nov",
            "december|dec",
        ),
    ),
    (
        Calendar.LUNAR,
        (
            "محرم|محرم الحرام",
            "صفر|صفر المظفر",
            "ربیع الاول",
            "ربیع الثانی|ربیع الآخر",
            "جمادی الاول|جمادی الاولی",
            "جمادی الثانی|جمادی الثانیه|جمادی الآخر|جمادی الآخره",
            "رجب|رجب المرجب",
            "شعبان|شعبان المعظم",
            "رمضان|رمضان المبارک",
            "شوال|شوال المکرم",
            "ذی القعده|ذیقعده|ذوالقعده|ذی قعده",
            "ذی الحجه|ذیحجه|ذوالحجه|ذی حجه",
        ),
    ),
)

#: The Jalali months, as pages name them.
PERSIAN_MONTHS = tuple(names.partition("|")[0] for names in MONTHS[0][1])
#: The same in Latin letters, as tables show them.
LATIN_MONTHS = tuple(names.partition("|")[0].capitalize() for names in MONTHS[1][1])

# Monday first, as date.weekday() counts.
WEEKDAYS: tuple[str, ...] = (
    "دوشنبه|دو شنبه|دوشنبې|دووشەممە|دووشەمە|الاثنین|الإثنین|monday|mon",
    "سه شنبه|سەشنبه|سې شنبه|سه شنبې|سێشەممە|سێشەمە|الثلاثاء|tuesday|tue|tues",
    "چهارشنبه|چهار شنبه|چارشنبه|چهارشنبې|چوارشەممە|چوارشەمە|الأربعاء|wednesday|wed",
    "پنجشنبه|پنج شنبه|پنجشنبې|پێنجشەممە|پێنج شەممە|پێنجشەمە|الخمیس|thursday|thu|thur|thurs",
    "جمعه|آدینه|هەینی|الجمعة|friday|fri",
    "شنبه|شنبې|شەممە|شەمە|السبت|saturday|sat",
    "یکشنبه|یک شنبه|یکشنبې|یەکشەممە|یەک شەممە|یەکشەمە|الأحد|sunday|sun",
)

# The calendar named after a date.
ERAS: tuple[tuple[Calendar, str], ...] = (
    (
        Calendar.JALALI,
        "شمسی|خورشیدی|هجری شمسی|هجری خورشیدی|ه ش|ه.ش|هش|هەتاوی|ی هەتاوی|لمریز|هجری لمریز|جلالی|solar hijri",
    ),
    (Calendar.GREGORIAN, "میلادی|زایینی|زاینی|ad|ce"),
    (Calendar.LUNAR, "قمری|هجری قمری|ه ق|ه.ق|هق"),
)
