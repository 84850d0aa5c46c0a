"""What of followed sites readers see, and what people decide about it."""
