"""The capitals of the members of the United Nations and of the Holy See, by the ISO 3166-1 code of the state.

Common knowledge, written down for this register in 2026; other usual spellings and other seats of government follow the
first name. Israel and Palestine are left out, because the status of Jerusalem is disputed. The name of a new party may
contain one of these, and so name its country.
"""

CAPITALS = {
    line.partition(" ")[0]: tuple(line.partition(" ")[2].split("; "))
    for line in """\
AD Andorra la Vella
AE Abu Dhabi
AF Kabul
AG Saint John's; St. John's
AL Tirana; Tiranë
AM Yerevan; Erevan
AO Luanda
AR Buenos Aires
AT Vienna; Wien
AU Canberra
AZ Baku; Bakı; Баку
BA Sarajevo
BB Bridgetown
BD Dhaka
BE Brussels; Bruxelles
BF Ouagadougou
BG Sofia
BH Manama
BI Gitega; Bujumbura
BJ Porto-Novo
BN Bandar Seri Begawan
BO Sucre; La Paz
BR Brasília
BS Nassau
BT Thimphu
BW Gaborone
BY Minsk; Минск
BZ Belmopan
CA Ottawa
CD Kinshasa
CF Bangui
CG Brazzaville
CH Bern; Berne
CI Yamoussoukro
CL Santiago de Chile
CM Yaoundé
CN Beijing; Peking
CO Bogotá
CR San José
CU Havana
CV Praia
CY Nicosia; Lefkosia
CZ Prague; Praha
DE Berlin
DJ Djibouti
DK Copenhagen
DM Roseau
DO Santo Domingo
DZ Algiers
EC Quito
EE Tallinn
EG Cairo
ER Asmara
ES Madrid
ET Addis Ababa
FI Helsinki
FJ Suva
FM Palikir
FR Paris
GA Libreville
GB London
GD Saint George's; St. George's
GE Tbilisi; Тбилиси
GH Accra
GM Banjul
GN Conakry
GQ Malabo; Ciudad de la Paz
GR Athens
GT Guatemala City
GW Bissau
GY Georgetown
HN Tegucigalpa
HR Zagreb
HT Port-au-Prince
HU Budapest
ID Jakarta
IE Dublin
IN New Delhi
IQ Baghdad
IR Tehran; Teheran
IS Reykjavík
IT Rome; Roma
JM Kingston
JO Amman
JP Tokyo
KE Nairobi
KG Bishkek; Бишкек
KH Phnom Penh
KI South Tarawa
KM Moroni
KN Basseterre
KP Pyongyang
KR Seoul
KW Kuwait City
KZ Astana; Nur-Sultan; Астана
LA Vientiane
LB Beirut
LC Castries
LI Vaduz
LK Sri Jayawardenepura Kotte; Colombo
LR Monrovia
LS Maseru
LT Vilnius
LU Luxembourg
LV Riga
LY Tripoli
MA Rabat
MC Monaco
MD Chișinău; Kishinev
ME Podgorica
MG Antananarivo
MH Majuro
MK Skopje; Скопје
ML Bamako
MM Naypyidaw; Nay Pyi Taw
MN Ulaanbaatar; Ulan Bator
MR Nouakchott
MT Valletta
MU Port Louis
MV Malé
MW Lilongwe
MX Mexico City
MY Kuala Lumpur; Putrajaya
MZ Maputo
NA Windhoek
NE Niamey
NG Abuja
NI Managua
NL Amsterdam; The Hague
NO Oslo
NP Kathmandu
NR Yaren
NZ Wellington
OM Muscat
PA Panama City
PE Lima
PG Port Moresby
PH Manila
PK Islamabad
PL Warsaw; Warszawa
PT Lisbon; Lisboa
PW Ngerulmud
PY Asunción
QA Doha
RO Bucharest; București
RS Belgrade; Beograd
RU Moscow; Москва
RW Kigali
SA Riyadh
SB Honiara
SC Victoria
SD Khartoum
SE Stockholm
SG Singapore
SI Ljubljana
SK Bratislava
SL Freetown
SM San Marino
SN Dakar
SO Mogadishu
SR Paramaribo
SS Juba
ST São Tomé
SV San Salvador
SY Damascus
SZ Mbabane; Lobamba
TD N'Djamena
TG Lomé
TH Bangkok
TJ Dushanbe; Душанбе
TL Dili
TM Ashgabat; Aşgabat; Ашхабад
TN Tunis
TO Nuku'alofa
TR Ankara; Анкара
TT Port of Spain
TV Funafuti
TZ Dodoma
UA Kyiv; Kiev; Київ
UG Kampala
US Washington, D.C.; Washington DC
UY Montevideo
UZ Tashkent; Toshkent; Ташкент
VA Vatican City
VC Kingstown
VE Caracas
VN Hanoi; Ha Noi
VU Port Vila
WS Apia
YE Sana'a
ZA Pretoria; Cape Town; Bloemfontein
ZM Lusaka
ZW Harare
""".splitlines()
}
# other towns and many bodies are called so, too: such a name says something only if nothing else stands beside it
AMBIGUOUS = frozenset({"Georgetown", "Kingston", "Kingstown", "La Paz", "San José", "Victoria"})
