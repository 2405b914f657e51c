"""The pages that say who could use what, where, on which date, as known when."""
