"""The application for a WSGI server: ``gunicorn wsgi:app``."""

import gc

from tracker import create_app

app = create_app()

# What is loaded by now stays for good: the collector need not look at it again and again.
gc.collect()
gc.freeze()
