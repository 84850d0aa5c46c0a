"""Who was inspired by whom."""
