"""The judgement of the power cuts, on histories made up by hand. It needs no file system."""
import json

import pytest

import history
from history import LOST, OK, STRANGE, TORN, value

A, B = value("a", 300), value("b", 300)


def past(*lines, cut=history.NEVER):
    """A history; the mark of each line is its index."""
    return history.History([(index, json.dumps(line)) for index, line in enumerate(lines)], cut)


def begin(name, what="set", key="k"):
    return ["begin", name, what, "b", [key]]


def end(name, result=None):
    return ["end", name, result]


TWO = [begin("a"), end("a"), begin("b"), end("b")]


@pytest.mark.parametrize("data, cut, finding", [
    (B, 4, OK), (A, 4, LOST), (None, 4, LOST),  # both were acknowledged
    (B, 3, OK), (A, 3, OK), (None, 3, LOST),  # b had begun
    (B, 2, STRANGE), (A, 2, OK), (None, 2, LOST),  # b had not
    (A, 1, OK), (None, 1, OK),
])
def test_an_acknowledged_set_is_there_unless_a_later_change_took_its_place(data, cut, finding):
    assert past(*TWO, cut=cut).judge("b", "k", data)[0] == finding


def test_changes_at_the_same_time_may_end_either_way():
    both = past(begin("a"), begin("b"), end("a"), end("b"))
    assert [both.judge("b", "k", data)[0] for data in (A, B, None)] == [OK, OK, LOST]


def test_an_acknowledged_deletion_stays_done():
    gone = past(begin("a"), end("a"), begin("d", "delete"), end("d"))
    assert [gone.judge("b", "k", data)[0] for data in (A, None)] == [LOST, OK]
    begun = past(begin("a"), end("a"), begin("d", "delete"), end("d"), cut=3)
    assert [begun.judge("b", "k", data)[0] for data in (A, None)] == [OK, OK]


@pytest.mark.parametrize("data, what", [
    (b"", "empty"), (bytes(300), "zeros"), (A[:100], "mixed"), (A[:100] + bytes(200), "mixed"), (A + b"x", "mixed"),
    (A[:150] + B[150:], "mixed"), (b"\xff\xfe", "mixed"),
])
def test_a_value_that_is_not_whole_is_torn(data, what):
    assert past(*TWO).judge("b", "k", data) == (TORN, what)


def test_a_value_of_another_key_is_strange():
    other = past(begin("a", key="other"), end("a"), begin("b"), end("b"))
    assert other.judge("b", "k", A)[0] == STRANGE


@pytest.mark.parametrize("number, cut, finding", [
    (2, 4, OK), (1, 4, LOST), (3, 4, STRANGE), (1, 3, OK), (2, 3, OK), (0, 4, TORN),
])
def test_a_counter_has_what_was_acknowledged_and_no_more_than_was_begun(number, cut, finding):
    two = past(begin("a", "increment"), end("a", 1), begin("b", "increment"), end("b", 2), cut=cut)
    assert two.judge("b", "k", number.to_bytes(8, "little"))[0] == finding


def test_a_counter_of_another_size_is_torn_and_an_absent_one_lost():
    one = past(begin("a", "increment"), end("a", 1))
    assert one.judge("b", "k", b"\1\0\0")[0] == TORN
    assert one.judge("b", "k", None)[0] == LOST


def test_a_chain_of_swaps_does_not_go_back():
    two = past(begin("a", "swap"), end("a", 1), begin("b", "swap"), end("b", 2))
    assert two.judge("b", "k", value("b_2", 50))[0] == OK
    assert two.judge("b", "k", value("a_1", 50))[0] == LOST
    assert two.judge("b", "k", value("c_3", 50))[0] == STRANGE
    assert two.judge("b", "k", value("b", 50))[0] == STRANGE


def test_what_failed_and_what_was_opened_is_known():
    told = past(["begin", "o", "open", "new", []], ["end", "o", None], begin("a"), ["failed", "a", "no room"])
    assert told.opened == {"new"} and told.failures == ["no room"] and told.acknowledged() == 1
    assert past(["begin", "o", "open", "new", []], ["end", "o", None], cut=1).opened == set()
