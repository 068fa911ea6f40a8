"""The staff home in the admin: the page that shows what needs doing, the page "What I follow", and Help.

`accounts.site` adds these pages to the admin's site. They are not in `admin`, which is imported only once the site exists.
"""
