"""The staff's own desk in the admin: the first page with what needs doing, and the page of what each of them follows.

`accounts.site` builds the admin's site of these. They are not in `admin`, which cannot be read before there is a site.
"""
