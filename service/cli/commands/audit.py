"""Commands of the audit."""

from service.cli.commands.options import AsJson, Data, group

audit = group("The record of what was done.")


@audit.command("verify")
def audit_verify(*, data: Data = None, as_json: AsJson = False) -> None:
    """Check that no record was changed, removed or put in another order."""
    from service.cli.audit import verify

    verify(data=data, as_json=as_json)
