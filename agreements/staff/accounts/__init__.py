"""The login with two-factor authentication, the account page, and forms that were sent after a login had ended.

The admin's site (`agreements.staff.accounts.site`) has these pages beside the register's screens. They are not part of
`agreements.admin`, which is loaded through the site and so after it.
"""
