using System;
using System.Diagnostics;
using System.Management.Automation;
using NetKeepAlive.PowerShell.Input;
using NetKeepAlive.Tables;
using NetKeepAlive.Waiting;

namespace NetKeepAlive.PowerShell.Commands;

/// <summary>Watch-TcpConnection: emits each change of connections as it is seen, until Ctrl+C.</summary>
[Cmdlet(VerbsCommon.Watch, "TcpConnection")]
[OutputType(typeof(TcpConnectionChange))]
public sealed class WatchTcpConnection : TcpConnectionFilterCmdlet
{
    // How soon a connection's end is told where the kernel tells of it.
    private static readonly TimeSpan ReadInterval = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan ShortestInterval = TimeSpan.FromMilliseconds(10);

    /// <summary>The time from one look to the next.</summary>
    [Parameter]
    [Duration(0.01, DurationAttribute.LongestWait)]
    [ArgumentCompleter(typeof(DurationCompleter))]
    public TimeSpan Interval { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>How long to watch; until Ctrl+C when left out.</summary>
    [Parameter]
    [Duration(0, DurationAttribute.LongestWait)]
    [ArgumentCompleter(typeof(DurationCompleter))]
    public TimeSpan? Timeout { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        if (ReadFilter(StopToken) is { } filter)
        {
            Attempt(null, () => Watch(filter.WithoutTimeWait()));
        }
    }

    private void Watch(TcpConnectionFilter filter)
    {
        Deadline deadline = Deadline.After(Timeout);
        TimeSpan interval = Interval < ShortestInterval ? ShortestInterval : Interval;
        using ConnectionWatch watch = new(Tables, filter, StopToken);
        WriteVerbose(watch.SeesAll
            ? "The kernel tells of every socket that is destroyed."
            : "Without CAP_NET_ADMIN what is opened and closed between two looks is not seen.");
        Stopwatch sinceLook = Stopwatch.StartNew();
        bool over = false;
        while (!over)
        {
            over = Pause(deadline, interval - sinceLook.Elapsed, watch.SeesAll);
            foreach (TcpConnectionChange change in watch.ReadEnds())
            {
                WriteObject(change);
            }

            if (over || sinceLook.Elapsed >= interval)
            {
                sinceLook.Restart();
                Tables.Forget();
                foreach (TcpConnectionChange change in watch.Look(StopToken))
                {
                    WriteObject(change);
                }
            }
        }

        if (watch.OverrunCount > 0)
        {
            WriteWarning(
                "Sockets were destroyed faster than the kernel could tell: the ends of some that were opened and closed "
                + "between two looks are missing.");
        }
    }

    // True once the time is over.
    private bool Pause(Deadline deadline, TimeSpan untilLook, bool reads)
    {
        double pause = Math.Max(0, (reads && untilLook > ReadInterval ? ReadInterval : untilLook).TotalMilliseconds);
        int left = deadline.RemainingMilliseconds;
        if (StopToken.WaitHandle.WaitOne((int)Math.Ceiling(left < 0 ? pause : Math.Min(left, pause))))
        {
            throw new PipelineStoppedException();
        }

        return deadline.IsOver;
    }
}
