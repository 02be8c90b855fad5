using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.Linq;
using System.Management.Automation;
using System.Threading;
using NetKeepAlive.Interop;
using NetKeepAlive.Options;
using NetKeepAlive.PowerShell.Errors;
using NetKeepAlive.PowerShell.Input;
using NetKeepAlive.Tables;
using NetKeepAlive.Waiting;

namespace NetKeepAlive.PowerShell.Commands;

/// <summary>Wait-TcpConnection: waits until connections are there, or until none is.</summary>
[Cmdlet(VerbsLifecycle.Wait, "TcpConnection", DefaultParameterSetName = CountSet)]
[OutputType(typeof(TcpConnection), typeof(bool))]
public sealed class WaitTcpConnection : TcpConnectionFilterCmdlet
{
    private const string CountSet = "Count";
    private const string GoneSet = "Gone";

    private static readonly TimeSpan LookInterval = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan ProgressAfter = TimeSpan.FromSeconds(1);

    private readonly ProgressRecord _progress = new(0x4b44, "Waiting for TCP connections", "Looking");

    /// <summary>How many connections must be there.</summary>
    [Parameter(ParameterSetName = CountSet)]
    [ValidateRange(1, int.MaxValue)]
    public int Count { get; set; } = 1;

    /// <summary>Waits until none is there.</summary>
    [Parameter(Mandatory = true, ParameterSetName = GoneSet)]
    public SwitchParameter Gone { get; set; }

    /// <summary>How long to wait at the most; for ever when left out.</summary>
    [Parameter]
    [Duration(0, DurationAttribute.LongestWait)]
    [ArgumentCompleter(typeof(DurationCompleter))]
    public TimeSpan? Timeout { get; set; }

    /// <summary>Only true or false.</summary>
    [Parameter]
    public SwitchParameter Quiet { get; set; }

    private protected override bool ReportsGoneProcesses => !Gone;

    // What is in a namespace that is gone is gone; what may not be seen cannot be waited for.
    private protected override void OnUnreachable(NativeSocketException error)
    {
        if (!Gone || !error.Is(Errno.ENOENT))
        {
            throw error;
        }
    }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        Deadline deadline = Deadline.After(Timeout);
        Stopwatch clock = Stopwatch.StartNew();
        TcpConnectionFilter? filter;
        try
        {
            filter = ReadFilterInTime();
        }
        catch (OperationCanceledException) when (!StopToken.IsCancellationRequested)
        {
            Fail("the name of a host was not resolved by then", clock.Elapsed);
            return;
        }

        if (filter is not null)
        {
            Attempt(null, () => Wait(filter.WithoutTimeWait(), deadline, clock));
        }
    }

    // The time counts from the names on: a resolver may be silent for long. Without any it looks once, and that takes them.
    private TcpConnectionFilter? ReadFilterInTime()
    {
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(StopToken);
        if (Timeout is { Ticks: > 0 } time)
        {
            limit.CancelAfter(time);
        }

        return ReadFilter(limit.Token);
    }

    private void Wait(TcpConnectionFilter filter, Deadline deadline, Stopwatch clock)
    {
        while (true)
        {
            TimeSpan begun = clock.Elapsed;
            int found = Look(filter, out List<TcpConnection> rows);
            if (Gone ? found == 0 : rows.Count >= Count)
            {
                Finish(rows, clock.Elapsed);
                return;
            }

            if (deadline.IsOver)
            {
                string there = Gone
                    ? StillThere(found)
                    : string.Create(CultureInfo.InvariantCulture, $"{found} of {Count} connections are there");
                Fail(there, clock.Elapsed);
                return;
            }

            ShowProgress(found, clock.Elapsed);
            TimeSpan took = clock.Elapsed - begun;
            TimeSpan pause = took > LookInterval ? took : LookInterval - took;
            int left = deadline.RemainingMilliseconds;
            if (StopToken.WaitHandle.WaitOne(left < 0 ? pause : TimeSpan.FromMilliseconds(Math.Min(left, pause.TotalMilliseconds))))
            {
                throw new PipelineStoppedException();
            }
        }
    }

    // Whose they are is looked up once there are enough.
    private int Look(TcpConnectionFilter filter, out List<TcpConnection> rows)
    {
        Tables.Forget();
        rows = [];
        if (!filter.NeedsOwners)
        {
            int found = Tables.Read(filter, StopToken).Count();
            if (Gone || Quiet ? found == 0 || Gone : found < Count)
            {
                return found;
            }
        }

        rows = Tables.List(filter, StopToken).ToList();
        // What may not be seen is not known to be gone.
        return Gone ? rows.Count + Tables.LeftOutCount : rows.Count;
    }

    private void Finish(List<TcpConnection> rows, TimeSpan elapsed)
    {
        EndProgress(elapsed);
        if (Quiet)
        {
            WriteObject(true);
        }
        else if (!Gone)
        {
            WriteObject(rows, enumerateCollection: true);
        }
    }

    private void Fail(string reason, TimeSpan elapsed)
    {
        EndProgress(elapsed);
        if (Quiet)
        {
            WriteObject(false);
            return;
        }

        WriteError(ErrorRecords.From(new TimeoutException($"After {Duration.Format(Timeout)}: {reason}."), null));
    }

    private void ShowProgress(int found, TimeSpan elapsed)
    {
        if (elapsed >= ProgressAfter)
        {
            _progress.StatusDescription = Gone
                ? StillThere(found)
                : string.Create(CultureInfo.InvariantCulture, $"{found} of {Count}");
            _progress.SecondsRemaining = Timeout is { } limit ? (int)Math.Max(0, (limit - elapsed).TotalSeconds) : -1;
            WriteProgress(_progress);
        }
    }

    private void EndProgress(TimeSpan elapsed)
    {
        if (elapsed >= ProgressAfter)
        {
            _progress.RecordType = ProgressRecordType.Completed;
            WriteProgress(_progress);
        }
    }

    private string StillThere(int found)
    {
        int unseen = Tables.LeftOutCount;
        string seen = found - unseen == 1 ? "1 connection is still there" : $"{found - unseen} connections are still there";
        return unseen == 0 ? seen : $"{seen}, and of {unseen} the owner or the settings cannot be seen";
    }
}
