"""The staff home in the admin: the page with what needs doing, the page of what each person follows, and Help.

`accounts.site` adds these pages to the admin's site. They are not in `admin`, which is imported only once the site exists.
"""
