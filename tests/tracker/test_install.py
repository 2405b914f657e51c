import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tracker import install

ROOT = Path(install.ROOT)


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt", "requirements-uv.txt"])
def test_lock_names_no_host_and_hashes_everything(name: str):
    text = (ROOT / name).read_text()
    assert "://" not in text
    pins = [line for line in text.splitlines() if "==" in line]
    assert pins
    assert all(line.endswith("\\") for line in pins)


def test_too_old_python_is_one_sentence(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sys, "version_info", (3, 9, 2))
    monkeypatch.setattr(shutil, "which", lambda name: None)
    with pytest.raises(SystemExit, match=r"needs Python 3\.11 or newer, and .* is 3\.9: install a newer one"):
        install.use_new_enough_python()


@pytest.mark.parametrize(
    ("said", "compiler", "sentence"),
    [
        ("NewConnectionError: refused\nNo matching distribution found for x", "/usr/bin/cc", "cannot be reached"),
        ("No matching distribution found for x", None, "no C compiler"),
        ("THESE PACKAGES DO NOT MATCH THE HASHES", None, "failed; what pip said stands above"),
    ],
)
def test_failed_install_ends_in_one_sentence(monkeypatch: pytest.MonkeyPatch, said: str, compiler, sentence: str):
    monkeypatch.setattr(install, "pip", lambda *arguments: said)
    monkeypatch.setattr(shutil, "which", lambda name: compiler)
    with pytest.raises(SystemExit, match=sentence):
        install.install("requirements.txt")


def test_old_pythons_can_read_the_installer():
    """So that they can say that they are too old."""
    text = (ROOT / "tracker" / "install.py").read_text()
    code = f"import ast; ast.parse({text!r}, feature_version=(3, 6))"
    subprocess.run([sys.executable, "-c", code], check=True)
