import pytest

from forms import Component, Native


@pytest.fixture(params=[Native, Component], ids=["native", "component"])
def kv(request, tmp_path):
    """kv in either form, on the data in tmp_path/data."""
    return request.param(tmp_path)


@pytest.fixture
def native(tmp_path):
    """The native kv."""
    return Native(tmp_path)


@pytest.fixture
def component(tmp_path):
    """The component."""
    return Component(tmp_path)
