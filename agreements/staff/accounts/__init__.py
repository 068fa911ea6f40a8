"""Getting in to the admin: the login with its second step, one's own account, and what was typed when a login ran out.

The admin's site (`agreements.staff.accounts.site`) has these pages beside the register's screens. They are no part of
`agreements.admin`, which is loaded through the site and so after it.
"""
