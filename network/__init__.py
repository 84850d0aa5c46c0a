"""Pioneer Cities: a federated network where cities share best-practice case studies."""

__version__ = "0.1.0"
