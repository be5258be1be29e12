import pytest

from telepath.errors import Invalid, TelepathError
from web.pages import Form, clean, local_path


@pytest.mark.parametrize("path", ["/", "/cases/x?slide=1#y", "/login?return_to=%2F"])
def test_a_path_of_ours_is_followed(path: str) -> None:
    assert local_path(path) == path


@pytest.mark.parametrize(
    "path",
    [
        "https://evil.example/",
        "//evil.example",
        "/\\evil.example",
        "javascript:alert(1)",
        "",
        "cases",
        "/a\r\nb",
        "/" * 2,
        "//[",
        "//\N{ACCOUNT OF}.example",
        "http://[",
        "/" + "x" * 400,
    ],
)
def test_nobody_is_sent_elsewhere(path: str) -> None:
    assert local_path(path) == "/"


def test_a_field_is_trimmed_composed_and_without_control_characters() -> None:
    form = Form({"name": ["  Zoe\u0301\r\nMarchand\x00\u202e "]})
    assert form.text("name", 20) == "Zoé\nMarchand"
    assert form.line("name", 20) == "Zoé Marchand"
    assert clean("a\tb") == "a\tb"


def refusal(error: pytest.ExceptionInfo[TelepathError]) -> tuple[str, object]:
    return error.value.code, error.value.params["field"]


def test_a_field_that_is_too_long_or_missing_is_refused_by_name() -> None:
    form = Form({"question": ["x" * 11], "empty": [" "]})
    with pytest.raises(Invalid) as error:
        form.text("question", 10)
    assert refusal(error) == ("error-field-too-long", "question")
    with pytest.raises(Invalid) as error:
        form.line("empty", 10, required=True)
    assert refusal(error) == ("error-field-missing", "empty")
    assert form.text("absent", 10) == ""


def test_a_choice_must_be_one_of_those_offered() -> None:
    form = Form({"urgency": ["frozen"], "organ": ["heart"]})
    assert form.choice("urgency", ["frozen", "urgent"]) == "frozen"
    with pytest.raises(Invalid) as error:
        form.choice("organ", ["skin"])
    assert refusal(error) == ("error-field-choice", "organ")
    with pytest.raises(Invalid):
        form.choice("absent", ["skin"])
    assert form.choice("absent", ["skin"], required=False) == ""


@pytest.mark.parametrize("text", ["", "x", "1.5", "0", "101", "9" * 30, "٣x", "--1"])
def test_a_number_must_be_whole_and_within_its_bounds(text: str) -> None:
    with pytest.raises(Invalid):
        Form({"version": [text]}).number("version", 1, 100)


def test_a_number_within_its_bounds_is_read() -> None:
    assert Form({"version": [" 42 "]}).number("version", 1, 100) == 42


def test_many_values_of_one_field_are_bounded() -> None:
    assert Form({"slide": ["a", "b"]}).values("slide") == ["a", "b"]
    with pytest.raises(Invalid):
        Form({"slide": ["a"] * 51}).values("slide")
