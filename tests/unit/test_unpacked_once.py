"""The local AWS unpacks a layer once, however many functions start with it."""

from concurrent.futures import ThreadPoolExecutor
from zipfile import ZipFile

import pytest

from local.stack.unpacked_once import Unpacked, linking_zip


def _archive(path, **files):
    with ZipFile(path, "w") as archive:
        for name, text in files.items():
            archive.writestr(f"python/{name}.py", text)
    return path


def _unpacked_by(kind, archive, place):
    place.mkdir()
    with kind(archive) as opened:
        opened.extractall(place)
    return place


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "unpacked"
    folder.mkdir()
    return folder


@pytest.fixture
def kind(folder):
    return linking_zip(Unpacked(folder))


def test_an_archive_that_comes_again_is_linked_to_what_lies_there(tmp_path, folder, kind):
    first = _unpacked_by(kind, _archive(tmp_path / "a.zip", module="one"), tmp_path / "first")
    second = _unpacked_by(kind, _archive(tmp_path / "b.zip", module="one"), tmp_path / "second")

    assert (second / "python" / "module.py").read_text() == "one"
    assert first.resolve() == second.resolve()
    assert len(list(folder.iterdir())) == 1


def test_another_content_of_the_same_names_is_unpacked_by_itself(tmp_path, kind):
    _unpacked_by(kind, _archive(tmp_path / "a.zip", module="one"), tmp_path / "first")
    second = _unpacked_by(kind, _archive(tmp_path / "b.zip", module="two"), tmp_path / "second")

    assert (second / "python" / "module.py").read_text() == "two"


def test_names_are_there_to_be_checked_until_the_archive_is_unpacked(tmp_path, kind):
    archive = _archive(tmp_path / "a.zip", module="one")
    with kind(archive) as opened:
        assert opened.namelist() == ["python/module.py"]

    _unpacked_by(kind, archive, tmp_path / "first")

    with kind(archive) as opened:
        assert opened.namelist() == []


def test_functions_that_start_at_once_share_one_copy(tmp_path, folder, kind):
    archive = _archive(tmp_path / "a.zip", **{f"module_{number}": "text" for number in range(50)})
    with ThreadPoolExecutor(8) as pool:
        places = list(pool.map(lambda number: _unpacked_by(kind, archive, tmp_path / str(number)), range(8)))

    assert len({place.resolve() for place in places}) == 1
    assert len(list(folder.iterdir())) == 1


def test_a_part_of_an_archive_is_refused_rather_than_linked_whole(tmp_path, kind):
    with kind(_archive(tmp_path / "a.zip", module="one")) as opened, pytest.raises(ValueError, match="whole"):
        opened.extractall(tmp_path, members=["python/module.py"])
