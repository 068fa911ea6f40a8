"""The currencies of amounts of money: the codes of ISO 4217, and a few that older agreements use.

Codes for funds, metals and tests are left out.
"""

CURRENCIES = (  # noqa: SIM905 - read as words
    "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CLP CNY "
    "COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL HTG HUF IDR "
    "ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK "
    "MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF "
    "SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD UYU "
    "UZS VED VES VND VUV WST XAF XCD XCG XDR XOF XPF YER ZAR ZMW ZWG "
    # no longer in use
    "ATS BEF BGN DEM ESP FIM FRF GRD HRK IEP ITL NLG PTE SUR"
).split()


def currency_choices() -> list[tuple[str, str]]:
    """Return each code as its own label, for the column that holds one."""
    return [(code, code) for code in sorted(CURRENCIES)]
