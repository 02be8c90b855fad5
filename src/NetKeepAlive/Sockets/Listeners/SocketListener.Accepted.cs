using System;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Threading;
using System.Threading.Tasks;
using NetKeepAlive.Addresses;
using NetKeepAlive.Interop;
using NetKeepAlive.Waiting;

namespace NetKeepAlive;

/// <content>What it does for the connections that it accepts.</content>
public sealed partial class SocketListener
{
    private readonly CancellationTokenSource _closing = new();
    private Readiness? _spareReadiness;

    /// <summary>What it does for the connections that it accepts.</summary>
    public AcceptedSocketSettings Accepted { get; internal set; } = AcceptedSocketSettings.None;

    // Linux copies the options of a listening socket into each connection (tcp(7), sk_clone): they are set once and
    // cost nothing at each accept.
    private static bool IsInherited => Abi.Current.ListenerHandsDownOptions;

    /// <summary>Sets on a socket that is about to listen what its connections inherit.</summary>
    internal static void Prepare(SafeHandle listening, AcceptedSocketSettings settings)
    {
        if (IsInherited)
        {
            settings.ApplyOptions(listening);
        }
    }

    /// <summary>Accepts the next connection; .NET's engine waits, no thread does. Does not accept while
    /// suspended.</summary>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    /// <exception cref="ObjectDisposedException">The listener is closed.</exception>
    /// <exception cref="SocketException">The kernel refused; the listener goes on listening unless it is
    /// closed.</exception>
    internal async Task<NetSocket> AcceptNextAsync(CancellationToken cancellation)
    {
        using CancellationTokenSource either =
            CancellationTokenSource.CreateLinkedTokenSource(cancellation, _closing.Token);
        try
        {
            while (true)
            {
                await _loop.WhenResumed(either.Token).ConfigureAwait(false);
                if (TryAccept(out NetSocket? waiting))
                {
                    return waiting!;
                }

                if (!IsSuspended)
                {
                    // .NET's engine tells of a connection by accepting it.
                    Socket accepted = await Socket.AcceptAsync(either.Token).ConfigureAwait(false);
                    SocketName remote = SocketName.Peer(accepted.SafeHandle) ?? SocketName.None;
                    if (Admit(accepted.SafeHandle, remote, accepted) is { } admitted)
                    {
                        return admitted;
                    }
                }
            }
        }
        catch (OperationCanceledException) when (IsClosed)
        {
            throw new ObjectDisposedException(nameof(SocketListener));
        }
    }

    // A server that is faster than its clients waits before nearly every connection: what it waits with is kept.
    private Readiness TakeReadiness(CancellationToken cancellation) =>
        cancellation.CanBeCanceled
            ? new Readiness(cancellation)
            : Interlocked.Exchange(ref _spareReadiness, null) ?? new Readiness(CancellationToken.None);

    private void GiveBack(Readiness readiness)
    {
        bool isKept = !readiness.Cancellation.CanBeCanceled
            && Interlocked.CompareExchange(ref _spareReadiness, readiness, null) is null;
        if (!isKept)
        {
            readiness.Dispose();
        }
        else if (IsClosed)
        {
            Interlocked.Exchange(ref _spareReadiness, null)?.Dispose();
        }
    }

    private void Welcome(NetSocket socket)
    {
        if (socket is StreamSocket stream)
        {
            stream.AllowHalfOpen = Accepted.AllowHalfOpen;
            if (!IsInherited)
            {
                Accepted.ApplyOptions(stream.Handle);
            }
        }
    }
}
