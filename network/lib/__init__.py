"""The ground floor: clock, errors, text, languages, database, sanitising, the one door."""
