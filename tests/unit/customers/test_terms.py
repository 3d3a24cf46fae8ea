"""The documents and the gate they make."""

import pytest

from dojang.customers import Agreed, Terms
from dojang.customers.problems import TermsNotAgreed, TermsOutdated

TERMS = Terms.shipped()
REQUIRED = [Agreed(one.code, one.version) for one in TERMS.all() if one.required]


def test_every_document_has_a_title_and_a_text_in_both_languages():
    assert [one.code for one in TERMS.all() if not one.required] == ["marketing"]
    for one in TERMS.all():
        for words in (one.title, one.text):
            assert words.ko
            assert words.en


def test_the_required_documents_are_enough():
    TERMS.demand(REQUIRED)


def test_each_required_document_is_required():
    for missing in REQUIRED:
        with pytest.raises(TermsNotAgreed):
            TERMS.demand([one for one in REQUIRED if one != missing])


def test_an_old_version_or_an_unknown_document_is_refused():
    for wrong in (Agreed("service", 99), Agreed("unheard_of", 1)):
        with pytest.raises(TermsOutdated):
            TERMS.demand([*REQUIRED, wrong])
