"""Unit tests touch nothing: a socket is an error."""

import pytest
from pytest_socket import disable_socket, enable_socket

from lockstep.runtime.route_files import load_routes


@pytest.fixture(autouse=True)
def _no_sockets():
    disable_socket()
    yield
    enable_socket()


@pytest.fixture
def load(tmp_path):
    """Load routes from files, each given by its name and its text."""

    def load(**files):
        folder = tmp_path / "routes"
        folder.mkdir()
        for name, text in files.items():
            (folder / f"{name}.yaml").write_text(text)
        return load_routes(folder)

    return load
