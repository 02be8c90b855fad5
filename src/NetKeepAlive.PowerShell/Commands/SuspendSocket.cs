using System;
using System.Management.Automation;
using NetKeepAlive.Holders;
using NetKeepAlive.PowerShell.Input;

namespace NetKeepAlive.PowerShell.Commands;

/// <summary>Suspend-Socket: stops the events of a socket, or the accepting of a listener, for a time.</summary>
[Cmdlet(VerbsLifecycle.Suspend, "Socket")]
[OutputType(typeof(void))]
public sealed class SuspendSocket : EachSocketCmdlet
{
    /// <summary>For how long; until Resume-Socket when left out.</summary>
    [Parameter]
    [Duration(0, DurationAttribute.LongestTimer)]
    [ArgumentCompleter(typeof(DurationCompleter))]
    public TimeSpan? Duration { get; set; }

    private protected override void Process(object? holder) => SocketWrapper.ToEventOwner(holder).Suspend(Duration);
}
