"""What a WSGI server loads: `gunicorn wsgi` or `flask --app wsgi`."""

from app import create_app

application = create_app()
