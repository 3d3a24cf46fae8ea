"""`dojang ca`: the certificate authority from its operators' side."""

import typer

from dojang.cli_ca import acting, ceremony, inspecting, looking, newroot, retiring

app = typer.Typer(help="The certificate authority.", no_args_is_help=True)
app.command("list")(looking.list_certificates)
app.command("show")(looking.show)
app.command("check")(looking.check)
app.command("inspect")(inspecting.inspect)
app.command("revoke")(acting.revoke)
app.command("approve")(acting.approve)
app.command("sweep")(acting.sweep)
app.command("publish")(acting.publish)
app.command("rollover")(acting.rollover)
app.command("retire")(retiring.retire)
ceremony.app.command("new-root")(newroot.new_root)
app.add_typer(ceremony.app, name="ceremony")

__all__ = ["app"]
