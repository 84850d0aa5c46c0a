"""What `make mutate` goes through: the modules that decide, and the tests nearest to each."""

from __future__ import annotations

from types import MappingProxyType

NEAREST = MappingProxyType(
    {
        "network/case_studies/workflow.py": ("unit/test_workflow.py",),
        "network/intake/decide.py": ("unit/test_decide.py",),
        "network/log/pages.py": ("integration/test_log_pages.py",),
        "network/log/tidy.py": ("unit/test_tidying.py",),
        "network/moderation/rules.py": ("unit/test_rules.py",),
        "network/intake/walk.py": ("unit/test_walk_limits.py", "unit/test_walk.py"),
        "network/web/readers/comparison.py": ("web/test_comparison_rows.py",),
        "network/case_studies/drafts.py": ("unit/test_draft_rules.py", "unit/test_drafts.py"),
        "network/catalogue/listing.py": (
            "integration/test_lists.py",
            "integration/test_browsing.py",
        ),
        "network/catalogue/queries.py": (
            "integration/test_lists.py",
            "integration/test_browsing.py",
        ),
        "network/facts/checks.py": ("unit/test_fact_values.py", "unit/test_fact_kinds.py"),
        "network/facts/duration.py": ("unit/test_fact_values.py", "unit/test_fact_kinds.py"),
        "network/facts/goals.py": ("unit/test_fact_values.py", "unit/test_fact_kinds.py"),
        "network/facts/kinds.py": ("unit/test_fact_values.py", "unit/test_fact_kinds.py"),
        "network/facts/links.py": ("unit/test_fact_values.py", "unit/test_fact_kinds.py"),
        "network/facts/numbers.py": ("unit/test_fact_values.py", "unit/test_fact_kinds.py"),
        "network/facts/rows.py": ("unit/test_fact_values.py", "unit/test_fact_kinds.py"),
        "network/facts/travel.py": ("unit/test_fact_values.py", "unit/test_fact_kinds.py"),
        "network/facts/typed.py": ("unit/test_fact_values.py", "unit/test_drafts.py"),
        "network/facts/values.py": ("unit/test_fact_values.py", "unit/test_fact_kinds.py"),
        "network/facts/words.py": ("unit/test_fact_values.py", "unit/test_fact_kinds.py"),
        "network/search/folding.py": ("unit/test_search_folding.py",),
        "network/search/query.py": ("unit/test_search_query.py", "unit/test_search_folding.py"),
        "network/search/scoring.py": ("unit/test_search_scoring.py",),
        "network/subscriptions/schedule.py": ("unit/test_schedule.py",),
    }
)
"""Module → files of tests, below tests/."""
