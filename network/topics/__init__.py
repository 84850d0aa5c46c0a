"""The vocabulary of topics, in both languages."""
