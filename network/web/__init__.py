"""Pages and machine addresses: Flask blueprints."""
