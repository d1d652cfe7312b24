"""What is taken without the engine is what the engine and Strawberry would have made of it; everything else is left to them."""

from __future__ import annotations

from typing import Any

import pytest
from graphql import Undefined, is_input_object_type
from graphql.utilities import coerce_input_value
from hypothesis import given, settings
from hypothesis import strategies as st
from strawberry.types.arguments import convert_arguments

from siyu import schema
from siyu.schema.plans.coercion import Unfit, coercer, converters

BUILT = schema.build()
CORE: Any = BUILT._schema
TYPES: dict[str, Any] = dict(CORE.type_map)
INPUTS = sorted(name for name, each in TYPES.items() if is_input_object_type(each))
FIELDS = {
    each.python_name: each
    for each in getattr(BUILT.get_type_by_name("Query"), "fields", ())
    if any(a.python_name == "filter" for a in each.arguments)
}

LEAVES = st.one_of(
    st.none(), st.booleans(), st.integers(-(2**33), 2**33), st.floats(), st.text(max_size=4),
    st.sampled_from(["FEMALE", "MALE", "2026-01-01", "2026-01-01T00:00:00Z", "1.50", "UGhvbmU6MQ=="]),
)  # fmt: skip


@st.composite
def values(draw: st.DrawFn, name: str, depth: int = 0) -> Any:
    """JSON that mostly fits the input type, and sometimes doesn't."""
    fields: dict[str, Any] = TYPES[name].fields
    chosen = draw(st.lists(st.sampled_from(sorted(fields)), unique=True, max_size=4))
    made: dict[str, Any] = {key: draw(value(fields[key].type, depth)) for key in chosen}
    if draw(st.integers(0, 15)) == 7:
        made["nothing"] = 1
    return made


@st.composite
def value(draw: st.DrawFn, type_: Any, depth: int) -> Any:
    """A value for one field."""
    inner = getattr(type_, "of_type", None)
    if inner is not None:
        listed = str(type_).startswith("[") and draw(st.integers(0, 9)) > 0
        return draw(st.lists(value(inner, depth), max_size=3)) if listed else draw(value(inner, depth))
    if is_input_object_type(type_) and depth < 3:
        return draw(values(type_.name, depth + 1))
    return draw(st.one_of(st.sampled_from(sorted(type_.values)), LEAVES) if hasattr(type_, "values") else LEAVES)


@pytest.mark.parametrize("name", INPUTS)
def test_what_is_taken_is_what_the_engine_takes(name: str) -> None:
    take, type_ = coercer(TYPES[name]), TYPES[name]

    @settings(max_examples=100 if name.endswith("Filter") else 25)
    @given(values(name))
    def check(given_: Any) -> None:
        try:
            taken = take(given_, 0)
        except Unfit:
            return
        assert repr(taken) == repr(coerce_input_value(given_, type_))

    check()


@pytest.mark.parametrize("name", sorted(FIELDS))
def test_what_is_made_is_what_strawberry_makes(name: str) -> None:
    arguments = FIELDS[name].arguments
    type_name = str(CORE.query_type.fields[BUILT.config.name_converter.get_graphql_name(FIELDS[name])].args["filter"].type).strip("!")
    convert = converters(arguments)["filter"]

    @given(values(type_name))
    def check(given_: Any) -> None:
        coerced = coerce_input_value(given_, TYPES[type_name])
        if coerced is Undefined:
            return
        usual = convert_arguments({"filter": coerced}, arguments, BUILT.schema_converter.scalar_registry, BUILT.config)
        assert repr(convert(coerced, 0)) == repr(usual["filter"])

    check()


def test_filters_fit() -> None:
    """So that the usual is not left to the engine."""
    take = coercer(TYPES["CustomerFilter"])
    assert take({"city": ["Wuhan"], "gender": ["FEMALE"], "any": [{"source": ["web"]}]}, 0)
    with pytest.raises(Unfit):
        take({"city": "Wuhan"}, 0)
    deep: dict[str, Any] = {}
    for _ in range(200):
        deep = {"not": deep}
    with pytest.raises(Unfit):
        take(deep, 0)
