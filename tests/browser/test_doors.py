"""The other doors: a telephone that confirms, and a code while nobody can be asked. The pages on the way are looked at."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser.looks import LOOKS, dress, look
from tests.browser.windows import Person
from tests.running import Node
from web.demo import PEOPLE, PLACES

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]


def test_a_telephone_and_a_code_open_the_door(one_node: Node, at: Callable[..., Person]) -> None:
    ines = PEOPLE["ines"]
    finess = PLACES[ines.place].finess
    desk, phone = at(one_node), at(one_node, size=(390, 844))
    desk.go("/login")
    desk.page.get_by_role("link", name="e-CPS").click()
    desk.page.get_by_label("numéro RPPS").fill(ines.subject_name_id[1:])
    desk.page.get_by_role("button").click()
    desk.page.wait_for_url(re.compile(r"/login/phone/[\w-]{43}"))
    digits = "".join(desk.page.locator(".digits-value > span").all_inner_texts())
    look(desk, "telephone-fr-dark")

    issuer = one_node.environment["TELEPATH_OIDC_ISSUER"].partition("/auth/")[0]
    for number, path in enumerate(("/conditions", f"/phone/{ines.subject_name_id}?still=1")):
        phone.page.goto(f"{issuer}{path}")
        look(phone, f"simulator-{number}")
    phone.page.goto(f"{issuer}/phone/{ines.subject_name_id}")
    expect(phone.page.locator(".digits")).to_have_text(digits)
    phone.page.locator('button[value="approve"]').click()
    expect(desk.page.locator(".who-name")).to_have_text("Dr Inès Flamboyant")

    asked = ("--institution", finess, "--by", PEOPLE["solene"].subject_name_id)
    made = one_node.command("emergency", "on", *asked, "--hours", "2")
    assert made.returncode == 0, made.stdout + made.stderr
    code = one_node.command("emergency", "code", *asked, ines.subject_name_id).stdout.split("\n")[1]
    late = at(one_node)
    for (language, theme), paths in zip(LOOKS, (("login",), ("login/phone", "login/emergency")), strict=True):
        dress(late, language, theme)
        for path in paths:
            late.go(f"/{path}")
            look(late, f"{path.replace('/', '-')}-{language}-{theme}")
    late.page.locator("#number").fill(ines.subject_name_id[1:])
    late.page.locator("#code").fill(code.lower())
    late.page.locator("form button").click()
    expect(late.page.locator(".emergency-banner")).to_be_visible()
    look(late, "emergency-worklist")
    late.go("/cases")
    late.page.locator(".row-title").first.click()
    late.page.locator("a[href^='/slides/']").first.click()
    late.page.wait_for_url("**/slides/*")
    expect(late.page.locator(".emergency-banner")).to_be_visible()
    look(late, "emergency-viewer")
    ended = one_node.command("emergency", "off", "--institution", finess)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    late.page.reload()
    late.page.wait_for_url("**/login?**")
