"""The WSGI entry point: `gunicorn wsgi:app`, `flask --app wsgi`."""

from network.app import create_app
from network.cli.main import COMMANDS

app = create_app()
for command in COMMANDS:
    app.cli.add_command(command)
