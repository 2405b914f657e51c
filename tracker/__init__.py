from .celery import app as celery_app

# Loaded with Django, so that `shared_task` finds this app and not Celery's default one.
__all__ = ["celery_app"]
