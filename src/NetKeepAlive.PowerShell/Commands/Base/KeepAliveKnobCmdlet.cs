using System;
using System.Management.Automation;
using NetKeepAlive.PowerShell.Transforms;

namespace NetKeepAlive.PowerShell.Commands;

/// <summary>The four knobs of keep-alive, for cmdlets that make TCP sockets. Naming one turns keep-alive on.</summary>
public abstract class KeepAliveKnobCmdlet : NetKeepAliveCmdlet
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

    /// <summary>How long sent data, or on Linux an unanswered probe, may stay unacknowledged; 0 turns it off.</summary>
    [Parameter]
    [DurationTransform]
    [ValidateDuration(0, TcpKeepAlive.MaximumUserTimeoutSeconds)]
    public TimeSpan? UserTimeout { get; set; }

    /// <summary>What was asked for; null where no knob was named.</summary>
    private protected TcpKeepAlive? KeepAlive
    {
        get
        {
            bool turnsOn = IdleTime is not null || Interval is not null || ProbeCount is not null;
            return turnsOn || UserTimeout is not null
                ? new TcpKeepAlive
                {
                    // The user timeout guards data on its way, with keep-alive or without.
                    Enabled = turnsOn ? true : null,
                    IdleTime = IdleTime,
                    Interval = Interval,
                    ProbeCount = ProbeCount,
                    UserTimeout = UserTimeout,
                }
                : null;
        }
    }
}
