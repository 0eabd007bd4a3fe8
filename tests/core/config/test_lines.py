import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perptape.core.config import example_toml, load_configuration
from perptape.core.config.lines import key_lines, line_of

TEXT = '''\
# [not.a] table
[trading]           # 2
profile = "a # [b]"
symbols = [         # 4
  "[x]", # ]
  "y",
]
words = """
key = 1
[table]
"""
'quoted key'.inner = 1
lonely = \'\'\'
a = 1\'\'\'
[[trading.list]]    # 15
"a.b" = {x = 1, y = [
  2]}
[trading.list.deep] # 18
z = ""
[[trading.list]]
z = 3               # 21
nested = [
  ["inner"],
  {k = 1},
]
last = 1            # 26
'''


@pytest.mark.parametrize(
    ("path", "line"),
    [
        (("trading",), 2),
        (("trading", "profile"), 3),
        (("trading", "symbols"), 4),
        (("trading", "symbols", 1), 4),
        (("trading", "words"), 8),
        (("trading", "quoted key", "inner"), 12),
        (("trading", "lonely"), 13),
        (("trading", "list", 0), 15),
        (("trading", "list", 0, "a.b"), 16),
        (("trading", "list", 0, "a.b", "y"), 16),
        (("trading", "list", 0, "deep", "z"), 19),
        (("trading", "list", 1, "z"), 21),
        (("trading", "list", 1, "last"), 26),
        (("trading", "quoted key"), 12),
        (("nowhere",), None),
    ],
)
@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_keys_are_found_where_they_stand(path: tuple[str | int, ...], line: int | None, ending: str) -> None:
    assert line_of(path, key_lines(TEXT.replace("\n", ending))) == line


def test_nothing_inside_a_value_is_taken_for_a_key() -> None:
    assert not {("inner",), ("trading", "key"), ("table",), ("not", "a"), ("trading", "a"), ("x",)} & set(
        key_lines(TEXT)
    )


@given(
    st.dictionaries(
        st.text(st.characters(exclude_categories=["Cs", "Cc"])), st.text(max_size=9).filter(str.isprintable)
    )
)
def test_every_key_of_a_written_table_has_its_line(table: dict[str, str]) -> None:
    text = "[t]\n" + "\n".join(
        f"{json.dumps(key, ensure_ascii=False)} = {json.dumps(value)}" for key, value in table.items()
    )
    lines = key_lines(text.replace("\\ud", "\\\\ud"))
    assert [line_of(("t", key), lines) for key in table] == list(range(2, 2 + len(table)))


def test_every_value_of_the_example_file_is_on_the_line_that_its_origin_says() -> None:
    text = example_toml()
    lines = text.splitlines()
    for path, origin in load_configuration(text).origins.items():
        if origin.source == "file":
            assert origin.line is not None
            key = path.rpartition(".")[2]
            assert lines[origin.line - 1].startswith((f"{key} = ", "[trading", "[[trading"))
