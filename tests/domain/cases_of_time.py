"""Cases of the arithmetic of time from real agreements and from ETS 76, for Python, SQL and the column store alike.

`test_time` applies them. Facts are given as a form or a file has them: dates as EDTF, lengths as ISO 8601 durations.
"""

from typing import Any, NamedTuple

Facts = dict[str, Any]


class StatusCase(NamedTuple):
    """The status on a day; a period is its kind, its first and its last day."""

    id: str
    facts: Facts
    day: str
    status: str


class PeriodCase(NamedTuple):
    """The last days of the periods of an agreement, each with a day that belongs to it."""

    id: str
    facts: Facts
    ends: list[tuple[str, str]]


class NoticeCase(NamedTuple):
    """The last day for notice as it is on a day, and in words; both empty if there is none."""

    id: str
    facts: Facts
    day: str
    deadline: str
    words: str


def _fixed(**facts: Any) -> Facts:
    return {"term_kind": "fixed", **facts}


def _renewed(**facts: Any) -> Facts:
    return {"term_kind": "automatic_renewal", **facts}


STATED = {"in_force": "2020-01-01", "expires_stated": "2026-11-30"}
ONE_YEAR = _fixed(in_force="2025-01-01", term="P1Y")
# The agreement of the Holy See and China on bishops: two years, prolonged three times, here with a gap after the second.
PROLONGED = _fixed(in_force="2018-10-22", term="P2Y", periods=[("renewal", "2020-10-23", "2022-10-22"), ("renewal", "2023-01", "2024-10-22")])  # fmt: skip

STATUSES = [
    # `expires` is the last day in force
    StatusCase("typed end, its last day", STATED, "2026-11-30", "in_force"),
    StatusCase("typed end, the day after", STATED, "2026-12-01", "expired"),
    StatusCase("a month lasts to its last day", STATED | {"expires_stated": "2026-12"}, "2026-12-31", "in_force"),
    StatusCase("after the month", STATED | {"expires_stated": "2026-12"}, "2027-01-01", "expired"),
    StatusCase("a year lasts to its last day", STATED | {"expires_stated": "2026"}, "2026-12-31", "in_force"),
    StatusCase("after the year", STATED | {"expires_stated": "2026"}, "2027-01-01", "expired"),
    StatusCase("an end without a last day is never over", STATED | {"expires_stated": "2026/.."}, "2999-12-31", "in_force"),
    StatusCase("twelve months end with the corresponding day", ONE_YEAR, "2026-01-01", "in_force"),
    StatusCase("and are over on the next", ONE_YEAR, "2026-01-02", "expired"),
    StatusCase("signed only, on the last day", {"signed": "2020", "expires_stated": "2026-11-30"}, "2026-11-30", "signed"),
    StatusCase("120 days, the last", _fixed(in_force="2022-07-22", term="P120D"), "2022-11-19", "in_force"),
    StatusCase("120 days, over", _fixed(in_force="2022-07-22", term="P120D"), "2022-11-20", "expired"),
    StatusCase("days from a month", _fixed(in_force="2022-07", term="P120D"), "2022-11-28", "in_force"),
    StatusCase("days from a month, over", _fixed(in_force="2022-07", term="P120D"), "2022-11-29", "expired"),
    StatusCase("a month from 31 January", _fixed(in_force="2024-01-31", term="P1M"), "2024-02-29", "in_force"),
    StatusCase("a month from 31 January, over", _fixed(in_force="2024-01-31", term="P1M"), "2024-03-01", "expired"),
    # a renewal or extension lasts to its last day, and a term ends with the day before the gap
    StatusCase("renewed, the last day of the first term", PROLONGED, "2020-10-22", "in_force"),
    StatusCase("renewed, the next day", PROLONGED, "2020-10-23", "in_force"),
    StatusCase("the last day before a gap", PROLONGED, "2022-10-22", "in_force"),
    StatusCase("the first day of a gap", PROLONGED, "2022-10-23", "expired"),
    StatusCase("the last day of a gap", PROLONGED, "2022-12-31", "expired"),
    StatusCase("a gap is over once it may be", PROLONGED, "2023-01-01", "in_force"),
    StatusCase("the last day of the last renewal", PROLONGED, "2024-10-22", "in_force"),
    StatusCase("the last renewal is over", PROLONGED, "2024-10-23", "expired"),
    StatusCase("extended to a month, its last day", STATED | {"periods": [("extension", "", "2027-02")]}, "2027-02-28", "in_force"),
    StatusCase("extended to a month, over", STATED | {"periods": [("extension", "", "2027-02")]}, "2027-03-01", "expired"),
    StatusCase("terminated on the last day of an extension", STATED | {"periods": [("extension", "", "2027-02-28")], "terminated": "2027-02-28"}, "2027-02-28", "terminated"),
    StatusCase("terminated when the extension was over", STATED | {"periods": [("extension", "", "2027-02-28")], "terminated": "2027-03-01"}, "2027-03-01", "expired"),
    StatusCase("suspended on the last day in force", STATED | {"periods": [("suspension", "2026-11-30", "")]}, "2026-11-30", "suspended"),
    StatusCase("suspended when over", STATED | {"periods": [("suspension", "2026-11-30", "")]}, "2026-12-01", "expired"),
    # `terminated` and `superseded_on` are the first day without force
    StatusCase("termination takes effect", STATED | {"terminated": "2026-06-01"}, "2026-06-01", "terminated"),
    StatusCase("the day before", STATED | {"terminated": "2026-06-01"}, "2026-05-31", "in_force"),
    StatusCase("terminated on the last day", STATED | {"terminated": "2026-11-30"}, "2026-11-30", "terminated"),
    StatusCase("and after it", STATED | {"terminated": "2026-11-30"}, "2026-12-01", "terminated"),
    StatusCase("terminated when already over", STATED | {"terminated": "2026-12-01"}, "2026-12-01", "expired"),
    StatusCase("superseded on the last day", STATED | {"superseded_on": "2026-11-30"}, "2026-11-30", "superseded"),
    StatusCase("superseded when already over", STATED | {"superseded_on": "2026-12-01"}, "2026-12-02", "expired"),
]  # fmt: skip

SIX_MONTHS = _renewed(in_force="2024-08-31", term="P6M")

PERIODS = [
    PeriodCase(
        "31 August, six months each",
        SIX_MONTHS,
        [("2024-09-01", "2025-02-28"), ("2025-02-28", "2025-02-28"), ("2025-03-01", "2025-08-31"), ("2025-09-01", "2026-02-28"), ("2030-03-01", "2030-08-31")],
    ),
    PeriodCase(
        "the first end is named as well",
        SIX_MONTHS | {"expires_stated": "2025-02-28"},
        [("2025-02-28", "2025-02-28"), ("2025-03-01", "2025-08-31")],
    ),
    PeriodCase(
        "another end is named",
        SIX_MONTHS | {"expires_stated": "2025-03-31"},
        [("2025-03-31", "2025-03-31"), ("2025-04-01", "2025-09-30"), ("2025-10-01", "2026-03-31")],
    ),
    PeriodCase(
        "31 January monthly",
        _renewed(in_force="2024-01-31", term="P1M"),
        [("2024-02-01", "2024-02-29"), ("2024-03-01", "2024-03-31"), ("2024-04-01", "2024-04-30"), ("2025-02-27", "2025-02-28")],
    ),
    PeriodCase(
        "29 February yearly",
        _renewed(in_force="2024-02-29", term="P1Y"),
        [("2024-03-01", "2025-02-28"), ("2026-02-28", "2026-02-28"), ("2027-12-31", "2028-02-29"), ("2028-03-01", "2029-02-28")],
    ),
    PeriodCase(
        "36 months, then 12",
        _renewed(in_force="2020-03-01", term="P3Y", renewal="P1Y"),
        [("2020-03-01", "2023-03-01"), ("2023-03-02", "2024-03-01"), ("2026-01-01", "2026-03-01")],
    ),
    PeriodCase(
        "18 months, then 90 days",
        _renewed(in_force="2023-08-31", term="P18M", renewal="P90D"),
        [("2025-02-28", "2025-02-28"), ("2025-03-01", "2025-05-29"), ("2025-05-30", "2025-08-27")],
    ),
    PeriodCase(
        "120 days, then a year",
        _renewed(in_force="2023-01-01", term="P120D", renewal="P1Y"),
        [("2023-01-02", "2023-05-01"), ("2023-05-02", "2024-05-01"), ("2024-05-02", "2025-05-01")],
    ),
    PeriodCase(
        "a month in which it entered into force",
        _renewed(in_force="2020-02", term="P1Y"),
        [("2021-02-28", "2021-02"), ("2021-03-01", "2022-02"), ("2023-12-01", "2024-02")],
    ),
]  # fmt: skip

DECEMBER = _fixed(in_force="2023-12", term="P3Y", notice="P30D")
SINCE_ENTRY = "at the earliest, depending on the day it entered into force"

NOTICES = [
    NoticeCase("known in part: the early day", DECEMBER, "2026-01-01", "2026-11-01", f"1 November 2026 {SINCE_ENTRY}"),
    NoticeCase("a named month", _fixed(expires_stated="2026-12", notice="P30D"), "2026-01-01", "2026-11-01", "1 November 2026 at the earliest, depending on the day on which it ends"),
    NoticeCase("a named year", _fixed(expires_stated="2026", notice="P30D"), "2024-01-01", "2025-12-02", "2 December 2025 at the earliest, depending on the day on which it ends"),
    NoticeCase("a year and half a year", _fixed(in_force="2023", term="P18M", notice="P6M"), "2024-01-01", "2024-01-01", f"1 January 2024 {SINCE_ENTRY}"),
    NoticeCase("days from a month", _fixed(in_force="2022-07", term="P120D", notice="P30D"), "2022-08-01", "2022-09-29", f"29 September 2022 {SINCE_ENTRY}"),
    NoticeCase("extended", DECEMBER | {"periods": [("extension", "", "2027-12-31")]}, "2026-01-01", "2027-12-01", "1 December 2027"),
    NoticeCase("extended to a month", DECEMBER | {"periods": [("extension", "", "2027-12")]}, "2026-01-01", "2027-11-01", "1 November 2027 at the earliest, depending on the day on which it ends"),
    NoticeCase("extended, until when is not known", DECEMBER | {"periods": [("renewal", "2027-01-01", "")]}, "2026-01-01", "", ""),
    NoticeCase("no early day", _fixed(expires_stated="../2026", notice="P30D"), "2024-01-01", "", ""),
    NoticeCase("six months before", _fixed(expires_stated="2027-09-01", notice="P6M"), "2026-01-01", "2027-03-01", "1 March 2027"),
    NoticeCase("six months before the last of a month", _fixed(expires_stated="2027-08-31", notice="P6M"), "2026-01-01", "2027-02-28", "28 February 2027"),
    NoticeCase("thirty days before", _fixed(expires_stated="2025-03-31", notice="P30D"), "2030-01-01", "2025-03-01", "1 March 2025"),
    NoticeCase("about a day", _fixed(expires_stated="2025-03-31~", notice="P30D"), "2024-01-01", "2025-03-01", "1 March 2025"),
    NoticeCase("a counted end", _fixed(in_force="2024-01-31", term="P13M", notice="P30D"), "2024-06-01", "2025-01-29", "29 January 2025"),
    NoticeCase("none known", _fixed(expires_stated="2025-03-31"), "2024-01-01", "", ""),
    NoticeCase("none needed", _fixed(expires_stated="2025-03-31", notice="P0D"), "2024-01-01", "2025-03-31", "31 March 2025"),
    NoticeCase("without end", {"term_kind": "indefinite", "in_force": "2020-01-01", "notice": "P90D"}, "2024-01-01", "", ""),
    NoticeCase("this period", _renewed(in_force="2020-03-01", term="P1Y", notice="P90D"), "2026-11-21", "2026-12-01", "1 December 2026"),
    NoticeCase("its day is past", _renewed(in_force="2020-03-01", term="P1Y", notice="P90D"), "2026-12-02", "2026-12-01", "1 December 2026"),
    NoticeCase("the last day of the period", _renewed(in_force="2020-03-01", term="P1Y", notice="P90D"), "2027-03-01", "2026-12-01", "1 December 2026"),
    NoticeCase("the next period", _renewed(in_force="2020-03-01", term="P1Y", notice="P90D"), "2027-03-02", "2027-12-02", "2 December 2027"),
    NoticeCase("yet to begin", _renewed(in_force="2030-03-01", term="P1Y", notice="P90D"), "2026-11-21", "2030-12-01", "1 December 2030"),
    NoticeCase("named, leap day", _renewed(expires_stated="2020-02-29", term="P1Y", notice="P90D"), "2024-02-01", "2023-12-01", "1 December 2023"),
    NoticeCase("renewal alone is known", _renewed(expires_stated="2020-02-29", renewal="P1Y", notice="P90D"), "2024-02-01", "2023-12-01", "1 December 2023"),
    NoticeCase("36 months, then 12", _renewed(in_force="2020-03-01", term="P3Y", renewal="P1Y", notice="P6M"), "2023-06-01", "2023-09-01", "1 September 2023"),
    NoticeCase("a short month shortens no later period", _renewed(in_force="2020-01-31", term="P1M", notice="P7D"), "2026-05-05", "2026-05-24", "24 May 2026"),
    NoticeCase("renewed, of a month", _renewed(in_force="2020-02", term="P1Y", notice="P90D"), "2023-12-01", "2023-11-03", f"3 November 2023 {SINCE_ENTRY}"),
    NoticeCase("renewed, of a year", _renewed(in_force="2020", term="P1Y", notice="P90D"), "2023-12-01", "2022-10-03", f"3 October 2022 {SINCE_ENTRY}"),
    NoticeCase("renewed, then given an end", _renewed(in_force="2020-03-01", term="P1Y", notice="P90D", periods=[("extension", "", "2026-12-31")]), "2023-12-01", "2026-10-02", "2 October 2026"),
    NoticeCase("renewed, length unknown", _renewed(in_force="2020-02", notice="P90D"), "2023-12-01", "", ""),
    NoticeCase("renewed, an interval", _renewed(in_force="2020/2021", term="P1Y", notice="P90D"), "2023-12-01", "", ""),
]  # fmt: skip
