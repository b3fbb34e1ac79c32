"""Where the embedded servers keep their data, where their programs lie, and as whom they run.

PostgreSQL refuses to run as root, so root starts both servers as the existing user nobody. What nobody owns is
the servers' data alone: secrets, locks and logs stay in `home`, which is ours, because root writing into a
folder of nobody's could be led elsewhere by a link.
"""

import fcntl
import hashlib
import importlib.util
import os
import pwd
import shutil
import stat
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from app.errors import ConfigurationError

_ELSEWHERE = Path("/var/tmp")  # noqa: S108 - survives a reboot, every user reaches it, and it is sticky
_POLL_SECONDS = 0.02


@dataclass(frozen=True)
class User:
    uid: int
    gid: int

    def searches(self, path: Path) -> bool:
        """Whether this user can go through `path` and all its parents, by their mode bits."""
        return all(self._may(folder.stat(), 0o1) for folder in (path, *path.parents))

    def _may(self, found: os.stat_result, bits: int) -> bool:
        shift = 6 if found.st_uid == self.uid else 3 if found.st_gid == self.gid else 0
        return bool(found.st_mode >> shift & bits)


@dataclass(frozen=True)
class Place:
    """`home`: ours (secrets, lock, logs). `data`: holds the servers' folders. `user`: whom they run as, or us."""

    home: Path
    data: Path
    user: User | None

    def log(self, name: str) -> Path:
        return self.home / "log" / f"{name}.log"

    def folder(self, server: str) -> Path:
        """The folder of one server's data, made when it is missing; its owner is whom the server runs as."""
        return _own_folder(self.data / server, self.user)


def find_place(home: Path) -> Place:
    """Make `home` and decide where data lies: in it, or in a mode-700 folder under /var/tmp named after the
    checkout when nobody can't reach `home`. Raises ConfigurationError when a folder belongs to someone else.
    """
    home = home.resolve()
    user = _server_user()
    try:
        # nobody passes through on the way to its data, and can't list or read the rest
        home.mkdir(mode=0o711 if user else 0o700, parents=True, exist_ok=True)
        (home / "log").mkdir(mode=0o700, exist_ok=True)
    except PermissionError as error:
        raise ConfigurationError(f"{home} can't be written by this user: {error}") from error
    if user is None:
        return Place(home, home, None)
    elsewhere = _ELSEWHERE / f"postcall-{home.parent.name}-{_digest(home)}"
    if not elsewhere.exists() and user.searches(home):
        return Place(home, home, user)
    if (home / "postgres").exists():
        raise ConfigurationError(
            f"The user nobody can't reach its data in {home} any more: see the folders' modes"
        )
    return Place(home, _own_folder(elsewhere, user), user)


def find_programs(package: str, needs: tuple[str, ...], user: User | None) -> Path:
    """The folder in which `needs` (paths inside site-packages) can be run by `user`: site-packages itself, or a
    copy owned by root under /var/tmp where the user can't reach that.
    """
    found = importlib.util.find_spec(package)
    if found is None or found.origin is None:
        raise ConfigurationError(f"The package {package} is not installed: make run installs it")
    packages = Path(found.origin).resolve().parent.parent
    if user is None or all(user.searches(packages / need) for need in needs):
        return packages
    copy = _ELSEWHERE / f"postcall-programs-{package}-{_digest(packages)}"
    if copy.is_symlink() or (copy.exists() and copy.stat().st_uid != 0):
        raise ConfigurationError(f"{copy} should belong to root and does not: remove it")
    if _contents(copy, needs) != _contents(packages, needs):
        _copy(packages, needs, copy)
    return copy


def lock(path: Path, seconds: float) -> int | None:
    """Lock a file or folder, waiting up to `seconds`; None when another process holds it still.

    A server inherits the descriptor of its folder: the lock then lasts exactly as long as any of its processes,
    also when we are killed. A locked folder is also left alone by what cleans /var/tmp.
    """
    descriptor = os.open(path, os.O_RDONLY)
    deadline = time.monotonic() + seconds
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > deadline:
                os.close(descriptor)
                return None
            time.sleep(_POLL_SECONDS)
        else:
            return descriptor


def _server_user() -> User | None:
    if os.geteuid() != 0:
        return None
    try:
        nobody = pwd.getpwnam("nobody")
    except KeyError as error:
        raise ConfigurationError(
            "The servers can't run as root, and there is no user nobody to run as"
        ) from error
    return User(nobody.pw_uid, nobody.pw_gid)


def _digest(path: Path) -> str:
    return hashlib.sha256(os.fsencode(path)).hexdigest()[:8]


def _own_folder(path: Path, user: User | None) -> Path:
    owner = user.uid if user else os.geteuid()
    try:
        path.mkdir(mode=0o700)
    except FileExistsError:
        found = path.lstat()
        # root's: we were ended between the two calls
        if not stat.S_ISDIR(found.st_mode) or found.st_uid not in (owner, os.geteuid()):
            raise ConfigurationError(f"{path} belongs to someone else: remove it or move it away") from None
    if user:
        os.chown(path, user.uid, user.gid, follow_symlinks=False)
    return path


def _contents(root: Path, needs: tuple[str, ...]) -> set[tuple[str, int]]:
    """Names and sizes: enough to see that a cleaner took files from a copy, or that the package is a newer one."""
    return {
        (str(file.relative_to(root)), file.lstat().st_size)
        for need in needs
        for file in (root / need).rglob("*")
        if not file.is_dir() and "include" not in file.relative_to(root / need).parts
    }


def _copy(packages: Path, needs: tuple[str, ...], copy: Path) -> None:
    fresh = Path(tempfile.mkdtemp(prefix=f"{copy.name}.", dir=copy.parent))
    try:
        for need in needs:
            shutil.copytree(
                packages / need, fresh / need, symlinks=True, ignore=shutil.ignore_patterns("include")
            )
        for file in (fresh, *fresh.rglob("*")):
            if not file.is_symlink():
                file.chmod(0o755 if file.is_dir() or file.stat().st_mode & 0o100 else 0o644)
        shutil.rmtree(copy, ignore_errors=True)
        fresh.rename(copy)
    except BaseException:
        shutil.rmtree(fresh, ignore_errors=True)
        raise
