"""The words in which people write dates, and what each means.

Dates are read in English, Azerbaijani and Russian, and with the months and days of the week of the languages in which
other registers' files come: Turkish, French, German and Spanish.

Only `reading` uses them. To add a language, add its words here; tests make sure that no word has
two meanings. Case, dots and accents do not count: see `folded`.
"""

import unicodedata
from enum import Enum


class Meaning(Enum):
    """What a word, number or sign does in a date."""

    YEAR = "y"
    MONTH = "m"
    NUMBER = "n"
    FROM = "from"
    TO = "to"
    AND = "and"
    APPROXIMATE = "~"
    UNCERTAIN = "?"
    UNCERTAIN_AND_APPROXIMATE = "%"
    JOINT = "joint"
    EXCLUDING = "before or after"
    SEASON = "season"
    NOTHING = "nothing"


# The case endings that Azerbaijani adds to a month without changing the date.
_AZERBAIJANI_MONTHS = (
    *("yanvar", "fevral", "mart", "aprel", "may", "iyun"),
    *("iyul", "avqust", "sentyabr", "oktyabr", "noyabr", "dekabr"),
)
_AZERBAIJANI_ENDINGS = (
    *("", "ı", "i", "u", "da", "də", "ın", "in", "un"),
    *("ında", "ində", "unda", "ının", "inin", "unun"),
)
# "dek" is left out on purpose: 2022-dek may mean December, but also 2022-dək, until 2022.
_MONTHS = (
    "january jan yan ynv январь января январе янв",
    "february feb fev fvr февраль февраля феврале фев февр",
    "march mar март марта марте мар",
    "april apr апрель апреля апреле апр",
    "may май мая мае",
    "june jun iyn июнь июня июне июн",
    "july jul iyl июль июля июле июл",
    "august aug avq август августа августе авг",
    "september sep sept sen snt сентябрь сентября сентябре сен сент",
    "october oct okt октябрь октября октябре окт",
    "november nov noy ноябрь ноября ноябре ноя нояб",
    "december dec декабрь декабря декабре дек",
)
# Turkish, French, German and Spanish, where they differ from those above
_FURTHER_MONTHS = (
    "ocak janvier janv januar jänner enero ene",
    "şubat février févr februar febrero",
    "mars märz mrz marzo",
    "nisan avril avr abril abr",
    "mayıs mai mayo",
    "haziran juin juni junio",
    "temmuz juillet juil juli julio",
    "ağustos août agosto ago",
    "eylül septembre septiembre setiembre",
    "ekim octobre oktober octubre",
    "kasım novembre noviembre",
    "aralık décembre dezember dez diciembre dic",
)
# They add nothing to a date.
_WEEKDAYS = (
    "monday tuesday wednesday thursday friday saturday sunday mon tue tues wed thu thur thurs fri sat sun "
    "bazar ertəsi çərşənbə axşamı cümə şənbə "
    "понедельник вторник среда среду четверг пятница пятницу суббота субботу воскресенье пн вт ср чт пт сб вс "
    "pazartesi salı çarşamba perşembe cuma cumartesi pazar "
    "lundi mardi mercredi jeudi vendredi samedi dimanche "
    "montag dienstag mittwoch donnerstag freitag samstag sonntag "
    "lunes martes miércoles jueves viernes sábado domingo"
)
_OTHERS = {
    Meaning.FROM: "from since between onward onwards "
    "tarixindən ildən dən dan bəri etibarən с со между начиная",
    Meaning.TO: "to until till through up tarixinədək ilədək ilə qədər yə ya до по",
    Meaning.AND: "and və и",
    Meaning.APPROXIMATE: "about around circa c ca cca approx approximately roughly mid early late "
    "təxminən təqribən около ок примерно прим приблизительно",
    Meaning.UNCERTAIN: "uncertain possibly perhaps maybe probably presumably "
    "ehtimal olunur ki bəlkə güman возможно вероятно предположительно",
    Meaning.EXCLUDING: "before after əvvəl sonra раньше позже после",
    Meaning.SEASON: "spring summer autumn fall winter yaz yay payız qış весна лето осень зима "
    "весной летом осенью зимой",
    Meaning.NOTHING: f"{_WEEKDAYS} of the in on dated year inclusive de del le der vom el "
    "il ilin ili ilində ildə illər illərdə ay ayı ayın ayının ayında gün günü "
    "tarixi tarixli tarixində daxil olmaqla "
    # от is followed by the date of a document; in от … до … the second word is enough
    "в во г гг год года году годы годах от включительно",
}


def folded(word: str) -> str:
    """Return the word without case, accents and dots, so that İYUN, iyun and ıyun are one."""
    letters = unicodedata.normalize("NFD", word.casefold())
    bare = "".join(letter for letter in letters if not unicodedata.combining(letter))
    return bare.replace("ı", "i").replace("ə", "e")


def all_words() -> list[tuple[str, tuple[Meaning, int]]]:
    """Return every word, folded, with its meaning and number: that of the month, otherwise 0."""
    months = [
        (form, number)
        for number, (forms, further, stem) in enumerate(
            zip(_MONTHS, _FURTHER_MONTHS, _AZERBAIJANI_MONTHS, strict=True), 1
        )
        for form in (
            *(*forms.split(), *further.split()),
            *(stem + ending for ending in _AZERBAIJANI_ENDINGS),
        )
    ]
    return [
        *((folded(form), (Meaning.MONTH, number)) for form, number in months),
        *((folded(w), (meaning, 0)) for meaning, words in _OTHERS.items() for w in words.split()),
    ]


WORDS = dict(all_words())
