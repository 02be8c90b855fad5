using System;
using System.Management.Automation;
using NetKeepAlive.PowerShell.Errors;
using NetKeepAlive.PowerShell.Transforms;

namespace NetKeepAlive.PowerShell.Commands;

/// <summary>What making and changing a keep-alive policy share: the settings.</summary>
public abstract class PolicySettingsCmdlet : NetKeepAliveCmdlet
{
    /// <summary>How long a connection must be idle before the first probe.</summary>
    [Parameter]
    [DurationTransform]
    [ValidateDuration(1, TcpKeepAlive.MaximumSeconds)]
    public TimeSpan? IdleTime { get; set; }

    /// <summary>The time from one unanswered probe to the next.</summary>
    [Parameter]
    [DurationTransform]
    [ValidateDuration(1, TcpKeepAlive.MaximumSeconds)]
    public TimeSpan? Interval { get; set; }

    /// <summary>How many unanswered probes end the connection.</summary>
    [Parameter]
    [ValidateRange(1, TcpKeepAlive.MaximumProbeCount)]
    public int? ProbeCount { get; set; }

    /// <summary>How long sent data, or an unanswered probe, may stay unacknowledged; 0 turns it off.</summary>
    [Parameter]
    [DurationTransform]
    [ValidateDuration(0, TcpKeepAlive.MaximumUserTimeoutSeconds)]
    public TimeSpan? UserTimeout { get; set; }

    /// <summary>What was named.</summary>
    private protected TcpKeepAlive Settings { get; private set; } = new();

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        base.BeginProcessing();
        Settings = new TcpKeepAlive
        {
            Enabled = true,
            IdleTime = IdleTime,
            Interval = Interval,
            ProbeCount = ProbeCount,
            UserTimeout = UserTimeout,
        };
        if (Settings is { IdleTime: null, Interval: null, ProbeCount: null, UserTimeout: null })
        {
            ThrowTerminatingError(ErrorRecords.From(
                new ArgumentException(
                    "Name what to set: -IdleTime, -Interval, -ProbeCount or -UserTimeout, as in -IdleTime 30."), null));
        }
    }
}
