"""Judging a page by its looks: accessibility, width, and what the browser complains of."""

from axe_playwright_python.sync_playwright import Axe

from tests.browser.windows import Person

SIZES = {"wide": (1366, 768), "narrow": (390, 844)}
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
"""Of axe-core: WCAG 2.2 at level AA, and what its authors advise besides."""
AT_REST = """async () => {
    // A window in which nothing changes may draw no frame; and what left the page while it moved never says that it ended.
    const drawn = () => new Promise((done) => {
        requestAnimationFrame(() => requestAnimationFrame(done));
        setTimeout(done, 1000);
    });
    const moves = (one) => one.playState === "running" && Number.isFinite(one.effect.getComputedTiming().endTime);
    const until = performance.now() + 10_000;
    do await drawn(); while (document.getAnimations().some(moves) && performance.now() < until);
}"""
"""Laid out for the new size, and no colour half way to another: it is judged as it stays."""
LOOKS = [("fr", "dark"), ("en", "light")]


def look(person: Person, name: str, refused: str = "\0") -> None:
    """Judge the present page in both sizes: accessibility, width, and what the browser itself complained of.

    ``refused``: what complaints say of that which the test refuses on purpose."""
    for size, (width, height) in SIZES.items():
        person.page.set_viewport_size({"width": width, "height": height})
        person.page.evaluate(AT_REST)
        person.picture(f"{name}-{size}")
        found = Axe().run(person.page, options={"runOnly": RULES}).response["violations"]
        broken = [(rule["id"], [node["html"] for node in rule["nodes"]]) for rule in found]
        assert not broken, f"{name}, {size}: {broken}"
        wider = person.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wider <= 0, f"{name}, {size}: {wider} px to the side"
    complaints = [one for one in person.complaints if refused not in one]
    assert not complaints, f"{name}: {complaints}"


def dress(person: Person, language: str, theme: str) -> None:
    person.go(f"/language?lang={language}&return_to=/about")
    person.go(f"/theme?theme={theme}&return_to=/about")
