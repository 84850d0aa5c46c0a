"""The WSGI entry point: `gunicorn wsgi:app`, `flask --app wsgi`."""

from network.app import create_app
from network.cli.main import MODULES, command

app = create_app()
for name in MODULES:
    app.cli.add_command(command(name))
