"""Files and folders that cannot be read, and how it is said."""

import os

import pytest

from tests.services.dataset.making import problems

RAW = {
    "malformed YAML": (
        b"events:\n  - {id: a\n",
        "bad.yaml, line 3: This is no YAML: did not find expected ',' or '}'.",
    ),
    "a tab": (
        b"events:\n\t- id: a\n",
        "bad.yaml, line 2: This is no YAML: found character that cannot start any token.",
    ),
    "repeated keys": (b"events:\n  - id: a\n    id: b\n", "bad.yaml, line 3: The key “id” stands here twice."),
    "not UTF-8": (b"events:\n  - id: caf\xe9\n", "bad.yaml, line 2: The file is not UTF-8."),
    "an empty file": (b"", "bad.yaml: The file is empty."),
    "comments alone": (b"# nothing yet\n", "bad.yaml: The file is empty."),
    "no mapping": (b"- a\n", "bad.yaml: The file has to hold keys and values."),
    "an alias": (b"a: &x [1]\nb: *x\n", "bad.yaml, line 1: Anchors and aliases (& and *) are not allowed."),
    "a tag": (b"a: !!python/none x\n", "bad.yaml, line 1: Tags (!) are not allowed."),
    "deep nesting": (b"a: " + b"[" * 100_000, "bad.yaml, line 1: Nested more than 12 levels deep."),
    "two documents": (b"events: []\n---\nevents: []\n", "bad.yaml, line 2: A file holds one document."),
    "half a surrogate pair": (b'a: "\\ud800"\n', "bad.yaml, line 1: This is no YAML: found invalid Unicode"),
    "a control character": (b"a: \x01\n", "bad.yaml: This is no YAML: "),
    "another top-level key": (b"happenings: []\n", "bad.yaml, line 1: happenings: A file of events has the one key"),
}


@pytest.mark.parametrize("case", RAW)
def test_file_that_cannot_be_read_is_named(files, folder, case):
    data, message = RAW[case]
    files.write(folder)
    (folder / "bad.yaml").write_bytes(data)
    assert problems(folder)[0].startswith(message)


def test_bomb_is_refused_before_it_goes_off(folder):
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 12)]
    (folder / "bomb.yaml").write_text("\n".join(lines))
    assert problems(folder) == ["bomb.yaml, line 1: Anchors and aliases (& and *) are not allowed."]


def test_file_over_the_size_limit_is_refused(folder, monkeypatch):
    monkeypatch.setattr("events.services.dataset.parsing.LARGEST", 2**20)
    (folder / "large.yaml").write_bytes(b"#" * (2**20 + 1))
    assert problems(folder) == ["large.yaml: The file is larger than 1 MB."]


def test_folder_without_files_is_refused(folder):
    assert problems(folder) == [f"{folder}: There are no .yaml files."]


def test_folder_that_is_missing_is_named(folder):
    missing = folder / "missing"
    assert problems(missing) == [f"{missing}: The folder cannot be read: No such file or directory."]


def test_file_for_a_folder_is_named(files, folder):
    path = files.write(folder) / "reference.yaml"
    assert problems(path) == [f"{path}: The folder cannot be read: Not a directory."]


def test_folder_for_a_file_is_named(files, folder):
    (files.write(folder) / "more.yaml").mkdir()
    assert problems(folder) == ["more.yaml: The file cannot be read: Is a directory."]


def test_file_that_leads_nowhere_is_named(files, folder):
    (files.write(folder) / "more.yaml").symlink_to("gone.yaml")
    assert problems(folder) == ["more.yaml: The file cannot be read: No such file or directory."]


def test_what_never_ends_is_not_read(files, folder):
    files.write(folder)
    os.mkfifo(folder / "more.yaml")
    (folder / "zeros.yaml").symlink_to("/dev/zero")
    assert problems(folder) == ["more.yaml: This is no file.", "zeros.yaml: This is no file."]


@pytest.mark.parametrize("name", ["more.yml", "more.YAML"])
def test_file_with_another_ending_is_not_passed_over(files, folder, name):
    (files.write(folder) / name).write_text("events: []\n")
    assert problems(folder) == [f"{name}: It would not be read: name it more.yaml."]
