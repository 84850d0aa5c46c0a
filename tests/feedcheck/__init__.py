"""What the specifications have against a feed: our own reading of them, as strict as validators.

Each checker gives a list of faults in words; an empty one means that there is neither an error nor
a warning that the feed could have avoided. The names in front are those of the W3C feed validator
where it has one.
"""
