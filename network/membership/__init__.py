"""The sites that other sites know: lists, directories and what a node says of itself."""
