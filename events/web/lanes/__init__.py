"""The timeline as lanes: a row for each company, country or policy, a column for each period, drawn by the server.

`asked` reads what a reader asks for, `scale` places days on columns, `counts` makes the rows and their bars, `marks`
the single events and the threads between them where these are few, `page` puts all together.
"""
