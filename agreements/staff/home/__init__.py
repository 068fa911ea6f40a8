"""The staff home in the admin: the page with what needs doing, the page of what each person follows, and Help.

`accounts.site` builds the admin's site of these. They are not in `admin`, which cannot be read before there is a site.
"""
