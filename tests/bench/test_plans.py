"""An index serves every hot statement: with whole reads forbidden, none is left in any plan."""

from bench.plans import Known, explained
from tests.bench.conftest import Centre

# by hand or by the hour, and most of what there is
_NOT_LOOKED_UP = {"fact_month", "fact_day"}


def test_no_hot_statement_needs_to_read_a_table_from_end_to_end(centre: Centre) -> None:
    known = Known(centre.account_id, centre.api_key, centre.size, "AC1", "+15005550006")
    # a table of this size would be read, where a bigger one is looked up in
    plans = list(explained(centre.sessions, known, many=100, whole_reads=False))
    assert len(plans) > 80
    whole = {(plan.step, table) for plan in plans for table in plan.read_whole - _NOT_LOOKED_UP}
    assert whole == set()
