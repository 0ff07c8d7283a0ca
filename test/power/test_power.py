"""A few power cuts on each real file system that can be had here. `make prove-power` does it at full size.

What cannot be had is skipped, and why is said. A failure names what to run to see more of it.
"""
import pytest

import campaign
import judge
import machine

CUTS = 8
CONTROL_CUTS = 6
COMMON = ["ext4", "xfs", "btrfs"]


def cut(system, level, cuts, **options):
    with machine.scratch() as folder:
        return campaign.cut(campaign.Recording(campaign.plan(system, level, **options), folder), cuts)


@pytest.fixture(params=COMMON)
def system(request):
    reason = machine.lack(request.param)
    if reason is not None:
        pytest.skip("%s cannot be had here: %s" % (request.param, reason))
    return request.param


@pytest.mark.parametrize("level", ["values", "all"])
def test_a_power_cut(system, level):
    """What the level promises holds after every cut, and the store works."""
    found, examples = cut(system, level, CUTS, count=40)
    assert found["cuts"] == CUTS and found["values"] > 0
    wrong = [name for name in judge.forbidden(machine.SYSTEMS[system], level) + ("failed calls",) if found[name]]
    assert not wrong, "\n".join(examples + ["more of it: make prove-power POWER_ARGUMENTS=%s" % system])


@pytest.mark.parametrize("omit", ["value", "bucket"])
def test_a_sync_that_is_left_out_is_noticed(system, omit):
    """In at least half of the cuts, or a cut proves little."""
    found, _ = cut(system, "all", CONTROL_CUTS, writers=1, count=20, mix="new", omit=omit, focus=["set"])
    assert 2 * found["cuts noticed"] >= CONTROL_CUTS
