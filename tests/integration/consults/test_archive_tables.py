"""What an archive of a consult carries, against the schema: no table and no column is forgotten."""

from consults.archive_tables import CARRIED, LEFT, PEOPLE_BESIDE, ROWS, names
from telepath.db.schema import metadata


def test_every_table_goes_along_or_stays_for_a_reason() -> None:
    carried = [one.table.name for one in CARRIED]
    assert sorted([*carried, *LEFT]) == sorted(metadata.tables)
    assert all(len(why.split()) > 1 for why in LEFT.values())


def test_every_column_of_a_table_that_goes_along_goes_along_or_stays_for_a_reason() -> None:
    for one in CARRIED:
        assert sorted([*one.columns, *one.left]) == sorted(one.table.c.keys()), one.table.name
        assert all(len(why.split()) > 1 for why in one.left.values()), one.table.name
        assert ROWS[one.table.name].__struct_fields__ == one.columns


def test_a_row_names_no_row_of_a_later_table() -> None:
    before = {"person", "institution"}
    for one in CARRIED:
        before.add(one.table.name)
        named = {key.column.table.name for name in one.columns for key in one.table.c[name].foreign_keys}
        assert named <= before, one.table.name


def test_whoever_is_named_is_known_to_be_a_person() -> None:
    """A column for an identifier without a foreign key names a row of this consult, or a person."""
    rows = {"case_id", "consult_id", "room_id", "reading_id", "slide_id", "opinion_id", "operation_id"}
    unsaid = [
        f"{one.table.name}.{name}"
        for one in CARRIED
        for name in one.columns
        if getattr(one.table.c[name].type, "length", 0) == 26
        and name != "id"
        and name not in rows
        and not names(one.table.c[name])
        and not one.table.c[name].foreign_keys
    ]
    assert unsaid == []
    assert all(names(column) == "person" for column in PEOPLE_BESIDE)
