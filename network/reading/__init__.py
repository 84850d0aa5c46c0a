"""Whatever other sites publish, read: feeds of any maker, lists of sites, pages that name feeds."""
