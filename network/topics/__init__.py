"""The vocabulary of topics, in every language of the pages."""
