"""The login with two-factor authentication, the account page, and forms that were sent after a login had ended.

The admin's site (`agreements.staff.accounts.site`) has these pages next to the register's screens. They are not part of
`agreements.admin`, which is imported only once the site exists.
"""
