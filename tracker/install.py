"""Makes .venv and installs the pinned requirements, unless they are installed already.

    python3 tracker/install.py [dev]

It runs on a machine that has nothing but some Python, perhaps too old a one: so the standard library alone, and
nothing that Python 3.6 could not read; down to Python 2.7 it still says that it is too old.
"""

from __future__ import print_function

import hashlib
import os
import shutil
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
VENV = os.path.join(ROOT, ".venv")
PYTHON = os.path.join(VENV, "bin", "python")
UNREACHABLE = ("NewConnectionError", "ConnectTimeoutError", "ProxyError", "name resolution", "timed out", "SSLError")
NO_WHEEL = ("No matching distribution", "not a supported wheel")


def give_up(sentence):
    sys.exit("\n{}\n".format(sentence))


def use_new_enough_python():
    """Go on under Python 3.11 or newer: this one, or another that the machine has."""
    if sys.version_info >= (3, 11):
        return
    for minor in range(11, 20) if hasattr(shutil, "which") else ():
        other = shutil.which("python3.{}".format(minor))
        if other:
            os.execv(other, [other] + sys.argv)
    found = "{}.{}".format(*sys.version_info[:2])
    give_up(
        "AI Access Tracker needs Python 3.11 or newer, and {} is {}: "
        "install a newer one, or name it (make run PYTHON=...).".format(sys.executable, found)
    )


def make_venv():
    works = [PYTHON, "-c", "import sys; sys.exit(sys.version_info < (3, 11))"]
    if os.path.exists(PYTHON) and subprocess.run(works, stderr=subprocess.DEVNULL).returncode == 0:
        return
    made = subprocess.run([sys.executable, "-m", "venv", "--clear", VENV], stdout=subprocess.PIPE)
    if made.returncode:
        give_up(
            "{} cannot make a virtual environment in {} "
            "(on Debian and Ubuntu its venv module is the package python3-venv).".format(sys.executable, VENV)
        )


def pip(*arguments):
    """Return what pip printed if it failed, else an empty string."""
    command = [PYTHON, "-m", "pip", "install", "--disable-pip-version-check", "--quiet", "--retries", "2"]
    done = subprocess.run(command + list(arguments), stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    return done.stdout.decode(errors="replace") if done.returncode else ""


def uv(*arguments):
    command = [PYTHON, "-m", "uv", "pip", "install", "--quiet", "--python", PYTHON]
    return subprocess.run(command + list(arguments), stderr=subprocess.DEVNULL).returncode == 0


def install(requirements):
    """Install exactly what the file names, checked by its hashes, as wheels.

    By uv, in seconds. Where uv fails pip tries: it knows the machine's mirrors and proxies by its own configuration.
    """
    hashed = ["--require-hashes", "-r", os.path.join(ROOT, requirements)]
    wheels = ["--only-binary", ":all:"]
    installer = ["--require-hashes", "-r", os.path.join(ROOT, "requirements-uv.txt")]
    if not pip(*wheels + installer) and uv(*wheels + hashed):
        return
    problem = pip(*wheels + hashed)
    if not problem:
        return
    sys.stderr.write(problem)
    if any(word in problem for word in UNREACHABLE):
        give_up("The Python package index cannot be reached, so nothing is installed; try again with a connection.")
    if not any(word in problem for word in NO_WHEEL):
        give_up("Installing {} failed; what pip said stands above.".format(requirements))
    if not shutil.which("cc") and not shutil.which("gcc"):
        give_up(
            "A package above has no ready-made wheel for this machine, and there is no C compiler to build it with: "
            "install one (on Debian: apt-get install gcc python3-dev), or use another version of Python."
        )
    print("Building a package that has no wheel for this machine ...")
    problem = pip(*hashed)
    if problem:
        sys.stderr.write(problem)
        give_up("A package could not be built on this machine; what its build said stands above.")


def stale(requirements):
    """Return the file's hash if it is not what was installed last, else None."""
    with open(os.path.join(ROOT, requirements), "rb") as file:
        wanted = hashlib.sha256(file.read()).hexdigest()
    try:
        with open(stamp(requirements)) as file:
            return None if file.read() == wanted else wanted
    except OSError:
        return wanted


def stamp(requirements):
    return os.path.join(VENV, requirements + ".installed")


def main():
    use_new_enough_python()
    make_venv()
    for requirements in ["requirements.txt", "requirements-dev.txt"] if "dev" in sys.argv[1:] else ["requirements.txt"]:
        wanted = stale(requirements)
        if wanted:
            print("Installing {} ...".format(requirements), flush=True)
            install(requirements)
            with open(stamp(requirements), "w") as file:
                file.write(wanted)


if __name__ == "__main__":
    main()
