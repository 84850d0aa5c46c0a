"""Search, its suggestions and feeds, and the searches that people keep."""
