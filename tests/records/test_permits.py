"""One registry decides who may do what (A1)."""

import pytest

from records import permits


@pytest.fixture
def registry(monkeypatch):
    """An empty registry for the time of the test."""
    found = {}
    monkeypatch.setattr(permits, "PERMITS", found)
    return found


def test_a_permit_is_found_by_the_name_of_its_step(registry):
    @permits.permit
    def can_open(user, obj=None):
        return (user, obj) == ("ann", "door")

    assert registry == {"can_open": can_open}
    assert permits.may("open", "ann", "door") is True
    assert permits.may("open", "ann") is False


def test_an_unknown_step_is_an_error_and_never_a_yes(registry):
    with pytest.raises(KeyError):
        permits.may("open", "ann")


def test_a_permit_is_named_for_its_step(registry):
    def open_it(user, obj=None):
        return True

    with pytest.raises(ValueError, match="open_it: a permit is named can_<step>"):
        permits.permit(open_it)
    assert registry == {}


def test_a_step_has_one_permit(registry):
    def can_open(user, obj=None):
        return True

    permits.permit(can_open)
    with pytest.raises(ValueError, match="can_open is registered twice"):
        permits.permit(can_open)


def test_a_view_says_which_rules_decide_and_stays_what_it_was():
    def view(request):
        return "answer"

    marked = permits.ruled_by("submit", "staff")(view)
    assert marked is view
    assert marked.ruled_by == ("submit", "staff")
    assert set(permits.OPEN_TO) == {"system", "anyone", "signed_in", "staff", "token"}
