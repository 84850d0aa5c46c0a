"""What `make mutate` goes through: the modules that decide, and the tests nearest to each."""

from __future__ import annotations

from types import MappingProxyType

_FACTS = "checks duration goals kinds links numbers rows travel values words"
_LISTS = ("integration/test_lists.py", "integration/test_browsing.py")
_VALUES = ("unit/test_fact_values.py", "unit/test_fact_kinds.py")
NEAREST = MappingProxyType(
    {
        "network/case_studies/drafts.py": ("unit/test_draft_rules.py", "unit/test_drafts.py"),
        "network/case_studies/workflow.py": ("unit/test_workflow.py",),
        "network/catalogue/listing.py": _LISTS,
        "network/catalogue/queries.py": _LISTS,
        "network/facts/typed.py": ("unit/test_fact_values.py", "unit/test_drafts.py"),
        "network/intake/decide.py": ("unit/test_decide.py",),
        "network/intake/walk.py": ("unit/test_walk_limits.py", "unit/test_walk.py"),
        "network/log/pages.py": ("integration/test_log_pages.py",),
        "network/log/tidy.py": ("unit/test_tidying.py",),
        "network/moderation/rules.py": ("unit/test_rules.py",),
        "network/search/folding.py": ("unit/test_search_folding.py",),
        "network/search/query.py": ("unit/test_search_query.py", "unit/test_search_folding.py"),
        "network/search/scoring.py": ("unit/test_search_scoring.py",),
        "network/subscriptions/schedule.py": ("unit/test_schedule.py",),
        "network/web/readers/comparison.py": ("web/test_comparison_rows.py",),
    }
    | {f"network/facts/{name}.py": _VALUES for name in _FACTS.split()}
)
"""Module → files of tests, below tests/."""
