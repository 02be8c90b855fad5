using System;
using System.Collections.Generic;
using System.Linq;
using System.Net;
using System.Net.Sockets;
using System.Threading;
using System.Threading.Tasks;
using NetKeepAlive.Addresses;
using NetKeepAlive.Descriptors;
using NetKeepAlive.Errors;
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
        string target = string.Join(
            ", ", names.Select(name => IPLiteral.VersionOf(name) == 6 ? $"[{name}]" : VisibleText.Brief(name)));
        target = $"{target}:{port}";
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        if (Timeout is { } timeout)
        {
            limit.CancelAfter(timeout);
        }

        ConnectionRace race = new(this, target, port);
        try
        {
            IReadOnlyList<(IPAddress Address, string Name)> found =
                await HostResolver.ResolveAsync(names, limit.Token).ConfigureAwait(false);
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
            throw new ArgumentException(
                $"The local address {LocalAddress} is not of the family {wanted}: {Remedies.NameOneOfFamily}.");
        }

        List<IPAddress> usable = addresses.Where(it => family is null || it.AddressFamily == family).ToList();
        return usable.Count > 0
            ? usable
            : throw new HostNotFoundException(
                $"{target} has no address of the family {family}; it has {string.Join(", ", addresses)}. "
                + Remedies.TakeAnotherFamily);
    }
}
