"""Who opens what is personal is on record as whoever calls the service is."""

from service.records import Caller, Role
from service.standing import Pass, Standing
from service.usecases.open_audit import opened_by, opener_told


def test_the_opener_is_told_with_device_purpose_and_pass() -> None:
    card = Pass(number="SYN-1", colour="grey", until=0, role="auditor")
    auditor = Caller(
        "credential 1",
        Role.AUDITOR,
        "Synthetic Police",
        person="A. K.",
        device="device 1",
        purpose="supervision",
        standing=Standing(card=card),
    )
    assert opened_by(auditor) == {
        "opened": True,
        "credential": "credential 1",
        "role": "auditor",
        "organisation": "Synthetic Police",
        "device": "device 1",
        "purpose": "supervision",
    }
    assert opener_told(auditor) == {"person": "A. K.", "passNumber": "SYN-1"}
    assert opened_by(None) == {"opened": False}
    assert opener_told(None) == {}
