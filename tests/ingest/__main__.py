import django

django.setup()

from tests.ingest.measuring import main  # noqa: E402

main()
