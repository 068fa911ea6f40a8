"""Files of tests that ask PostgreSQL nothing of their own, so that `--of-the-database` leaves them out.

They test what a page says. What they ask is plain (rows by a key or a value), or is also asked by a test that runs on
PostgreSQL: the SQL of each file was recorded and compared. A file that joins, groups, compares text, locks or inserts
many rows in a way that no other does stays there. In these files, tests that commit run on PostgreSQL as well.
"""

ALIKE = (
    "tests/admin/test_access.py",
    "tests/admin/test_documents.py",
    "tests/admin/test_dropped_documents.py",
    "tests/admin/test_lockouts.py",
    "tests/admin/test_lost_phones.py",
    "tests/admin/test_overdue_commitments.py",
    "tests/admin/test_typed_forms.py",
    "tests/staff/accounts/test_hostile_provider.py",
    "tests/staff/accounts/test_initial_passwords.py",
    "tests/staff/accounts/test_login.py",
    "tests/staff/accounts/test_unsent.py",
    "tests/statistics/test_charts.py",
    "tests/statistics/test_time_bars.py",
    "tests/templatetags/test_register.py",
    "tests/web/api/test_page.py",
    "tests/web/api/test_protocol.py",
    "tests/web/test_footnotes.py",
    "tests/web/test_timeline.py",
    "tests/web/views/test_bodies.py",
    "tests/web/views/test_changes.py",
    "tests/web/views/test_detail.py",
    "tests/web/views/test_documents.py",
    "tests/web/views/test_errors.py",
    "tests/web/views/test_files_for_people.py",
    "tests/web/views/test_people.py",
    "tests/web/views/test_private_calendar.py",
)
