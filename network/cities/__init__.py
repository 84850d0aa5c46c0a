"""The vocabulary of cities, in every language of the pages."""
