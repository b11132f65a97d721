"""Order, folding and slugs of Vietnamese text."""

from hypothesis import given
from hypothesis import strategies as st

from app.people import vietnamese


def test_letters_and_tones_stand_in_the_order_of_the_dictionary():
    words = "ba bà bả bã bá bạ bă bâ ca da dă Dung đa Đông e ê o ô ơ u ư".split()
    assert sorted({*words}, key=vietnamese.sort_key) == words


def test_people_are_listed_by_given_name_then_family_then_middle():
    listed = ["Lê Thị An", "Lê Văn An", "Trần An", "Đặng Thị Ánh", "Nguyễn Bình", "Đỗ Dũng"]
    listed.append("Bùi Đức")
    assert sorted({*listed}, key=vietnamese.person_sort_key) == listed


def test_the_given_name_is_the_last_word():
    assert vietnamese.name_parts("Nguyễn  Thị Minh Khai") == ("Nguyễn", "Thị Minh", "Khai")
    assert vietnamese.name_parts("Khai") == ("", "", "Khai")


def test_a_slug_keeps_only_small_latin_letters_and_digits():
    assert vietnamese.slug("Đặng Thuỳ-Trâm 2") == "dangthuytram2"


@given(st.text(alphabet="aáàảãạăằâấđeêghinoôơuưxy ĐẶÂN", max_size=30))
def test_composed_and_decomposed_text_have_the_same_keys(text):
    import unicodedata

    spread = unicodedata.normalize("NFD", text)
    assert vietnamese.sort_key(text) == vietnamese.sort_key(spread)
    assert vietnamese.search_key(text) == vietnamese.search_key(spread)
    assert vietnamese.sort_key(text).isdigit()


def test_signs_that_nobody_sees_do_not_stay_in_names():
    assert vietnamese.tidy("Nguyễn \u202eVăn\u200b An \ufeff") == "Nguyễn Văn An"
