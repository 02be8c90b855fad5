using System.Management.Automation;
using NetKeepAlive.Holders;

namespace NetKeepAlive.PowerShell.Commands;

/// <summary>Resume-Socket: goes on with the events of a socket, or the accepting of a listener.</summary>
[Cmdlet(VerbsLifecycle.Resume, "Socket")]
[OutputType(typeof(void))]
public sealed class ResumeSocket : EachSocketCmdlet
{
    private protected override void Process(object? holder) => SocketWrapper.ToEventOwner(holder).Resume();
}
