"""The public site: pages of the record, each a function of its address, the record and the day."""
