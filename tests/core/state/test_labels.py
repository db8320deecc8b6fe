from serinus.core.state import labels


def test_a_name_has_two_parts_and_is_written_with_a_slash() -> None:
    found = labels.parted("team/shop")

    assert labels.Name("team", "shop") == found
    assert str(found) == "team/shop"


def test_a_name_without_a_namespace_is_in_the_default_one() -> None:
    assert labels.Name("default", "shop") == labels.parted("shop")


def test_objects_of_a_revision_are_named_after_its_first_digits() -> None:
    assert labels.of_revision("team/shop", "0123456789abcdef") == "shop-0123456789"
