"""The vocabulary of cities, in both languages."""
