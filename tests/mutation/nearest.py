"""What `make mutate` goes through: the modules that decide, and the tests nearest to each."""

from __future__ import annotations

from types import MappingProxyType

NEAREST = MappingProxyType(
    {
        "network/case_studies/workflow.py": ("unit/test_workflow.py",),
        "network/case_studies/drafts.py": ("unit/test_drafts.py", "unit/test_bounds.py"),
        "network/facts/checks.py": ("unit/test_drafts.py",),
        "network/facts/kinds.py": ("unit/test_drafts.py", "unit/test_fact_kinds.py"),
        "network/facts/numbers.py": ("unit/test_fact_kinds.py", "unit/test_typed.py"),
        "network/facts/rows.py": ("unit/test_fact_kinds.py", "web/test_comparing.py"),
        "network/facts/travel.py": ("unit/test_entry.py", "unit/test_fact_bytes.py"),
        "network/facts/typed.py": ("unit/test_drafts.py", "unit/test_editor_form.py"),
        "network/facts/values.py": ("unit/test_fact_kinds.py", "integration/test_browsing.py"),
        "network/catalogue/queries.py": ("integration/test_browsing.py",),
        "network/log/tidy.py": ("unit/test_entry.py", "unit/test_reading.py", "unit/test_text.py"),
        "network/search/folding.py": ("unit/test_search_folding.py",),
        "network/search/query.py": ("unit/test_search_query.py", "unit/test_search_folding.py"),
        "network/search/scoring.py": ("unit/test_search_scoring.py",),
        "network/intake/decide.py": ("unit/test_decide.py",),
        "network/moderation/rules.py": ("unit/test_rules.py", "integration/test_moderation.py"),
        "network/subscriptions/schedule.py": ("unit/test_schedule.py",),
        "network/intake/walk.py": ("unit/test_walk.py",),
        "network/web/readers/comparison.py": ("web/test_comparing.py",),
        "network/catalogue/listing.py": ("integration/test_browsing.py",),
        "network/log/pages.py": ("unit/test_feed_document.py", "web/test_log.py"),
    }
)
"""Module → files of tests, below tests/."""
