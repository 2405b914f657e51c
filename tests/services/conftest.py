import pytest

from tests.factories import UserFactory


@pytest.fixture
def publisher():
    return UserFactory(role="Publisher")


@pytest.fixture
def superuser():
    return UserFactory(is_superuser=True)
