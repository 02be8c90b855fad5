using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Linq;
using System.Net;
using System.Net.Sockets;
using System.Threading;
using System.Threading.Tasks;
using NetKeepAlive.Addresses;
using NetKeepAlive.Descriptors;
using NetKeepAlive.Interop;
using NetKeepAlive.Sockets;

namespace NetKeepAlive.Opening;

/// <summary>
/// Connects to a name by all its addresses, as RFC 8305 (Happy Eyeballs) has it: the families take turns, the next
/// address is tried when the last one failed or has not answered within the attempt's time, and the first to answer
/// wins. A slow attempt stays in the race; the last has no limit but <see cref="Timeout"/>.
/// </summary>
internal sealed record TcpConnector
{
    /// <summary>RFC 8305 section 5: the recommended delay between attempts.</summary>
    internal static readonly TimeSpan DefaultAttemptTimeout = TimeSpan.FromMilliseconds(250);

    /// <summary>RFC 8305 section 5: the delay must not be shorter.</summary>
    internal static readonly TimeSpan MinimumAttemptTimeout = TimeSpan.FromMilliseconds(10);

    /// <summary>Key of the attempts in <see cref="Exception.Data"/> of what <see cref="Connect"/> throws.</summary>
    internal const string AttemptsKey = "ConnectionAttempts";

    /// <summary>Only addresses of this family; null for both.</summary>
    internal AddressFamily? Family { get; init; }

    /// <summary>The address to connect from; decides the family. Null lets the kernel choose.</summary>
    internal IPAddress? LocalAddress { get; init; }

    /// <summary>The port to connect from; 0 lets the kernel choose.</summary>
    internal int LocalPort { get; init; }

    /// <summary>How long one attempt may take before the next begins; at least 10 ms.</summary>
    internal TimeSpan AttemptTimeout { get; init; } = DefaultAttemptTimeout;

    /// <summary>How long the whole may take; null for as long as the kernel tries.</summary>
    internal TimeSpan? Timeout { get; init; }

    /// <summary>Addresses that are not tried; null for none.</summary>
    internal SocketBlockList? BlockList { get; init; }

    /// <summary>The addresses of names, in the resolver's order, each with its name. Addresses among the names are
    /// taken as they are. A name without an address is passed over where another has one.</summary>
    /// <exception cref="HostNotFoundException">No name has an address.</exception>
    private static async Task<IReadOnlyList<(IPAddress Address, string Name)>> ResolveAsync(
        IEnumerable<string> names, CancellationToken cancellationToken)
    {
        List<(IPAddress Address, string Name)> found = [];
        List<HostNotFoundException> failures = [];
        foreach (string name in names)
        {
            try
            {
                IPAddress[] own = await ResolveAsync(name, cancellationToken).ConfigureAwait(false);
                found.AddRange(own.Select(it => (it, name)));
            }
            catch (HostNotFoundException failure)
            {
                failures.Add(failure);
            }
        }

        return found.Count > 0 ? found.DistinctBy(static it => it.Address).ToList()
            : throw (failures.Count == 1
                ? failures[0]
                : new HostNotFoundException(string.Join(" ", failures.Select(static it => it.Message)), failures[0]));
    }

    private static async Task<IPAddress[]> ResolveAsync(string name, CancellationToken cancellationToken)
    {
        if (IPLiteral.TryParse(name, out IPAddress literal))
        {
            return [literal];
        }

        try
        {
            // .NET asks the resolver on a thread that cannot be stopped, so this stops waiting for it.
            return await Dns.GetHostAddressesAsync(name, cancellationToken).WaitAsync(cancellationToken)
                .ConfigureAwait(false);
        }
        catch (SocketException error) when (error.SocketErrorCode is SocketError.HostNotFound
            or SocketError.NoData or SocketError.TryAgain or SocketError.NoRecovery)
        {
            throw new HostNotFoundException(
                $"'{name}' has no address: {error.Message}. Check its spelling and the resolver of this machine.", error);
        }
        catch (ArgumentException error)
        {
            throw new HostNotFoundException($"'{name}' is no name of a host: {error.Message}", error);
        }
    }

    /// <summary>Connects, and blocks the calling thread until then.</summary>
    /// <param name="names">Names and addresses.</param>
    /// <param name="port">The port, 1 to 65535.</param>
    /// <param name="cancellationToken">Gives up at once.</param>
    /// <returns>The connected socket with what was tried for it.</returns>
    /// <exception cref="NativeSocketException">No address could be reached; the message lists every
    /// attempt.</exception>
    /// <exception cref="HostNotFoundException">There is no address to try.</exception>
    /// <exception cref="TimeoutException">Not connected within <see cref="Timeout"/>.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    internal StreamSocket Connect(
        IReadOnlyList<string> names, int port, CancellationToken cancellationToken)
    {
        // The pipeline's thread has nothing else to do; continuations run on the pool, so this cannot lock up.
        (Socket socket, string name, IReadOnlyList<ConnectionAttempt> attempts) =
            Task.Run(() => ConnectAsync(names, port, cancellationToken), CancellationToken.None)
                .GetAwaiter().GetResult();
        SocketKind kind = new(socket.AddressFamily, SocketType.Stream, IsListening: false);

        // The connection has its owner from here on: the .NET socket that the race was run with is let go of.
        GC.SuppressFinalize(socket);
        return new StreamSocket(
            socket.SafeHandle, kind, new SocketOrigin { Remote = SocketName.Peer(socket.SafeHandle) })
        {
            ConnectionAttempts = attempts,
            HostName = name,
        };
    }

    /// <summary>What is tried, in this order: the families take turns, beginning with that of the first
    /// address.</summary>
    internal static IReadOnlyList<IPAddress> Interleave(IReadOnlyList<IPAddress> addresses)
    {
        if (addresses.Count == 0)
        {
            return addresses;
        }

        AddressFamily preferred = addresses[0].AddressFamily;
        Queue<IPAddress> first = new(addresses.Where(it => it.AddressFamily == preferred));
        Queue<IPAddress> second = new(addresses.Where(it => it.AddressFamily != preferred));
        List<IPAddress> mixed = new(addresses.Count);
        while (first.Count + second.Count > 0)
        {
            if (first.TryDequeue(out IPAddress? one))
            {
                mixed.Add(one);
            }

            if (second.TryDequeue(out IPAddress? other))
            {
                mixed.Add(other);
            }
        }

        return mixed;
    }

    private async Task<(Socket Socket, string Name, IReadOnlyList<ConnectionAttempt> Attempts)> ConnectAsync(
        IReadOnlyList<string> names, int port, CancellationToken cancellationToken)
    {
        string target = string.Join(", ", names.Select(name => IPLiteral.VersionOf(name) == 6 ? $"[{name}]" : name));
        target = $"{target}:{port}";
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        if (Timeout is { } timeout)
        {
            limit.CancelAfter(timeout);
        }

        Race race = new(this, target, port);
        try
        {
            IReadOnlyList<(IPAddress Address, string Name)> found =
                await ResolveAsync(names, limit.Token).ConfigureAwait(false);
            IReadOnlyList<IPAddress> addresses = Usable(found.Select(static it => it.Address).ToList(), target);
            Socket winner = await race.RunAsync(Interleave(addresses), limit.Token).ConfigureAwait(false);
            IReadOnlyList<ConnectionAttempt> attempts = race.Attempts();
            IPAddress reached = attempts.First(static it => it.Outcome is ConnectionOutcome.Connected).Address;
            return (winner, found.First(it => it.Address.Equals(reached)).Name, attempts);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            race.IsTimeOver = true;
            IReadOnlyList<ConnectionAttempt> attempts = race.Attempts();
            string tried = attempts.Count == 0 ? "The name was not resolved by then" : string.Join("; ", attempts);
            TimeoutException error = new(
                $"connect {target}: no connection within {Options.Duration.Format(Timeout!.Value)}. {tried}.");
            error.Data[AttemptsKey] = attempts;
            throw error;
        }
    }

    private List<IPAddress> Usable(IReadOnlyList<IPAddress> addresses, string target)
    {
        AddressFamily? family = LocalAddress?.AddressFamily ?? Family;
        if (LocalAddress is not null && Family is { } wanted && wanted != LocalAddress.AddressFamily)
        {
            throw new ArgumentException($"The local address {LocalAddress} is not of the family {wanted}.");
        }

        List<IPAddress> usable = addresses.Where(it => family is null || it.AddressFamily == family).ToList();
        return usable.Count > 0
            ? usable
            : throw new HostNotFoundException(
                $"{target} has no address of the family {family}; it has {string.Join(", ", addresses)}.");
    }

    /// <summary>One connect by several addresses.</summary>
    private sealed class Race(TcpConnector options, string target, int port)
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

        internal IReadOnlyList<ConnectionAttempt> Attempts() => _runners.ConvertAll(it => Attempt(it, it.Won));

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
                options.AttemptTimeout < MinimumAttemptTimeout ? MinimumAttemptTimeout : options.AttemptTimeout;
            using CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            Task pause = Task.Delay(wait, stop.Token);
            bool ended = await Task.WhenAny(any, pause).ConfigureAwait(false) == any;
            await stop.CancelAsync().ConfigureAwait(false);
            return ended ? await any.ConfigureAwait(false) : null;
        }

        private async Task<Runner> TryAsync(Runner runner, CancellationToken cancellationToken)
        {
            Socket? socket = null;
            try
            {
                socket = new Socket(runner.Address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
                if (options.LocalAddress is not null || options.LocalPort != 0)
                {
                    bool isSix = runner.Address.AddressFamily is AddressFamily.InterNetworkV6;
                    socket.Bind(new IPEndPoint(
                        options.LocalAddress ?? (isSix ? IPAddress.IPv6Any : IPAddress.Any), options.LocalPort));
                }

                await socket.ConnectAsync(new IPEndPoint(runner.Address, port), cancellationToken).ConfigureAwait(false);
                runner.Socket = socket;
            }
            catch (SocketException error)
            {
                socket?.Dispose();
                runner.Error = NativeSocketException.FromSocketException("connect", error);
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
            NativeSocketException error = new("connect", errno, target, Advice(attempts, errno));
            error.Data[AttemptsKey] = attempts;
            return error;
        }

        private string? Advice(IReadOnlyList<ConnectionAttempt> attempts, Errno errno) =>
            errno == Errno.EADDRINUSE && options.LocalPort != 0
                ? $"The local port {options.LocalPort} is taken: leave -LocalPort away, or name another one."
            : errno == Errno.EADDRNOTAVAIL && options.LocalAddress is not null
                ? $"No interface of this machine has the local address {options.LocalAddress}."
            : attempts.Count > 1 ? $"All {attempts.Count} attempts failed: {string.Join("; ", attempts)}."
            : attempts[0].Outcome is ConnectionOutcome.Blocked ? "The address is on the block list."
            : errno == Errno.ECONNREFUSED ? "Nothing listens there."
            : errno == Errno.EINVAL ? IPLiteral.ZoneAdvice(attempts[0].Address)
            : null;
    }

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
