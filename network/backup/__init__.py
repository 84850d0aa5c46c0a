"""One file that holds a whole node, made while it runs, and the way back from it."""
