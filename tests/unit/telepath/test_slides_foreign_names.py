"""The page tells of a format that is refused before a byte is sent: the same formats as the sandbox refuses."""

import re
from pathlib import Path

from telepath.slides import foreign
from telepath.uploads import manifest

PLAN = (Path(__file__).parents[3] / "web/client/src/upload_plan.ts").read_text()


def test_the_page_knows_the_scanners_formats_that_the_sandbox_refuses() -> None:
    [written] = re.findall(r"const FOREIGN[^{]*{(.*?)};", PLAN, re.DOTALL)
    told = dict(re.findall(r"\"(\.\w+)\": \"(\w+)\"", written))
    assert told == {suffix: name for suffix, name in foreign.SUFFIXES.items() if name in foreign.SCANNERS}


def test_the_page_knows_the_files_that_are_a_slide_each() -> None:
    [written] = re.findall(r"const ALONE = new Set\(\[(.*?)\]\)", PLAN)
    assert set(re.findall(r"\.\w+", written)) == manifest.ALONE
