"""Bulk files: the whole log and its newest state, as a package of files that never change.

`tables` says which tables there are, `reading` what they are drawn from, `writing` and `database` write them, `package`
describes them, and `building` puts a package together and makes it the newest.
"""
