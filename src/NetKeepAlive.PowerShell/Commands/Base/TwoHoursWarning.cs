using System;
using System.Management.Automation;
using NetKeepAlive.Options;

namespace NetKeepAlive.PowerShell.Commands;

/// <summary>The warning of a cmdlet that turned keep-alive on where the idle time stays at two hours or more: the commonest
/// mistake. It is given once.</summary>
internal sealed class TwoHoursWarning
{
    private static readonly TimeSpan CommonMistake = TimeSpan.FromHours(2);

    /// <summary>Has it been given?</summary>
    internal bool IsGiven { get; private set; }

    /// <summary>Gives it, where it is due.</summary>
    /// <param name="cmdlet">Who warns.</param>
    /// <param name="settings">What the connections have, with keep-alive on.</param>
    /// <param name="remedy">The cmdlet whose parameters help; null where they are the cmdlet's own.</param>
    internal void Give(Cmdlet cmdlet, TcpKeepAlive settings, string? remedy = null)
    {
        if (IsGiven || !(settings.IdleTime >= CommonMistake))
        {
            return;
        }

        IsGiven = true;
        string by = remedy is null ? string.Empty : $"{remedy} ";
        cmdlet.WriteWarning(
            $"Keep-alive is on, but its idle time is {Duration.Format(settings.IdleTime)}: a dead peer can go "
            + $"unnoticed for {Duration.Format(settings.DetectionTime)}. Name a shorter one, as in {by}-IdleTime 30, or "
            + $"say what you want, as in {by}-DetectWithin 60.");
    }
}
