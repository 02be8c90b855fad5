using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Linq;
using System.Net;
using System.Net.Sockets;
using System.Threading;
using System.Threading.Tasks;
using NetKeepAlive.Addresses;
using NetKeepAlive.Errors;
using NetKeepAlive.Interop;

namespace NetKeepAlive.Opening;

/// <summary>One connect by several addresses.</summary>
internal sealed class ConnectionRace(TcpConnector options, string target, int port)
{
    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private readonly List<Runner> _runners = [];

    /// <summary>Did the whole take too long?</summary>
    internal bool IsTimeOver { get; set; }

    internal async Task<Socket> RunAsync(IReadOnlyList<IPAddress> addresses, CancellationToken cancellationToken)
    {
        using CancellationTokenSource over = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        List<Task<Runner>> running = [];
        try
        {
            int next = 0;
            while (next < addresses.Count || running.Count > 0)
            {
                if (next < addresses.Count)
                {
                    Runner runner = new(addresses[next++], _clock.Elapsed);
                    _runners.Add(runner);
                    if (options.BlockList?.Check(runner.Address) is true)
                    {
                        runner.Blocked = true;
                        continue;
                    }

                    running.Add(TryAsync(runner, over.Token));
                }

                // Not before: however short the time, what is told of it names the address that it was spent on.
                Task<Runner>? done =
                    await NextAsync(running, next == addresses.Count, over.Token).ConfigureAwait(false);
                cancellationToken.ThrowIfCancellationRequested();
                if (done is null)
                {
                    // Timers keep a coarser clock than the one that durations are read from: this decides.
                    _runners.ForEach(static it => it.IsOvertaken = true);
                    continue;
                }

                running.Remove(done);
                Runner finished = await done.ConfigureAwait(false);
                if (finished.Socket is not null)
                {
                    finished.Won = true;
                    return finished.Socket;
                }
            }
        }
        finally
        {
            // Whoever is still running gives up, and whoever connects in this very moment is closed.
            await over.CancelAsync().ConfigureAwait(false);
            await Task.WhenAll(running).ConfigureAwait(false);
            foreach (Runner runner in _runners.Where(it => !it.Won))
            {
                runner.Socket?.Dispose();
            }
        }

        throw Failure();
    }

    internal IReadOnlyList<ConnectionAttempt> Attempts() =>
        new TextList<ConnectionAttempt>(_runners.ConvertAll(it => Attempt(it, it.Won)));

    /// <summary>The attempt that ends first; null when it is time to begin the next.</summary>
    private async Task<Task<Runner>?> NextAsync(
        List<Task<Runner>> running, bool noneLeft, CancellationToken cancellationToken)
    {
        Task<Task<Runner>> any = Task.WhenAny(running);
        if (noneLeft)
        {
            return await any.ConfigureAwait(false);
        }

        TimeSpan wait =
            options.AttemptTimeout < TcpConnector.MinimumAttemptTimeout ? TcpConnector.MinimumAttemptTimeout : options.AttemptTimeout;
        using CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        TimeSpan next = _clock.Elapsed + wait;
        bool ended = false;
        for (TimeSpan left = wait;
            !ended && left > TimeSpan.Zero && !cancellationToken.IsCancellationRequested;
            left = next - _clock.Elapsed)
        {
            // A timer of .NET may end early, by a tick of the kernel's coarse clock.
            Task pause = Task.Delay(TimeSpan.FromMilliseconds(Math.Ceiling(left.TotalMilliseconds)), stop.Token);
            ended = await Task.WhenAny(any, pause).ConfigureAwait(false) == any;
        }

        await stop.CancelAsync().ConfigureAwait(false);
        return ended ? await any.ConfigureAwait(false) : null;
    }

    private async Task<Runner> TryAsync(Runner runner, CancellationToken cancellationToken)
    {
        Socket? socket = null;
        string operation = "socket";
        try
        {
            socket = new Socket(runner.Address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            if (options.LocalAddress is not null || options.LocalPort != 0)
            {
                bool isSix = runner.Address.AddressFamily is AddressFamily.InterNetworkV6;
                operation = "bind";
                socket.Bind(new IPEndPoint(
                    options.LocalAddress ?? (isSix ? IPAddress.IPv6Any : IPAddress.Any), options.LocalPort));
            }

            operation = "connect";
            await socket.ConnectAsync(new IPEndPoint(runner.Address, port), cancellationToken).ConfigureAwait(false);
            runner.Socket = socket;
        }
        catch (SocketException error)
        {
            socket?.Dispose();
            runner.Error = NativeSocketException.FromSocketException(operation, error);
        }
        catch (OperationCanceledException)
        {
            socket?.Dispose();
        }

        runner.Duration = _clock.Elapsed - runner.Start;
        return runner;
    }

    private ConnectionAttempt Attempt(Runner runner, bool isWinner)
    {
        bool slow = IsTimeOver || runner.IsOvertaken || runner.Duration >= options.AttemptTimeout;
        (ConnectionOutcome outcome, string? error, string? message) = runner switch
        {
            { Blocked: true } => (ConnectionOutcome.Blocked, Errno.EACCES.Name, "on the block list"),
            { Error: { } failed } => (ConnectionOutcome.Failed, failed.Errno, Words(failed)),
            _ when isWinner => (ConnectionOutcome.Connected, (string?)null, (string?)null),
            _ when slow => (ConnectionOutcome.TimedOut, "Timeout", "no answer"),
            _ => (ConnectionOutcome.Cancelled, null, null),
        };
        return new ConnectionAttempt(
            runner.Address, port, runner.Address.AddressFamily, outcome, error, message, runner.Start,
            runner.Duration);
    }

    private static string Words(NativeSocketException error)
    {
        Errno errno = Errno.FromNumber(error.ErrnoNumber);
        return $"{errno.Text} ({errno.Name})";
    }

    /// <summary>One error for all attempts, with the errno of the one that got farthest: an answer says more than
    /// that there was no way to ask.</summary>
    private NativeSocketException Failure()
    {
        IReadOnlyList<ConnectionAttempt> attempts = Attempts();
        NativeSocketException[] errors = _runners.Where(it => it.Error is not null).Select(it => it.Error!).ToArray();
        NativeSocketException? farthest =
            errors.FirstOrDefault(it => it.Is(Errno.ECONNREFUSED) || it.Is(Errno.ECONNRESET))
            ?? errors.FirstOrDefault(it => it.Is(Errno.ETIMEDOUT))
            ?? errors.FirstOrDefault();
        Errno errno = farthest is null ? Errno.EACCES : Errno.FromNumber(farthest.ErrnoNumber);
        NativeSocketException error = new("connect", errno, target, Advice(attempts, errno, farthest?.Operation));
        error.Data[TcpConnector.AttemptsKey] = attempts;
        return error;
    }

    private string? Advice(IReadOnlyList<ConnectionAttempt> attempts, Errno errno, string? operation) =>
        errno == Errno.EADDRINUSE && options.LocalPort != 0
            ? $"The local port {options.LocalPort} is taken: {Remedies.LeaveLocalPort}."
        : errno == Errno.EADDRNOTAVAIL && options.LocalPort != 0 && operation is "connect"
            ? $"The local port {options.LocalPort} has a connection to this address already: {Remedies.LeaveLocalPort}."
        : errno == Errno.EADDRNOTAVAIL && options.LocalAddress is not null
            ? $"No interface of this machine has the local address {options.LocalAddress}."
        : attempts.Count > 1 ? $"All {attempts.Count} attempts failed: {string.Join("; ", attempts)}."
        : string.Join(" ", new[] { Tried(attempts[0]), AdviceOn(attempts[0], errno) }.Where(static it => it is not null));

    // The message has the name that was asked for: an address in its place says all that there is to say.
    private string? Tried(ConnectionAttempt only) =>
        target == new IPEndPoint(only.Address, port).ToString() ? null : $"It has one address: {only}.";

    private static string? AdviceOn(ConnectionAttempt only, Errno errno) =>
        only.Outcome is ConnectionOutcome.Blocked ? "The address is on the block list."
        : errno == Errno.ECONNREFUSED ? "Nothing listens there."
        : errno == Errno.EINVAL ? IPLiteral.ZoneAdvice(only.Address)
        : null;

    /// <summary>One attempt in the race.</summary>
    private sealed class Runner(IPAddress address, TimeSpan start)
    {
        internal IPAddress Address { get; } = address;

        internal TimeSpan Start { get; } = start;

        internal TimeSpan Duration { get; set; }

        internal Socket? Socket { get; set; }

        internal NativeSocketException? Error { get; set; }

        internal bool Blocked { get; set; }

        internal bool Won { get; set; }

        internal bool IsOvertaken { get; set; }
    }
}
