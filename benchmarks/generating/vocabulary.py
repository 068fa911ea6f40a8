"""The vocabulary of a generated register: fields of cooperation, phrases in five languages, names.

No real person or body is meant. Invented words stand for the rare names in real registers.
"""

import re
from functools import lru_cache

from benchmarks.generating.draws import shares
from benchmarks.generating.phrases import Template, phrase

LANGUAGES = shares({"en": 58, "az": 16, "ru": 10, "tr": 9, "de": 7})

# Fields of cooperation, each with its subfields.
FIELDS = {
    "Labour and employment": "Occupational safety, Vocational training, Labour migration, Labour inspection",
    "Social protection": "Pensions, Disability inclusion, Rehabilitation, Child protection, Social services",
    "Trade and investment": "Customs, Investment protection, Standards and metrology, Free trade zones",
    "Energy": "Renewable energy, Electricity, Oil and gas, Energy efficiency, Nuclear safety",
    "Transport": "Aviation, Railways, Maritime transport, Road transport, Logistics",
    "Education": "Higher education, Schools, Recognition of qualifications, Scholarships",
    "Science and technology": "Space, Artificial intelligence, Biotechnology, Research exchange",
    "Health": "Public health, Medicines, Telemedicine, Nursing, Medical research",
    "Agriculture": "Food safety, Veterinary matters, Plant protection, Irrigation, Fisheries",
    "Environment and climate": "Water, Biodiversity, Waste, Climate adaptation, Air quality",
    "Culture and tourism": "Museums, Archives, Film, Cultural heritage, Tourism promotion",
    "Justice and security": "Extradition, Police cooperation, Border control, Anti-corruption, Cybersecurity",
    "Defence": "Military training, Peacekeeping, Defence industry",
    "Finance and tax": "Double taxation, Financial supervision, Public audit, Insurance",
    "Digitalisation": "Digital government, Telecommunications, Electronic signatures, Data protection",
    "Youth and sport": "Volunteering, Sport exchange, Youth mobility",
    "Disaster management": "Civil protection, Fire services, Early warning",
    "Statistics": "Census, Economic statistics",
    "Foreign affairs": "Visa exemption, Consular matters, Diplomatic training, Political consultations",
    "Local government": "Twin towns, Urban planning, Housing",
}

# What follows "cooperation in the field of" in titles and summaries, the commonest first.
TOPICS = {
    "en": [
        "social protection", "economic cooperation", "trade", "labour migration", "energy", "education", "health",
        "culture", "agriculture", "tourism", "transport", "vocational training", "digital government",
        "renewable energy", "visa exemption", "customs", "higher education", "civil aviation", "food safety",
        "water management", "double taxation", "extradition", "cybersecurity", "youth and sport", "statistics",
        "environmental protection", "disability inclusion", "medical rehabilitation", "railway transport",
        "standardisation", "veterinary medicine", "public audit", "archives", "space research", "fisheries",
        "disaster relief", "peaceful uses of nuclear energy", "plant protection", "twin towns", "metrology",
    ],
    "az": [
        "sosial müdafiə", "iqtisadi əməkdaşlıq", "ticarət", "əmək miqrasiyası", "energetika", "təhsil", "səhiyyə",
        "mədəniyyət", "kənd təsərrüfatı", "turizm", "nəqliyyat", "peşə təhsili", "rəqəmsal hökumət", "gömrük",
        "ali təhsil", "mülki aviasiya", "ərzaq təhlükəsizliyi", "su təsərrüfatı", "kibertəhlükəsizlik", "statistika",
        "ətraf mühitin mühafizəsi", "dəmir yolu nəqliyyatı", "baytarlıq", "arxiv işi", "fövqəladə hallar",
    ],
    "ru": [
        "социальной защиты", "экономического сотрудничества", "торговли", "трудовой миграции", "энергетики",
        "образования", "здравоохранения", "культуры", "сельского хозяйства", "туризма", "транспорта",
        "профессионального обучения", "цифрового правительства", "таможенного дела", "высшего образования",
        "гражданской авиации", "безопасности пищевых продуктов", "водного хозяйства", "статистики",
        "охраны окружающей среды", "железнодорожного транспорта", "архивного дела", "чрезвычайных ситуаций",
    ],
    "tr": [
        "sosyal güvenlik", "ekonomik işbirliği", "ticaret", "işgücü göçü", "enerji", "eğitim", "sağlık", "kültür",
        "tarım", "turizm", "ulaştırma", "mesleki eğitim", "dijital devlet", "gümrük", "yükseköğretim",
        "sivil havacılık", "gıda güvenliği", "su yönetimi", "siber güvenlik", "istatistik", "çevre koruma",
        "demiryolu taşımacılığı", "veterinerlik", "arşivcilik", "afet yönetimi",
    ],
    "de": [
        "sozialen Sicherheit", "wirtschaftlichen Zusammenarbeit", "Handelsförderung", "Arbeitsmigration", "Energie",
        "Bildung", "Gesundheit", "Kultur", "Landwirtschaft", "Tourismusförderung", "Verkehrspolitik",
        "Berufsbildung", "digitalen Verwaltung", "Zollverwaltung", "Hochschulbildung", "zivilen Luftfahrt",
        "Lebensmittelsicherheit", "Wasserwirtschaft", "Statistik", "Umweltpolitik", "Archivpflege",
    ],
}  # fmt: skip

# A title has placeholders for two parties and a topic.
TITLES = {
    "en": [
        "Memorandum of understanding between {} and {} on cooperation in the field of {}",
        "Agreement between {} and {} on {}",
        "Protocol between {} and {} concerning {}",
        "Joint declaration of {} and {} on {}",
        "Exchange of notes between {} and {} regarding {}",
        "Programme of cooperation between {} and {} in {}",
    ],
    "az": [
        "{} ilə {} arasında {} sahəsində əməkdaşlıq haqqında Anlaşma Memorandumu",
        "{} və {} arasında {} haqqında Saziş",
        "{} və {} arasında {} üzrə İşçi Qrupunun Protokolu",
    ],
    "ru": [
        "Меморандум о взаимопонимании между {} и {} о сотрудничестве в области {}",
        "Соглашение между {} и {} в сфере {}",
    ],
    "tr": [
        "{} ile {} arasında {} alanında işbirliğine ilişkin Mutabakat Zaptı",
        "{} ve {} arasında {} Anlaşması",
    ],
    "de": [
        "Vereinbarung zwischen {} und {} über die Zusammenarbeit auf dem Gebiet der {}",
        "Gemeinsame Absichtserklärung zwischen {} und {} zur {}",
    ],
}
TITLE_TEMPLATES = {language: [*map(Template.read, texts)] for language, texts in TITLES.items()}
ONE_SIDED = Template.read("Letter of intent of {} on {}")
PROGRAMME = Template.read("{} ({} programme)")

# A summary consists of one to three of these; the placeholders are for a topic and a rare name.
SUMMARIES = [
    Template.read(text)
    for text in (
        "The parties exchange information and experience on {}, also within the {} programme.",
        "A joint working group on {} meets once a year in turn, for the first time in {}.",
        "It provides for training of specialists in {} and for the {} scholarship.",
        "Joint projects in {} are prepared; the {} initiative is named as the first.",
        "Experts in {} are sent for study visits, and the {} network is opened to both.",
        "Each party bears its own costs for {}; those of {} are shared.",
        "Disputes on {} are settled by consultation; {} stays as it is.",
    )
]
SHORT_SUMMARY = Template.read("Cooperation on {}.")

PLACES = [
    phrase(name)
    for name in (
        "Baku", "Ankara", "Tashkent", "Geneva", "Moscow", "Berlin", "Tbilisi", "Astana", "Brussels", "New York",
        "Vienna", "Paris", "London", "Rome", "Beijing", "Tokyo", "Seoul", "New Delhi", "Cairo", "Rabat", "Nairobi",
        "Pretoria", "Abuja", "Accra", "Dakar", "Tunis", "Doha", "Riyadh", "Abu Dhabi", "Kuwait City", "Muscat",
        "Tehran", "Islamabad", "Dhaka", "Colombo", "Bangkok", "Hanoi", "Jakarta", "Manila", "Canberra", "Wellington",
        "Ottawa", "Washington", "Mexico City", "Bogotá", "Lima", "Santiago", "Buenos Aires", "Brasília", "Montevideo",
        "Madrid", "Lisbon", "Dublin", "Oslo", "Stockholm", "Helsinki", "Tallinn", "Riga", "Vilnius", "Warsaw",
        "Prague", "Bratislava", "Budapest", "Ljubljana", "Zagreb", "Belgrade", "Sarajevo", "Skopje", "Sofia",
        "Bucharest", "Chișinău", "Kyiv", "Minsk", "Yerevan", "Bishkek", "Dushanbe", "Ashgabat", "Ulaanbaatar",
        "Şəki", "Gəncə", "Naxçıvan", "İzmir", "Zürich", "Köln", "Reykjavík", "by videoconference",
    )
]  # fmt: skip

GIVEN_NAMES = [
    phrase(name)
    for name in (
        "Ali", "Maria", "Mehmet", "Anna", "Ivan", "Aygün", "John", "Elena", "Rashid", "Sofia", "Həsən", "Olga", "Pierre",
        "Leyla", "Hans", "Fatima", "Carlos", "Yuki", "Wei", "Amina", "Şahin", "Nino", "Дмитрий", "Ольга", "Jürgen",
        "İlham", "Ana", "David", "Priya", "Kwame", "Zeynep", "Marek", "Ingrid", "Tomás", "Ayşe", "Viktor", "Grace",
        "Ömər", "Lars", "Chiara", "Samir", "Nguyen", "Thabo", "Elçin", "Katarzyna", "Bekzod", "Gulnara", "Rəşad",
    )
]  # fmt: skip

OFFICES = [
    "Minister", "Deputy Minister", "Minister of Foreign Affairs", "Ambassador", "Director", "President", "Rector",
    "Prime Minister", "Chairperson of the Committee", "Head of the Agency", "Secretary General",
]  # fmt: skip

# Ministries and agencies by what they are for, in the language of their alias.
PORTFOLIOS = {
    "Foreign Affairs": ("Xarici İşlər Nazirliyi", "Министерство иностранных дел"),
    "Labour and Social Protection": (
        "Əmək və Sosial Müdafiə Nazirliyi",
        "Министерство труда и социальной защиты",
    ),
    "Economy": ("İqtisadiyyat Nazirliyi", "Министерство экономики"),
    "Education": ("Təhsil Nazirliyi", "Министерство образования"),
    "Health": ("Səhiyyə Nazirliyi", "Министерство здравоохранения"),
    "Energy": ("Energetika Nazirliyi", "Министерство энергетики"),
    "Agriculture": ("Kənd Təsərrüfatı Nazirliyi", "Министерство сельского хозяйства"),
    "Transport": ("Nəqliyyat Nazirliyi", "Министерство транспорта"),
    "Justice": ("Ədliyyə Nazirliyi", "Министерство юстиции"),
    "Finance": ("Maliyyə Nazirliyi", "Министерство финансов"),
    "Culture": ("Mədəniyyət Nazirliyi", "Министерство культуры"),
    "Interior": ("Daxili İşlər Nazirliyi", "Министерство внутренних дел"),
    "Defence": ("Müdafiə Nazirliyi", "Министерство обороны"),
    "Environment": ("Ekologiya Nazirliyi", "Министерство экологии"),
    "Digital Development": ("Rəqəmsal İnkişaf Nazirliyi", "Министерство цифрового развития"),
    "Youth and Sport": ("Gənclər və İdman Nazirliyi", "Министерство спорта"),
}
AGENCIES = [
    "Customs Service", "Statistical Committee", "Agency for Employment", "Agency for Civil Aviation",
    "Food Safety Agency", "Space Agency", "National Archive", "Tax Service", "Migration Service",
    "Agency for Medicines", "Office for Standards", "Water Agency",
]  # fmt: skip

NEWSPAPERS = ("Herald", "Gazette", "Times", "News Agency", "Observer", "Tribune", "Post", "Journal")

_SYLLABLES = re.findall(
    r"\S+",
    "ba ke ni ro su la me di vo za che ta re lin mo sha ko pe ras gu fi jo mar tel un dar əl şi qu hol "
    "ven os tri ber ay nur zi gal por xan eş im dol ka ru san be te vi lu ar no ger hum il wa yo öz cri fen",
)


@lru_cache(maxsize=100_000)
def rare_word(number: int) -> str:
    """Return an invented word, a different one for each number."""
    count = len(_SYLLABLES)
    parts = [_SYLLABLES[(number * 17 + 5) % count]]
    while number:
        number, place = divmod(number, count)
        parts.append(_SYLLABLES[place])
    return "".join(parts) if len(parts) > 1 else f"{parts[0]}tora"


FAMILY_ENDINGS = (
    "ov",
    "li",
    "sen",
    "zade",
    "yan",
    "ova",
    "er",
    "shvili",
    "oğlu",
    "ez",
    "son",
    "aj",
)
