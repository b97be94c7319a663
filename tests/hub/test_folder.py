"""A class's folder and its settings."""

import os

import pytest

from curriculum.hub import folder
from curriculum.hub.folder import Class, HubError, Settings


def read(tmp_path, text):
    path = tmp_path / "class.toml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return Settings.read(path)


def test_a_new_class_has_the_settings_of_the_page_that_explains_them(tmp_path):
    of = folder.make(tmp_path / "class")
    assert of.settings == Settings()
    assert of.root.stat().st_mode & 0o777 == 0o700
    assert of.hub.stat().st_mode & 0o777 == 0o700


def test_a_class_that_is_there_stays_as_it_is(tmp_path):
    of = folder.make(tmp_path)
    (tmp_path / "class.toml").write_text("port = 9000\n")
    assert folder.make(tmp_path).settings.port == 9000
    assert of.root == tmp_path


@pytest.mark.parametrize(
    "text",
    [
        "port = ",
        b"\xff\xfe",
        "port = 'x'",
        "port = 8000.5",
        "port = true",
        "internet = 1",
        "course = 7",
        "prot = 8000",
        "course = 'ML interviews'",
        "course = '../x'",
        "course = ''",
        "course = 'a\\n'",
    ],
    ids=repr,
)
def test_a_wrong_setting_is_said_in_one_sentence(tmp_path, text):
    with pytest.raises(HubError) as why:
        read(tmp_path, text)
    said = str(why.value)
    assert str(tmp_path / "class.toml") in said
    assert said.endswith(".")
    assert "\n" not in said


def test_a_folder_without_a_class_says_how_to_make_one(tmp_path):
    with pytest.raises(HubError, match=r"There is no class in .*: `make class` makes one\.$"):
        _ = Class(tmp_path / "none").settings


def test_ports_follow_one_another(tmp_path):
    settings = read(tmp_path, "inner_port = 9001")
    ports = (settings.hub_port, settings.proxy_port, settings.exchange_port, settings.course_port)
    assert ports == (9001, 9002, 9003, 9004)


@pytest.mark.parametrize("address", ["127.0.0.1", "localhost", "::1"])
def test_on_this_machine_alone_there_is_no_certificate(tmp_path, address):
    (tmp_path / "class.toml").write_text(f"address = '{address}'")
    of = Class(tmp_path)
    assert of.settings.certificate == ""
    assert of.settings.url == "http://localhost:8000"


@pytest.mark.parametrize("address", ["0.0.0.0", "192.0.2.1", ""])
def test_whoever_opens_a_class_to_a_network_has_https(tmp_path, address):
    (tmp_path / "class.toml").write_text(f"address = '{address}'")
    of = Class(tmp_path)
    assert of.settings.url.startswith("https://")
    assert of.settings.certificate == str(of.certificate)


def test_two_classes_have_two_folders_of_sockets_whose_paths_are_short(tmp_path):
    one, other = Class(tmp_path / ("x" * 200)), Class(tmp_path / "other")
    assert one.sockets != other.sockets
    assert len(os.fsencode(one.sockets / "doors" / f"{'c' * 40}.sock")) < 107
