import signal

import pytest

from service.cli.interrupts import unwinding


def test_an_end_that_went_unheard_is_told_again_and_a_second_disturbs_nothing(
    capsys: pytest.CaptureFixture[str],
) -> None:
    def work() -> None:
        with unwinding("all is lost") as interrupts:
            interrupts.check()
            with pytest.raises(SystemExit):
                signal.raise_signal(signal.SIGTERM)
            signal.raise_signal(signal.SIGINT)
            interrupts.check()

    with pytest.raises(SystemExit) as ended:
        work()
    assert ended.value.code == 143
    assert capsys.readouterr().err == "plate-match: SIGTERM: all is lost\n"


def test_what_is_finished_is_not_ended_any_more(capsys: pytest.CaptureFixture[str]) -> None:
    with unwinding("all is lost") as interrupts:
        interrupts.finish()
        signal.raise_signal(signal.SIGINT)
        interrupts.check()
    assert capsys.readouterr().err == ""


def test_an_end_of_another_kind_is_no_interrupt(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit), unwinding("all is lost"):
        raise SystemExit(3)
    assert capsys.readouterr().err == ""


def test_signals_are_as_before_when_the_run_is_over() -> None:
    kinds = (signal.SIGINT, signal.SIGTERM)
    before = [signal.getsignal(one) for one in kinds]
    with unwinding("nothing"):
        assert [signal.getsignal(one) for one in kinds] != before
    assert [signal.getsignal(one) for one in kinds] == before
