"""What is in a feed beside its structure: bytes, languages, dates, names, texts."""
