"""What the page /about says of the parts that telepath is made of."""

import json
from pathlib import Path

from web.routes.about import SHIPPED, shipped


def test_what_the_client_was_built_with_is_named_with_its_version(tmp_path: Path) -> None:
    built = {package: f"1.2.{place}" for place, (_, _, package) in enumerate(SHIPPED)}
    (tmp_path / "versions.json").write_text(json.dumps(built))
    found = {component.name: component.version for component in shipped(tmp_path)}
    assert found["OpenSeadragon"] == "1.2.0"
    assert found["Fluent"] == "1.2.3"
    assert all(found.values())  # OpenSlide's own is that of the distribution which brings the library


def test_a_client_that_says_nothing_of_its_parts_is_named_without_versions(tmp_path: Path) -> None:
    assert {component.name for component in shipped(tmp_path)} >= {"OpenSeadragon", "htmx", "Pico CSS", "Fluent"}
