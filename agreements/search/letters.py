"""Transliteration of other alphabets into plain Latin letters, as most people would type a name from memory.

Only `folding` uses it. Letters with marks (ş, ö, é) need no entry: folding removes the marks.
"""

import re

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
_CONSONANTS = "бвгджзйклмнпрстфхцчшщғҝһҹқҳңґҷҗђћљњџѓќѕ"
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
