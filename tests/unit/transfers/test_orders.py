"""An order is read whole: field by field what its row says."""

import dataclasses

from dojang.transfers import store
from dojang.transfers.model import Order
from dojang.transfers.tables import transfer_order


def test_a_row_has_the_fields_of_an_order_and_no_other():
    fields = {one.name for one in dataclasses.fields(Order)}

    assert {column.name for column in transfer_order.c} == fields


def test_an_order_made_at_once_is_the_one_made_field_by_field():
    given = {one.name: f"a {one.name}" for one in dataclasses.fields(Order)}

    made = store.whole(given)

    assert made == Order(**given)  # type: ignore[arg-type]
