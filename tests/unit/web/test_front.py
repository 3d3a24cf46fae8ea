"""What is served of the built front end."""

import gzip

import pytest

from dojang.web.front import FOLDER, Front


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "assets").mkdir()
    (tmp_path / "assets" / "app-1.js").write_text("let bank = 1;\n" * 100)
    (tmp_path / "index.html").write_text("<!doctype html>")
    (tmp_path / "font.woff2").write_bytes(b"wOF2" * 1_000)
    return tmp_path


def test_a_script_is_packed_for_who_takes_it_and_reads_the_same(folder):
    script = Front(folder).find("/assets/app-1.js")

    assert script.packs
    assert script.lasting
    assert len(script.packed) < len(script.body)
    assert gzip.decompress(script.packed) == script.body


def test_what_is_small_already_is_sent_as_it_is(folder):
    front = Front(folder)

    assert not front.find("/font.woff2").packs
    assert not front.find("/index.html").packs


@pytest.mark.skipif(not (FOLDER / "index.html").exists(), reason="the site is not built here")
def test_every_built_file_says_what_it_is():
    front = Front()
    built = ["/" + p.relative_to(FOLDER).as_posix() for p in FOLDER.rglob("*.*") if p.is_file()]
    unknown = [
        path
        for path in built
        if front.find(path).media_type == "application/octet-stream" and path != "/.built-from"
    ]

    assert unknown == []
