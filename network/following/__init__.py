"""What people do about followed feeds, and every question about how these are."""
