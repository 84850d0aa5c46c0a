"""What `make mutate` goes through: the modules that decide, and the tests nearest to each."""

from __future__ import annotations

from types import MappingProxyType

NEAREST = MappingProxyType(
    {
        "network/case_studies/workflow.py": ("unit/test_workflow.py",),
        "network/intake/decide.py": ("unit/test_decide.py",),
        "network/search/folding.py": ("unit/test_search_folding.py",),
        "network/search/query.py": ("unit/test_search_query.py", "unit/test_search_folding.py"),
        "network/search/scoring.py": ("unit/test_search_scoring.py",),
        "network/subscriptions/schedule.py": ("unit/test_schedule.py",),
    }
)
"""Module → files of tests, below tests/."""
