using System;
using System.Collections.Generic;
using System.Management.Automation;
using System.Net.Sockets;
using NetKeepAlive.Opening;
using NetKeepAlive.PowerShell.Errors;
using NetKeepAlive.PowerShell.Input;
using NetKeepAlive.Probing;

namespace NetKeepAlive.PowerShell.Commands;

/// <summary>Test-TcpKeepAlive: does the peer answer keep-alive probes? All connections that are piped in are tested at
/// the same time.</summary>
// The host's set is the default because the binder tries it first without conversion: a string at position 0 is a
// host, anything else a socket.
[Cmdlet(VerbsDiagnostic.Test, "TcpKeepAlive", DefaultParameterSetName = HostNameSet)]
[OutputType(typeof(TcpKeepAliveTestResult), typeof(bool))]
public sealed class TestTcpKeepAlive : WaitingCmdlet
{
    private const string InputObjectSet = "InputObject";
    private const string HostNameSet = "HostName";

    private const string DataAdvice = " Set-TcpKeepAlive -UserTimeout or -DetectWithin bounds that time.";

    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan ProgressInterval = TimeSpan.FromMilliseconds(250);

    private readonly List<KeepAliveTest> _running = [];
    private readonly ProgressRecord _progress = new(0x4b41, "Testing keep-alive", "Starting");
    private StreamSocket? _own;
    private DateTime _progressAt;
    private int _started;

    /// <summary>What holds the socket, or a row of Get-TcpConnection.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ParameterSetName = InputObjectSet)]
    [Alias("Socket", "Listener")]
    [AllowNull]
    public object? InputObject { get; set; }

    /// <summary>The host to connect to.</summary>
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = HostNameSet)]
    [ValidateNotNullOrEmpty]
    public string? HostName { get; set; }

    /// <summary>The port, or the name of its service; may stand behind the host instead: <c>host:port</c>.</summary>
    [Parameter(Position = 1, ParameterSetName = HostNameSet)]
    [ServicePortTransform]
    [ValidateRange(1, 65535)]
    [ArgumentCompleter(typeof(ConnectionPortCompleter))]
    public int Port { get; set; }

    /// <summary>How long the connection is left idle before the first probe.</summary>
    [Parameter]
    [Duration(1, TcpKeepAlive.MaximumSeconds)]
    [ArgumentCompleter(typeof(DurationCompleter))]
    public TimeSpan IdleTime { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>The time from one unanswered probe to the next.</summary>
    [Parameter]
    [Duration(1, TcpKeepAlive.MaximumSeconds)]
    [ArgumentCompleter(typeof(DurationCompleter))]
    public TimeSpan Interval { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>How many unanswered probes end the connection.</summary>
    [Parameter]
    [ValidateRange(1, TcpKeepAlive.MaximumProbeCount)]
    public int ProbeCount { get; set; } = 3;

    /// <summary>Only true or false.</summary>
    [Parameter]
    public SwitchParameter Quiet { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        if (ParameterSetName == HostNameSet)
        {
            BeginHost();
        }
        else
        {
            foreach (object? item in Many(InputObject))
            {
                Begin(item, item);
            }
        }

        PollOnce();
    }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        while (_running.Count > 0)
        {
            WaitAndPoll();
        }

        if (_progressAt != default)
        {
            _progress.RecordType = ProgressRecordType.Completed;
            WriteProgress(_progress);
        }
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        // Also what Ctrl+C leaves behind: each test puts the settings back.
        foreach (KeepAliveTest test in _running)
        {
            test.Dispose();
        }

        _running.Clear();
        _own?.Dispose();
        base.Dispose(disposing);
    }

    private void BeginHost()
    {
        string host = Port == 0 ? HostName! : $"{HostName}:{Port}";
        try
        {
            (string[] hosts, int port) = HostPort.Read([HostName!], Port);
            _own = ShowProgress(
                "Connecting", host, Timeout,
                () => new TcpConnector { Timeout = Timeout }.Connect(hosts, port, StopToken));
        }
        catch (OperationCanceledException) when (StopToken.IsCancellationRequested)
        {
            throw new PipelineStoppedException();
        }
        catch (Exception unreachable)
            when (Quiet && unreachable is SocketException or TimeoutException or HostNotFoundException)
        {
            WriteObject(false);
            return;
        }
        catch (Exception error) when (ErrorRecords.IsExpected(error))
        {
            WriteError(ErrorRecords.From(error, host));
            return;
        }

        Begin(host, _own);
    }

    private void Begin(object? item, object? holder)
    {
        _started++;
        TcpKeepAlive settings = new() { IdleTime = IdleTime, Interval = Interval, ProbeCount = ProbeCount };
        try
        {
            WatchedSocket socket = WatchedSocket.Of(ConnectionRow.Resolve(holder, Tables), Tables);
            // The same socket twice: the second must not take the settings of the first for those to put back.
            while (_running.Exists(test => test.Socket.Cookie is { } cookie && cookie == socket.Cookie))
            {
                WaitAndPoll();
            }

            _running.Add(KeepAliveTest.Start(socket, settings, Timeout));
        }
        catch (OperationCanceledException) when (StopToken.IsCancellationRequested)
        {
            throw new PipelineStoppedException();
        }
        catch (Exception error) when (ErrorRecords.IsExpected(error))
        {
            WriteError(ErrorRecords.From(error, item));
        }
    }

    private void WaitAndPoll()
    {
        ShowProgress();
        if (StopToken.WaitHandle.WaitOne(PollInterval))
        {
            throw new PipelineStoppedException();
        }

        PollOnce();
    }

    private void PollOnce()
    {
        // A copy: what is decided leaves the list, and results keep the order of the input where they come together.
        foreach (KeepAliveTest test in _running.ToArray())
        {
            if (Poll(test) is not { } result)
            {
                continue;
            }

            _running.Remove(test);
            Tell(test, result);
        }
    }

    private void Tell(KeepAliveTest test, TcpKeepAliveTestResult result)
    {
        result = result with
        {
            Connection = _own is null ? result.Connection : test.Socket.Description,
            Reason = result is { DataWaits: true, Alive: not true } ? result.Reason + DataAdvice : result.Reason,
        };
        if (!Quiet)
        {
            WriteObject(result);
        }
        else if (result.Alive is { } alive)
        {
            WriteObject(alive);
        }

        if (result.Undecided is { } undecided && (Quiet || undecided is TimeoutException))
        {
            WriteError(ErrorRecords.From(undecided, result.Connection));
        }

        if (test.RestoreFailure is { } failure)
        {
            WriteError(ErrorRecords.From(
                failure.WithTarget(test.Socket.Description, "The connection keeps settings of the test."),
                result.Connection));
        }
    }

    private TcpKeepAliveTestResult? Poll(KeepAliveTest test)
    {
        try
        {
            return test.Poll();
        }
        catch (Exception error) when (ErrorRecords.IsExpected(error))
        {
            WriteError(ErrorRecords.From(error, test.Socket.Holder));
            test.Dispose();
            _running.Remove(test);
            return null;
        }
    }

    private void ShowProgress()
    {
        DateTime now = DateTime.UtcNow;
        if (now - _progressAt < ProgressInterval)
        {
            return;
        }

        _progressAt = now;
        KeepAliveTest last = _running[^1];
        string probes = last.ProbesUnanswered == 0
            ? "waiting"
            : $"{last.ProbesUnanswered} of {ProbeCount} probes unanswered";
        _progress.StatusDescription = _started == 1
            ? $"{last.Socket.Description}: {probes}"
            : $"{_started - _running.Count} of {_started} decided; {last.Socket.Description}: {probes}";
        double part = last.Elapsed / last.Expected;
        _progress.PercentComplete = (int)Math.Clamp(part * 100, 0, 99);
        _progress.SecondsRemaining = (int)Math.Max(0, (last.Expected - last.Elapsed).TotalSeconds);
        WriteProgress(_progress);
    }
}
