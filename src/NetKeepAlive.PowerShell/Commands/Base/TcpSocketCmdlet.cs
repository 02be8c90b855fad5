using System;
using System.Management.Automation;
using NetKeepAlive.PowerShell.Transforms;

namespace NetKeepAlive.PowerShell.Commands;

/// <summary>What the cmdlets share that make TCP connections, at once or by listening for them. Naming a knob of
/// keep-alive turns it on.</summary>
public abstract class TcpSocketCmdlet : NetKeepAliveCmdlet
{
    /// <summary>Send small writes at once.</summary>
    [Parameter]
    public SwitchParameter NoDelay { get; set; }

    /// <summary>Go on sending after the peer has ended its side.</summary>
    [Parameter]
    public SwitchParameter AllowHalfOpen { get; set; }

    /// <summary>Addresses that are not connected to, or whose connections are closed at once.</summary>
    [Parameter]
    public SocketBlockList? BlockList { get; set; }

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

    /// <summary>What is done for each connection.</summary>
    private protected AcceptedSocketSettings Settings => new()
    {
        KeepAlive = KeepAlive,
        NoDelay = NoDelay,
        AllowHalfOpen = AllowHalfOpen,
        BlockList = BlockList,
    };

    // Null where no knob was named.
    private TcpKeepAlive? KeepAlive
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
