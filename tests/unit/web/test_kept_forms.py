"""Which forms outlast their session in the browser's own store, in clear, on a computer that others use."""

import re
from pathlib import Path

TEMPLATES = Path(__file__).parents[3] / "web" / "templates"

KEPT = {
    "bench.html",
    "cases/case.html",
    "cases/form.html",
    "cases/thread.html",
    "consults/_adoption.html",
    "consults/_concordance.html",
    "consults/_countersigning.html",
    "consults/_incidents.html",
    "consults/_material.html",
    "consults/_needs.html",
    "consults/_offer.html",
    "consults/_outcomes.html",
    "consults/_transfer.html",
    "consults/new.html",
    "room.html",
}
"""Cases and specimens, discussion lines, questions, what is missing, why somebody declines, sends back or hands over, what
became of an answer: under the pseudonymous number of the case."""


FORM = re.compile(r"<form\b.*?</form>", re.DOTALL)
NAMING = re.compile(
    r'(?<!class=)"(birth_\w+|given_\w+|family_\w+|used_\w+|matricule|oid|e?mail|rpps|credential\w*|name|code|reason)"'
)


def test_only_these_forms_are_kept_and_none_has_a_field_that_names_somebody() -> None:
    kept: dict[str, list[str]] = {}
    naming = set()
    for path in TEMPLATES.rglob("*.html"):
        name = str(path.relative_to(TEMPLATES))
        for form in FORM.findall(path.read_text()):
            if "data-keep" in form:
                kept.setdefault(name, []).append(form)
            if NAMING.search(form):
                naming.add(name)
    assert set(kept) == KEPT
    assert [form for forms in kept.values() for form in forms if NAMING.search(form)] == []
    assert naming >= {
        "cases/patient_form.html",
        "administration/invite.html",
        "break_glass/form.html",
        "guests/new.html",
    }
