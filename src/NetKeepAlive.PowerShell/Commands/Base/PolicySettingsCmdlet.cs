using System;
using NetKeepAlive.Options;
using NetKeepAlive.PowerShell.Errors;

namespace NetKeepAlive.PowerShell.Commands;

/// <summary>What making and changing a keep-alive policy share: at least one setting is named.</summary>
public abstract class PolicySettingsCmdlet : KeepAliveSettingsCmdlet
{
    /// <summary>What was named.</summary>
    private protected TcpKeepAlive Settings => Named!;

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        base.BeginProcessing();
        if (Named is null)
        {
            ThrowTerminatingError(ErrorRecords.From(
                new ArgumentException(
                    "Name what the policy sets: -DetectWithin, -IdleTime, -Interval, -ProbeCount or -UserTimeout, as in "
                    + "-DetectWithin 60."),
                null));
        }
    }

    /// <summary>Warns once where connections will have keep-alive and the system's idle time of two hours.</summary>
    private protected void WarnOfTwoHours(TcpKeepAlivePolicy policy)
    {
        if (policy.KeepAlive.IdleTime is null)
        {
            WarnOfTwoHours(SystemKeepAlive.Read());
        }
    }
}
