// Folds letters as agreements/search does, so that a name is found however it is spelled. Scripts that search the choices
// of a page call `window.folding`.
"use strict";

{
  // `make tables` writes these from agreements/search/letters.py.
  // rules: begin
  const RULES = {
    letters: {"ə": "e", "ǝ": "e", "ı": "i", "ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "đ": "d", "ð": "d", "ł": "l", "þ": "th", "ħ": "h", "ŧ": "t", "ŋ": "n", "а": "a", "б": "b", "в": "v", "г": "g", "д": "d", "е": "e", "ё": "yo", "ж": "zh", "з": "z", "и": "i", "й": "y", "к": "k", "л": "l", "м": "m", "н": "n", "о": "o", "п": "p", "р": "r", "с": "s", "т": "t", "у": "u", "ф": "f", "х": "kh", "ц": "ts", "ч": "ch", "ш": "sh", "щ": "shch", "ъ": "", "ы": "y", "ь": "", "э": "e", "ю": "yu", "я": "ya", "ә": "e", "ғ": "g", "ҝ": "g", "ј": "y", "ө": "o", "ү": "u", "һ": "h", "ҹ": "c", "қ": "q", "ҳ": "h", "ў": "o", "ң": "n", "ұ": "u", "і": "i", "ї": "yi", "є": "ye", "ґ": "g", "ҷ": "j", "җ": "j", "ђ": "d", "ћ": "c", "љ": "lj", "њ": "nj", "џ": "dz", "ѓ": "g", "ќ": "k", "ѕ": "dz", "α": "a", "β": "v", "γ": "g", "δ": "d", "ε": "e", "ζ": "z", "η": "i", "θ": "th", "ι": "i", "κ": "k", "λ": "l", "μ": "m", "ν": "n", "ξ": "x", "ο": "o", "π": "p", "ρ": "r", "σ": "s", "τ": "t", "υ": "y", "φ": "f", "χ": "ch", "ψ": "ps", "ω": "o", "ա": "a", "բ": "b", "գ": "g", "դ": "d", "ե": "e", "զ": "z", "է": "e", "ը": "y", "թ": "t", "ժ": "zh", "ի": "i", "լ": "l", "խ": "kh", "ծ": "ts", "կ": "k", "հ": "h", "ձ": "dz", "ղ": "gh", "ճ": "ch", "մ": "m", "յ": "y", "ն": "n", "շ": "sh", "ո": "o", "չ": "ch", "պ": "p", "ջ": "j", "ռ": "r", "ս": "s", "վ": "v", "տ": "t", "ր": "r", "ց": "ts", "ւ": "u", "փ": "p", "ք": "k", "օ": "o", "ֆ": "f", "և": "ev", "ა": "a", "ბ": "b", "გ": "g", "დ": "d", "ე": "e", "ვ": "v", "ზ": "z", "თ": "t", "ი": "i", "კ": "k", "ლ": "l", "მ": "m", "ნ": "n", "ო": "o", "პ": "p", "ჟ": "zh", "რ": "r", "ს": "s", "ტ": "t", "უ": "u", "ფ": "p", "ქ": "k", "ღ": "gh", "ყ": "q", "შ": "sh", "ჩ": "ch", "ც": "ts", "ძ": "dz", "წ": "ts", "ჭ": "ch", "ხ": "kh", "ჯ": "j", "ჰ": "h", "'": "", "’": "", "‘": "", "‛": "", "ʻ": "", "ʼ": "", "ʽ": "", "ʹ": "", "ʾ": "", "ʿ": "", "ˈ": "", "`": "", "´": "", "′": "", "＇": ""},
    context: [["(?<=[жчшщ])ё", "е"], ["[иы]й$", "й"], ["(?<![бвгджзйјклмнпрстфхцчшщғҝһҹқҳңґҷҗђћљњџѓќѕ])е", "йе"], ["ου", "ou"], ["ու", "u"]],
    conventions: [["ə.*zadə", [["zadə", "zade"], ["ə", "a"], ["c", "j"], ["q", "g"], ["x", "kh"], ["ç", "ch"], ["ş", "sh"], ["ğ", "gh"]]], ["[əı]", [["ə", "a"], ["c", "j"], ["q", "g"], ["x", "kh"], ["ç", "ch"], ["ş", "sh"], ["ğ", "gh"]]], ["[əı]", [["c", "j"], ["q", "g"], ["x", "kh"], ["ç", "ch"], ["ş", "sh"], ["ğ", "gh"]]], ["^[^əı]*q(?!u[aeiouyéèêáíóâ])", [["q", "g"], ["x", "kh"], ["ç", "ch"], ["ş", "sh"], ["ğ", "gh"]]], ["^[^əı]*q(?!u[aeiouyéèêáíóâ])", [["q", "k"], ["x", "kh"], ["ç", "ch"], ["ş", "sh"], ["ğ", "gh"]]], ["^(?!.*[əıq])(?=.*(?:^x(?=[aeiou])(?![ivxlcdm]+$)|x(?=.*(?:ova?|yeva?|zade|oglu)$)|[çşğ]))", [["x", "kh"], ["ç", "ch"], ["ş", "sh"], ["ğ", "gh"]]], ["^[^əığşç]*[üöäåøđ]", [["ü", "ue"], ["ö", "oe"], ["ä", "ae"], ["å", "aa"], ["ø", "oe"], ["đ", "dj"]]], ["[іїєґ]|ськ|енко$", [["г", "h"], ["и", "y"], ["^ї", "yi"], ["ї", "i"], ["е", "e"], ["є", "ye"], ["ґ", "g"]]], ["ё", [["ё", "е"]]], ["ё|^е|[аеиоуыэюяь]ев(?:а|ой|у|ы|ым|ич|на)?$", [["[её]", "э"]]], ["[әҹҝ]", [["ә", "a"], ["ҹ", "j"], ["ч", "ch"], ["ғ", "gh"]]], ["[ўқғҳ]", [["ж", "j"], ["х", "x"]]], ["[aiou]eva?$", [["ev(?=a?$)", "yev"]]], ["^ye[bcdfghklmnprstvz]...", [["^ye", "e"]]], ["[bdfgklmnprstvz]y[eo]va?$", [["y[eo]v(?=a?$)", "ev"]]], ["...ei$", [["ei$", "ey"]]], ["(?:dmitr|yur|valer|v?gen|georg|grigor|anatol|vasil|vital|arkad|gennad|[sz]k)(?:i|ii|iy)$", [["(?:i|ii|iy)$", "y"]]], ["...ii$", [["ii$", "iy"]]], ["^alex", [["^alex", "aleks"]]]],
    sameNames: {"kyiv": "kyiv", "kiev": "kyiv", "kiyev": "kyiv", "baku": "baku", "baki": "baku", "odesa": "odesa", "odessa": "odesa", "kharkiv": "kharkiv", "kharkov": "kharkiv", "lviv": "lviv", "lvov": "lviv", "tashkent": "tashkent", "toshkent": "tashkent", "bukhara": "bukhara", "buxoro": "bukhara", "bukhoro": "bukhara", "khiva": "khiva", "xiva": "khiva", "chisinau": "chisinau", "kishinev": "chisinau", "ashgabat": "ashgabat", "ashkhabad": "ashgabat", "asgabat": "ashgabat", "ganja": "ganja", "gyandzha": "ganja", "nakhchivan": "nakhchivan", "nakhichevan": "nakhchivan", "nakhchyvan": "nakhchivan", "fyodor": "fyodor", "fedor": "fyodor", "semyon": "semyon", "semen": "semyon", "pyotr": "pyotr", "petr": "pyotr", "artyom": "artyom", "artem": "artyom", "mammadov": "mammadov", "mamedov": "mammadov", "mammedov": "mammadov", "mammadova": "mammadova", "mamedova": "mammadova", "mammedova": "mammadova", "guliyev": "guliyev", "kuliyev": "guliyev", "guliyeva": "guliyeva", "kuliyeva": "guliyeva", "huseynov": "huseynov", "guseynov": "huseynov", "huseynova": "huseynova", "guseynova": "huseynova", "hasanov": "hasanov", "gasanov": "hasanov", "hasanova": "hasanova", "gasanova": "hasanova", "heydar": "heydar", "geydar": "heydar", "jafarov": "jafarov", "dzhafarov": "jafarov", "jafarova": "jafarova", "dzhafarova": "jafarova", "hajiyev": "hajiyev", "gadzhiyev": "hajiyev", "hajiyeva": "hajiyeva", "gadzhiyeva": "hajiyeva", "rahimov": "rahimov", "ragimov": "rahimov", "rahimova": "rahimova", "ragimova": "rahimova", "ibrahimov": "ibrahimov", "ibragimov": "ibrahimov", "ibrahimova": "ibrahimova", "ibragimova": "ibrahimova", "ahmadov": "ahmadov", "akhmedov": "ahmadov", "ahmadova": "ahmadova", "akhmedova": "ahmadova", "gasimov": "gasimov", "kasymov": "gasimov", "gasimova": "gasimova", "kasymova": "gasimova", "seyidov": "seyidov", "seidov": "seyidov", "seyidova": "seyidova", "seidova": "seyidova", "ilham": "ilham", "ilkham": "ilham", "jeyhun": "jeyhun", "ceyhun": "jeyhun", "dzheykhun": "jeyhun", "javid": "javid", "cavid": "javid", "dzhavid": "javid", "mirziyoyev": "mirziyoyev", "mirziyoev": "mirziyoyev", "mirziyeyev": "mirziyoyev", "mirzieev": "mirziyoyev", "aleksey": "aleksey", "alexei": "aleksey", "alexey": "aleksey", "aleksei": "aleksey", "aleksandr": "aleksandr", "alexander": "aleksandr", "aleksander": "aleksandr", "garabagh": "garabagh", "karabakh": "garabagh", "sumgayit": "sumgayit", "sumgait": "sumgayit"},
  };
  // rules: end

  const LONGEST_TYPED = 200;
  const patterns = (pairs) => pairs.map(([pattern, replacement]) => [new RegExp(pattern, "gu"), replacement]);
  const context = patterns(RULES.context);
  const conventions = RULES.conventions.map(([when, instead]) => [new RegExp(when, "u"), patterns(instead)]);
  const replaced = (word, pairs) => pairs.reduce((text, [pattern, instead]) => text.replace(pattern, instead), word);

  const inLatin = (letter) =>
    RULES.letters[letter] ??
    [...letter.normalize("NFKD")].map((part) => RULES.letters[part] ?? part.replace(/[\p{M}\p{Cf}]/u, "")).join("");
  const plain = (word) => [...replaced(word, context)].map(inLatin).join("");

  const keysOf = (typed) => {
    const word = typed.normalize("NFKC").toLowerCase().replaceAll("i\u0307", "i");
    const others = conventions.filter(([when]) => when.test(word)).map(([, instead]) => plain(replaced(word, instead)));
    const keys = [plain(word), ...others];
    return [...keys, ...keys.flatMap((key) => RULES.sameNames[key] ?? [])].filter(Boolean);
  };

  const WORDS = /[\p{L}\p{M}\p{N}\p{Cf}'’ʻʼ`]+/gu;

  window.folding = {
    // The words of a text in all their spellings.
    folded: (text) => (text.match(WORDS) ?? []).flatMap(keysOf).join(" "),
    // Returns whether a folded text contains every word that was typed, in one of its spellings.
    sought: (typed) => {
      const words = (typed.slice(0, LONGEST_TYPED).match(WORDS) ?? []).map(keysOf);
      return (folded) => words.every((keys) => keys.some((key) => folded.includes(key)));
    },
  };
}
