import pytest
from hypothesis import given
from hypothesis import strategies as st

from perptape.eventstore.chain import link
from perptape.eventstore.envelope import Envelope, Record, body
from perptape.eventstore.errors import InvalidRecordError
from perptape.eventstore.linking import BrokenLink, checked, checked_for_storing, linked
from perptape.eventstore.record_rules import check_record, check_records
from tests.eventstore.given import record, records

OPENING = b"0" * 64

RECORDS = st.lists(
    st.builds(
        Record,
        st.sampled_from(["A", "Moved.v2", "", 'a"']),
        st.sampled_from([1, 2**31 - 1, 0, 2**31]),
        st.sampled_from([0, 2**63 - 1, -1, 2**63]),
        st.sampled_from([None, 1, 5, 0]),
        st.sampled_from([b"{}", '{"a":"é"}'.encode(), b"", b"}\n{", b"{}\n{}", b"{\r}", b"{\xff}", b"[]"]),
    ),
    max_size=4,
)


@given(RECORDS)
def test_records_looked_at_together_are_judged_as_one_by_one(some: list[Record]) -> None:
    def verdict_one_by_one() -> int | None:
        for version, each in enumerate(some, 5):
            try:
                check_record(version, each)
            except InvalidRecordError as error:
                return error.version
        return None

    def verdict_together() -> int | None:
        try:
            check_records(4, some)
        except InvalidRecordError as error:
            return error.version
        return None

    assert verdict_together() == verdict_one_by_one()


@given(st.integers(0, 50), st.sampled_from([None, 1]))
def test_linking_spells_out_body_and_link(count: int, cause: int | None) -> None:
    some = [record(number, cause) for number in range(count)]

    expected, previous = [], OPENING
    for version, each in enumerate(some, 8):
        previous = link(previous, body(version, each))
        expected.append(Envelope(version, *each, previous))

    assert linked(OPENING, 7, some) == expected


def test_a_sound_chain_passes_unchanged() -> None:
    chain = [Envelope(*fields) for fields in linked(OPENING, 0, records(5))]

    assert list(checked_for_storing(OPENING, 0, chain)) == chain


def test_a_field_of_another_type_is_broken_even_where_its_text_is_the_same() -> None:
    chain = [Envelope(*fields) for fields in linked(OPENING, 0, records(2))]
    disguised = [chain[0]._replace(cause="null"), chain[1]]  # type: ignore[arg-type]

    with pytest.raises(BrokenLink, match="has the wrong type"):
        list(checked(OPENING, 0, disguised))


def test_a_chain_over_a_record_that_no_append_takes_is_not_stored() -> None:
    bad = record(1)._replace(data=b"[]")
    forged = Envelope(1, *bad, link(OPENING, body(1, bad)))

    assert list(checked(OPENING, 0, [forged])) == [forged]
    with pytest.raises(BrokenLink, match="not one JSON object"):
        list(checked_for_storing(OPENING, 0, [forged]))
