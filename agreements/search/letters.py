"""The letters of other alphabets in plain Latin, as most people would type a name from memory, and where people differ.

Only `folding` uses it. Letters with marks (ş, ö, é) need no entry: folding removes the marks. Where one name is
written in several ways (Əliyev is Eliyev without its letters and Aliyev in English), `spelled_otherwise` has the others.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

# Latin letters that are not another letter with a mark on it.
_LATIN = "əe ǝe ıi ßss æae œoe øo đd ðd łl þth ħh ŧt ŋn"

# Russian as English newspapers write it. Letters that occur only in Azerbaijani, Uzbek, Kazakh, Ukrainian or Serbian as
# the Latin alphabet of that language writes them, without marks: Азәрбајҹан is azerbaycan, Ўзбекистон ozbekiston.
_CYRILLIC = (
    "аa бb вv гg дd еe ёyo жzh зz иi йy кk лl мm нn оo пp рr сs тt уu фf хkh цts чch шsh щshch ъ ыy ь эe юyu яya "
    "әe ғg ҝg јy өo үu һh ҹc қq ҳh ўo ңn ұu іi їyi єye ґg ҷj җj ђd ћc љlj њnj џdz ѓg ќk ѕdz"
)
_GREEK = "αa βv γg δd εe ζz ηi θth ιi κk λl μm νn ξx οo πp ρr σs τt υy φf χch ψps ωo"
_ARMENIAN = (
    "աa բb գg դd եe զz էe ըy թt ժzh իi լl խkh ծts կk հh ձdz ղgh ճch մm յy նn շsh ոo չch պp ջj ռr սs վv տt րr ցts ւu "
    "փp քk օo ֆf ևev"
)
_GEORGIAN = (
    "აa ბb გg დd ეe ვv ზz თt იi კk ლl მm ნn ოo პp ჟzh რr სs ტt უu ფp ქk ღgh ყq შsh ჩch ცts ძdz წts ჭch ხkh "
    "ჯj ჰh"
)

# Used in Uzbek, Arabic names and English genitives; people type different ones, or none.
APOSTROPHES = "'’‘‛ʻʼʽʹʾʿˈ`´′＇"

IN_LATIN = {
    ord(letter_and_latin[0]): letter_and_latin[1:]
    for alphabet in (_LATIN, _CYRILLIC, _GREEK, _ARMENIAN, _GEORGIAN)
    for letter_and_latin in alphabet.split()
} | {ord(apostrophe): "" for apostrophe in APOSTROPHES}

# Letters that depend on their neighbours. The pairs are applied to a word in composed lower case, in this order.
_CONSONANTS = "бвгджзйјклмнпрстфхцчшщғҝһҹқҳңґҷҗђћљњџѓќѕ"
_IN_CONTEXT = (
    (re.compile("(?<=[жчшщ])ё"), "е"),  # Горбачёв, Gorbachev
    (re.compile("[иы]й$"), "й"),  # Дмитрий, Dmitry
    (re.compile(f"(?<![{_CONSONANTS}])е"), "йе"),  # Алиев, Aliyev; Ельцин, Yeltsin
    (re.compile("ου"), "ou"),
    (re.compile("ու"), "u"),
)


def with_context(word: str) -> str:
    """Return the word with the letters replaced that sound different next to their neighbours."""
    if word.isascii():
        return word
    for letters, replacement in _IN_CONTEXT:
        word = letters.sub(replacement, word)
    return word


# Equivalent spellings: the one table of what is written differently and means the same

# A word has its plain key and at most so many others, so that the index stays within bounds.
MOST_KEYS = 4


@dataclass(frozen=True, slots=True)
class Convention:
    """One way to write the words in which `when` occurs: each letter (or ending) of `instead` becomes what is beside it.

    `when` names the letters that give a language away, so that words of other languages have no further spelling.
    """

    when: re.Pattern[str]
    instead: tuple[tuple[re.Pattern[str], str], ...]

    @classmethod
    def of(cls, when: str, *instead: str) -> "Convention":
        """Read pairs written as "pattern replacement"; the first that fits a place is applied there."""
        pairs = (pair.partition(" ") for pair in instead)
        return cls(re.compile(when), tuple((re.compile(old), new) for old, _blank, new in pairs))

    def applied(self, word: str) -> str:
        for letters, replacement in self.instead:
            word = letters.sub(replacement, word)
        return word


# In English quality and request, but not in Quliyev, Qarabağ and Samarqand.
_Q = "q(?!u[aeiouyéèêáíóâ])"
# At the beginning of Xiva and Xorazm, in Axundov and Salaxova; not in tax, exchange or XIX.
_X = "^x(?=[aeiou])(?![ivxlcdm]+$)|x(?=.*(?:ova?|yeva?|zade|oglu)$)"
_AZERBAIJANI = "[əı]"
_DIGRAPHS = ("x kh", "ç ch", "ş sh", "ğ gh")

CONVENTIONS = (
    # Azerbaijani in English: Əliyev is Aliyev, Xəzər Khazar, Gəncə Ganja; or, with e for ə, Şəki is Sheki. Əlizadə has
    # both: Alizade.
    Convention.of("ə.*zadə", "zadə zade", "ə a", "c j", "q g", *_DIGRAPHS),
    Convention.of(_AZERBAIJANI, "ə a", "c j", "q g", *_DIGRAPHS),
    Convention.of(_AZERBAIJANI, "c j", "q g", *_DIGRAPHS),
    # Quliyev is Guliyev and Kuliyev; Uzbek Samarqand is Samarkand, Xiva Khiva.
    Convention.of(f"^[^əı]*{_Q}", "q g", *_DIGRAPHS),
    Convention.of(f"^[^əı]*{_Q}", "q k", *_DIGRAPHS),
    Convention.of(f"^(?!.*[əıq])(?=.*(?:{_X}|[çşğ]))", *_DIGRAPHS),
    # German and Nordic: Müller is Mueller, Sørensen Soerensen, Århus Aarhus; Serbian Đoković is Djokovic.
    Convention.of("^[^əığşç]*[üöäåøđ]", "ü ue", "ö oe", "ä ae", "å aa", "ø oe", "đ dj"),
    # Ukrainian as Ukraine writes it: Євген is Yevhen, Київ Kyiv, Зеленський Zelenskyy.
    Convention.of("[іїєґ]|ськ|енко$", "г h", "и y", "^ї yi", "ї i", "е e", "є ye", "ґ g"),
    # ё is often written е: Фёдор is Федор, Соловьёв Соловьев.
    Convention.of("ё", "ё е"),
    # е without its glide: Алиев is Aliev, Евгений Evgeny.
    Convention.of("ё|^е|[аеиоуыэюяь]ев(?:а|ой|у|ы|ым|ич|на)?$", "[её] э"),
    # Azerbaijani and Uzbek Cyrillic, as the Latin alphabets of today have it in English: Әлијев, Жамшид Ғаниев.
    Convention.of("[әҹҝ]", "ә a", "ҹ j", "ч ch", "ғ gh"),
    Convention.of("[ўқғҳ]", "ж j", "х x"),
    # Russian names in Latin letters: Aliev is Aliyev, Yevgeny Evgeny, Solovyov Solovev, Sergei Sergey, Dmitrii Dmitry.
    Convention.of("[aiou]eva?$", "ev(?=a?$) yev"),
    Convention.of("^ye[bcdfghklmnprstvz]...", "^ye e"),
    Convention.of("[bdfgklmnprstvz]y[eo]va?$", "y[eo]v(?=a?$) ev"),
    Convention.of("...ei$", "ei$ ey"),
    Convention.of(
        "(?:dmitr|yur|valer|v?gen|georg|grigor|anatol|vasil|vital|arkad|gennad|[sz]k)(?:i|ii|iy)$",
        "(?:i|ii|iy)$ y",
    ),
    Convention.of("...ii$", "ii$ iy"),
    Convention.of("^alex", "^alex aleks"),
)

# Names that no rule of letters connects: cities in two languages, and names that Russian wrote with г for h.
SAME_NAMES = (
    "kyiv kiev kiyev", "baku baki", "odesa odessa", "kharkiv kharkov", "lviv lvov", "tashkent toshkent",
    "bukhara buxoro bukhoro", "khiva xiva", "chisinau kishinev", "ashgabat ashkhabad asgabat", "ganja gyandzha",
    "nakhchivan nakhichevan nakhchyvan", "fyodor fedor", "semyon semen", "pyotr petr", "artyom artem",
    "mammadov mamedov mammedov", "mammadova mamedova mammedova", "guliyev kuliyev", "guliyeva kuliyeva",
    "huseynov guseynov", "huseynova guseynova", "hasanov gasanov", "hasanova gasanova", "heydar geydar",
    "jafarov dzhafarov", "jafarova dzhafarova", "hajiyev gadzhiyev", "hajiyeva gadzhiyeva", "rahimov ragimov",
    "rahimova ragimova", "ibrahimov ibragimov", "ibrahimova ibragimova", "ahmadov akhmedov", "ahmadova akhmedova",
    "gasimov kasymov", "gasimova kasymova", "seyidov seidov", "seyidova seidova", "ilham ilkham",
    "jeyhun ceyhun dzheykhun", "javid cavid dzhavid", "mirziyoyev mirziyoev mirziyeyev mirzieev",
    "aleksey alexei alexey aleksei", "aleksandr alexander aleksander", "garabagh karabakh", "sumgayit sumgait",
)  # fmt: skip
SAME_NAME = {name: group.split()[0] for group in SAME_NAMES for name in group.split()}

_DOTTED = "i\u0307"


def spelled_otherwise(word: str) -> Iterator[str]:
    """Yield the other spellings of a word, which is in composed lower case, in the letters of its alphabet."""
    word = word.replace(_DOTTED, "i")
    for convention in CONVENTIONS:
        if convention.when.search(word):
            yield convention.applied(word)


def as_data() -> dict[str, object]:
    """Return the rules for the scripts that search menus, in the regular expressions that JavaScript shares with Python."""
    return {
        "letters": {chr(code): latin for code, latin in IN_LATIN.items()},
        "context": [[pattern.pattern, latin] for pattern, latin in _IN_CONTEXT],
        "conventions": [
            [each.when.pattern, [[old.pattern, new] for old, new in each.instead]]
            for each in CONVENTIONS
        ],
        "sameNames": SAME_NAME,
    }
