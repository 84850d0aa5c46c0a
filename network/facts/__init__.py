"""What a fact of a case study is: `declared.FACTS` says it once, and everything else goes by that.

A kind is the whole life of a value (`kinds`, `numbers`, `words`, `links`, `goals`). `values.Facts`
holds the values of a study, `typed` reads what people type, `checks` says what is wrong with it,
`travel` is its way through entries and JSON, and `sheet` what readers see.
"""
