"""One look at a followed feed, from the request to the commit."""
