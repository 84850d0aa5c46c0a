"""`python -m network` is the pioneer-cities command."""

from network.cli import main

main()
