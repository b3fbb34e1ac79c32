"""Where data and programs go when root runs it in a folder that nobody can't reach."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.errors import ConfigurationError
from app.run.place import User, find_place, find_programs, lock
from app.run.postgres import start_postgres

NOBODY = User(65534, 65534)
VAR_TMP = Path("/var/tmp")  # noqa: S108


@pytest.fixture
def private_checkout(home: Path, as_root: None) -> Iterator[Path]:
    """A checkout under a folder that only root can enter; what it leaves in /var/tmp is removed."""
    checkout = home / "private" / f"checkout-{home.name}"
    checkout.mkdir(parents=True)
    checkout.parent.chmod(0o700)
    yield checkout
    for left in VAR_TMP.glob(f"postcall-{checkout.name}-*"):
        shutil.rmtree(left)


def test_data_lies_in_the_checkout_when_it_can_be_reached(home: Path) -> None:
    place = find_place(home / "var")
    assert place.data == place.home == home / "var"


def test_data_of_a_private_checkout_lies_in_a_private_folder_named_after_it(private_checkout: Path) -> None:
    place = find_place(private_checkout / "var")
    assert place.home == private_checkout / "var"
    assert place.data.parent == VAR_TMP
    assert place.data.name.startswith(f"postcall-{private_checkout.name}-")
    assert place.data.stat().st_mode & 0o777 == 0o700
    server = start_postgres(place, password="secret", durable=False)
    server.stop()
    assert (place.data / "postgres" / "data" / "PG_VERSION").exists()


def test_nothing_of_the_machine_is_changed_on_the_way(private_checkout: Path) -> None:
    find_place(private_checkout / "var")
    assert private_checkout.parent.stat().st_mode & 0o777 == 0o700


def test_data_stays_where_it_was_when_the_checkout_is_opened_up(private_checkout: Path) -> None:
    before = find_place(private_checkout / "var")
    private_checkout.parent.chmod(0o755)
    assert find_place(private_checkout / "var") == before


def test_a_folder_that_someone_else_put_there_is_refused(private_checkout: Path) -> None:
    data = find_place(private_checkout / "var").data
    os.chown(data, 12345, 12345)
    with pytest.raises(ConfigurationError, match="belongs to someone else"):
        find_place(private_checkout / "var")


def test_a_link_that_someone_put_there_is_refused(private_checkout: Path, tmp_path: Path) -> None:
    data = find_place(private_checkout / "var").data
    data.rmdir()
    data.symlink_to(tmp_path)
    try:
        with pytest.raises(ConfigurationError, match="belongs to someone else"):
            find_place(private_checkout / "var")
    finally:
        data.unlink()


def test_data_that_can_not_be_reached_any_more_is_not_begun_anew(home: Path, as_root: None) -> None:
    place = find_place(home / "checkout" / "var")
    place.folder("postgres")
    (home / "checkout").chmod(0o700)
    with pytest.raises(ConfigurationError, match="can't reach its data"):
        find_place(home / "checkout" / "var")


@pytest.fixture
def private_package(home: Path, monkeypatch: pytest.MonkeyPatch, as_root: None) -> Iterator[Path]:
    """A package installed where nobody can't reach it."""
    package = home / "site-packages" / home.name.replace("-", "_")
    (package / "bin").mkdir(parents=True)
    (package / "include").mkdir()
    (package / "__init__.py").touch()
    (package / "include" / "server.h").touch()
    (package / "bin" / "server").write_text("#!/bin/sh\n")
    (package / "bin" / "server").chmod(0o700)
    package.parent.chmod(0o700)
    monkeypatch.syspath_prepend(package.parent)
    yield package
    for left in VAR_TMP.glob(f"postcall-programs-{package.name}-*"):
        shutil.rmtree(left)


def copy_of(package: Path) -> Path:
    return find_programs(package.name, (package.name,), NOBODY)


def test_programs_out_of_reach_are_copied_for_all_to_run_and_root_to_change(private_package: Path) -> None:
    copy = copy_of(private_package)
    program = copy / private_package.name / "bin" / "server"
    assert NOBODY.searches(program.parent)
    assert program.stat().st_mode & 0o777 == 0o755
    assert {path.stat().st_uid for path in (copy, *copy.rglob("*"))} == {0}
    assert not (copy / private_package.name / "include").exists()


def test_a_copy_is_used_again_until_the_package_changes_or_a_file_is_lost(private_package: Path) -> None:
    copy = copy_of(private_package)
    made = copy.stat().st_ino
    assert copy_of(private_package).stat().st_ino == made
    (copy / private_package.name / "bin" / "server").unlink()
    assert (copy_of(private_package) / private_package.name / "bin" / "server").exists()


def test_programs_that_someone_else_put_there_are_refused(private_package: Path) -> None:
    copy = copy_of(private_package)
    os.chown(copy, 12345, 12345)
    with pytest.raises(ConfigurationError, match="should belong to root"):
        copy_of(private_package)


def test_programs_in_reach_are_run_where_they_are(private_package: Path) -> None:
    name = private_package.name
    assert find_programs(name, (name,), None) == private_package.parent


def test_a_lock_is_had_by_one_at_a_time(tmp_path: Path) -> None:
    held = lock(tmp_path, 0)
    assert held is not None
    assert lock(tmp_path, 0) is None
    os.close(held)
    again = lock(tmp_path, 0)
    assert again is not None
    os.close(again)
