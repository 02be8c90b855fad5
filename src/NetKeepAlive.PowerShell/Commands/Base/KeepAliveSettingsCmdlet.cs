using System;
using System.Collections.Generic;
using System.Management.Automation;
using System.Runtime.InteropServices;
using NetKeepAlive.Options;
using NetKeepAlive.PowerShell.Errors;
using NetKeepAlive.PowerShell.Input;

namespace NetKeepAlive.PowerShell.Commands;

/// <summary>A cmdlet that takes keep-alive settings: the four, or the aim that they follow from.</summary>
public abstract class KeepAliveSettingsCmdlet : NetKeepAliveCmdlet
{
    private readonly TwoHoursWarning _twoHours = new();

    /// <summary>How long a connection must be idle before the first probe; whole seconds.</summary>
    [Parameter]
    [Duration(1, TcpKeepAlive.MaximumSeconds)]
    [ArgumentCompleter(typeof(DurationCompleter))]
    public TimeSpan? IdleTime { get; set; }

    /// <summary>The time from one unanswered probe to the next; whole seconds.</summary>
    [Parameter]
    [Duration(1, TcpKeepAlive.MaximumSeconds)]
    [ArgumentCompleter(typeof(DurationCompleter))]
    public TimeSpan? Interval { get; set; }

    /// <summary>How many unanswered probes end the connection.</summary>
    [Parameter]
    [ValidateNotNull]
    [ValidateRange(1, TcpKeepAlive.MaximumProbeCount)]
    public int? ProbeCount { get; set; }

    /// <summary>How long sent data, or on Linux an unanswered probe, may stay unacknowledged; 0 leaves it to the
    /// system.</summary>
    [Parameter]
    [Duration(0, TcpKeepAlive.MaximumUserTimeoutSeconds)]
    [ArgumentCompleter(typeof(DurationCompleter))]
    public TimeSpan? UserTimeout { get; set; }

    /// <summary>The time within which a dead peer is to be noticed, idle or with data in flight; the four settings
    /// follow from it, and one that is named beside it wins.</summary>
    [Parameter]
    [Duration(TcpKeepAlive.MinimumAimSeconds, TcpKeepAlive.MaximumAimSeconds, RoundsDown = true)]
    [ArgumentCompleter(typeof(AimCompleter))]
    public TimeSpan? DetectWithin { get; set; }

    /// <summary>The settings that were asked for, with keep-alive on; null where none was named.</summary>
    private protected TcpKeepAlive? Named { get; private set; }

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        base.BeginProcessing();
        if (DetectWithin is null && IdleTime is null && Interval is null && ProbeCount is null && UserTimeout is null)
        {
            return;
        }

        TcpKeepAlive aim = DetectWithin is { } time ? TcpKeepAlive.Within(time) : new TcpKeepAlive { Enabled = true };
        Named = aim with
        {
            IdleTime = IdleTime ?? aim.IdleTime,
            Interval = Interval ?? aim.Interval,
            ProbeCount = ProbeCount ?? aim.ProbeCount,
            UserTimeout = UserTimeout ?? aim.UserTimeout,
        };
        CheckAim(Named);
    }

    /// <summary>Warns once when keep-alive was turned on and its idle time stays at two hours or more: the commonest
    /// mistake.</summary>
    /// <param name="socket">A socket that has the settings, or a listener whose connections will inherit them.</param>
    private protected void WarnOfTwoHours(SafeHandle socket)
    {
        if (!_twoHours.IsGiven && Named?.IdleTime is null)
        {
            WarnOfTwoHours(TcpKeepAlive.Read(socket));
        }
    }

    /// <summary>Warns once of connections that have these settings but for what was named.</summary>
    private protected void WarnOfTwoHours(TcpKeepAlive unnamed)
    {
        if (Named?.IdleTime is not null)
        {
            return;
        }

        _twoHours.Give(this, unnamed with
        {
            Enabled = true,
            Interval = Named?.Interval ?? unnamed.Interval,
            ProbeCount = Named?.ProbeCount ?? unnamed.ProbeCount,
            UserTimeout = Named?.UserTimeout ?? unnamed.UserTimeout,
        });
    }

    /// <summary>Settings in words, as the kernel gets them.</summary>
    private protected static string Describe(TcpKeepAlive settings)
    {
        List<string> parts = [];
        if (settings.IdleTime is { } idle)
        {
            parts.Add($"idle time {InWholeSeconds(idle)}");
        }

        if (settings.Interval is { } interval)
        {
            parts.Add($"interval {InWholeSeconds(interval)}");
        }

        if (settings.ProbeCount is { } probes)
        {
            parts.Add(probes == 1 ? "1 probe" : $"{probes} probes");
        }

        if (settings.UserTimeout is { } userTimeout)
        {
            parts.Add(userTimeout == TimeSpan.Zero ? "no user timeout" : $"user timeout {Duration.Format(userTimeout)}");
        }

        return string.Join(", ", parts);
    }

    private static string InWholeSeconds(TimeSpan asked) =>
        Duration.Format(TimeSpan.FromSeconds(Math.Ceiling(asked.TotalSeconds)), asked);

    private void CheckAim(TcpKeepAlive settings)
    {
        if (DetectWithin is not { } aim)
        {
            return;
        }

        TimeSpan? late = settings.DetectionTime > aim ? settings.DetectionTime
            : settings.InFlightDetectionTime > aim ? settings.InFlightDetectionTime : null;
        if (late is { } time)
        {
            string kind = time == settings.DetectionTime ? "when idle" : "with data in flight";
            ThrowTerminatingError(ErrorRecords.From(
                new ArgumentException(
                    $"-DetectWithin {Duration.Format(aim)} cannot be kept: with {Describe(settings)} a dead peer is "
                    + $"noticed after {Duration.Format(time)} {kind}. Leave out the settings beside -DetectWithin, or "
                    + "make them shorter."),
                DetectWithin));
        }
    }
}
