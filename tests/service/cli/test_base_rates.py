import pytest

from plate_match.channel import Source
from service.cli.base_rates import BaseRates
from service.cli.terminal import WrongUse


def test_a_source_has_its_own_base_rate_or_that_of_all() -> None:
    rates = BaseRates.of(["camera=0.001", "0.05"])
    assert (rates[Source.CAMERA], rates[Source.RADIO]) == (0.001, 0.05)
    assert rates.named() == {"all": 0.05, "camera": 0.001}
    assert BaseRates.of([])[Source.MEMORY] == 0.01


def test_every_fault_is_told() -> None:
    texts = ["0", "radar=0.1", "=0.1", "camera=x", "camera=0.1", "nan", "0.1", "1.5"]
    with pytest.raises(WrongUse) as told:
        BaseRates.of(texts)
    assert str(told.value).split("; ") == [
        "--base-rate 0: must lie between 0 and 1",
        "--base-rate radar=0.1: the source must be one of eyesight, memory, mirror, radio, camera",
        "--base-rate =0.1: the source must be one of eyesight, memory, mirror, radio, camera",
        "--base-rate =0.1: all has a base rate already",
        "--base-rate camera=x: must lie between 0 and 1",
        "--base-rate camera=0.1: camera has a base rate already",
        "--base-rate nan: all has a base rate already",
        "--base-rate nan: must lie between 0 and 1",
        "--base-rate 0.1: all has a base rate already",
        "--base-rate 1.5: all has a base rate already",
        "--base-rate 1.5: must lie between 0 and 1",
    ]
