using System;
using System.Management.Automation;
using NetKeepAlive.PowerShell.Input;
using NetKeepAlive.Waiting;

namespace NetKeepAlive.PowerShell.Commands;

/// <summary>A cmdlet that may wait: with -Timeout, and until Ctrl+C.</summary>
public abstract class WaitingCmdlet : NetKeepAliveCmdlet
{
    private Readiness? _readiness;

    /// <summary>How long to wait at the most; for ever when left out.</summary>
    [Parameter]
    [Duration(0, DurationAttribute.LongestWait)]
    [ArgumentCompleter(typeof(DurationCompleter))]
    public TimeSpan? Timeout { get; set; }

    /// <summary>What all the waits of this cmdlet go through; Ctrl+C ends them.</summary>
    private protected Readiness Readiness => _readiness ??= new Readiness(StopToken);

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _readiness?.Dispose();
        }

        base.Dispose(disposing);
    }
}
