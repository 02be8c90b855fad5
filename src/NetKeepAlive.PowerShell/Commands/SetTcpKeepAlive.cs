using System;
using System.Collections.Generic;
using System.Management.Automation;
using NetKeepAlive.Descriptors;
using NetKeepAlive.Options;
using NetKeepAlive.PowerShell.Errors;
using NetKeepAlive.PowerShell.Transforms;

namespace NetKeepAlive.PowerShell.Commands;

/// <summary>Set-TcpKeepAlive: changes the keep-alive settings that are named, and turns keep-alive on.</summary>
[Cmdlet(VerbsCommon.Set, "TcpKeepAlive", DefaultParameterSetName = InputObjectSet, SupportsShouldProcess = true)]
[OutputType(typeof(object), typeof(TcpKeepAlive))]
public sealed class SetTcpKeepAlive : KeepAliveTargetCmdlet
{
    private static readonly TimeSpan CommonMistake = TimeSpan.FromHours(2);

    private TcpKeepAlive _wanted = new();
    private string _action = string.Empty;
    private bool _warned;

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
    [Parameter(ParameterSetName = InputObjectSet)]
    [Parameter(ParameterSetName = DescriptorSet)]
    [DurationTransform]
    [ValidateDuration(0, TcpKeepAlive.MaximumUserTimeoutSeconds)]
    public TimeSpan? UserTimeout { get; set; }

    /// <summary>Turns keep-alive off.</summary>
    [Parameter(ParameterSetName = InputObjectSet)]
    [Parameter(ParameterSetName = DescriptorSet)]
    public SwitchParameter Disable { get; set; }

    /// <summary>Hands the input on, so that the next command can go on with it.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        base.BeginProcessing();
        _wanted = new TcpKeepAlive
        {
            Enabled = !Disable,
            IdleTime = IdleTime,
            Interval = Interval,
            ProbeCount = ProbeCount,
            UserTimeout = UserTimeout,
        };
        _action = Describe(_wanted, SystemDefault);
        if (SystemDefault && _wanted is { IdleTime: null, Interval: null, ProbeCount: null })
        {
            ThrowTerminatingError(ErrorRecords.From(
                new ArgumentException("Name what to change: -IdleTime, -Interval or -ProbeCount."), null));
        }
    }

    private protected override void ProcessSocket(SocketReference socket, object? source, string description)
    {
        if (ShouldProcess(description, _action))
        {
            _wanted.Apply(socket.Handle);
            WarnOfTwoHours(socket);
        }

        if (PassThru)
        {
            WriteObject(source ?? TcpKeepAlive.Read(socket.Handle));
        }
    }

    private protected override void ProcessSystemDefault()
    {
        if (ShouldProcess("the system's defaults (net.ipv4.tcp_keepalive_*)", _action))
        {
            SystemKeepAlive.Write(_wanted);
        }

        if (PassThru)
        {
            WriteObject(SystemKeepAlive.Read());
        }
    }

    /// <summary>Who turns keep-alive on and leaves the idle time at its default gets nothing for two hours.</summary>
    private void WarnOfTwoHours(SocketReference socket)
    {
        if (_warned || Disable || IdleTime is not null)
        {
            return;
        }

        TcpKeepAlive settings = TcpKeepAlive.Read(socket.Handle);
        if (settings.IdleTime >= CommonMistake)
        {
            _warned = true;
            WriteWarning(
                $"Keep-alive is on, but its idle time is {Duration.Format(settings.IdleTime)}: a dead peer can go "
                + $"unnoticed for {Duration.Format(settings.DetectionTime)}. Name a shorter one, as in -IdleTime 30.");
        }
    }

    private static string Describe(TcpKeepAlive wanted, bool system)
    {
        List<string> parts = [];
        if (wanted.IdleTime is { } idle)
        {
            parts.Add($"idle time {Duration.Format(idle)}");
        }

        if (wanted.Interval is { } interval)
        {
            parts.Add($"interval {Duration.Format(interval)}");
        }

        if (wanted.ProbeCount is { } probes)
        {
            parts.Add($"{probes} probes");
        }

        if (wanted.UserTimeout is { } userTimeout)
        {
            parts.Add($"user timeout {Duration.Format(userTimeout)}");
        }

        string action = system ? "Set keep-alive" : wanted.Enabled is true ? "Enable keep-alive" : "Disable keep-alive";
        return parts.Count == 0 ? action : $"{action}: {string.Join(", ", parts)}";
    }
}
