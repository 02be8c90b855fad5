using System;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Threading;
using System.Threading.Tasks;
using NetKeepAlive.Interop;
using NetKeepAlive.Tls;
using NetKeepAlive.Waiting;

namespace NetKeepAlive;

/// <content>TLS, in place: sending, receiving, events and waiting go through it from then on.</content>
public sealed partial class StreamSocket
{
    private TlsChannel? _tls;

    /// <summary>What TLS agreed on; null on an unencrypted connection.</summary>
    public TlsInfo? Tls { get; private set; }

    /// <summary>Did the connection end without the close_notify by which TLS announces its end? Then what came may be
    /// only a part of what was sent: somebody cut the connection.</summary>
    public bool EndedWithoutCloseNotify => _tls is { HasEnded: true, Stream.EndedWithoutCloseNotify: true };

    /// <summary>Begins TLS. A connection on which it fails is closed: nobody can tell what the peer makes of
    /// it.</summary>
    /// <param name="options">As client or as server, and how.</param>
    /// <param name="timeout">How long the handshake may take; null is for ever.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="TlsException">The two sides do not agree, or a certificate was refused.</exception>
    /// <exception cref="NativeSocketException"><c>EALREADY</c>: it is protected already; <c>EPROTO</c>: plain bytes were
    /// received that nobody has read, and whoever put them there would have them taken for protected ones; or the
    /// connection failed.</exception>
    /// <exception cref="TimeoutException">The peer did not answer in time.</exception>
    public void Protect(TlsOptions options, TimeSpan? timeout = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        ThrowIfClosed();
        lock (ReceiveGate)
        {
            if (_tls is not null)
            {
                throw new NativeSocketException(
                    "tls", Errno.EALREADY, Describe(), "The connection is protected already.");
            }

            if (HasUnread)
            {
                throw new NativeSocketException(
                    "tls", Errno.EPROTO, Describe(), "Unencrypted bytes were received and not read.");
            }
        }

        if (!Socket.Connected)
        {
            throw new NativeSocketException("tls", Errno.ENOTCONN, Describe(), "TLS begins on a connected socket.");
        }

        string host = options.TargetHost ?? HostName ?? RemoteAddress?.ToString() ?? "localhost";
        TlsHandshake handshake = new(options, Describe() ?? "an unnamed socket", host);
        TlsStream stream;
        try
        {
            TlsInner inner = new(Socket);
            stream = Task.Run(() => handshake.RunAsync(inner, timeout, cancellationToken), CancellationToken.None)
                .GetAwaiter().GetResult();
        }
        catch (Exception) when (HasClosed)
        {
            // Somebody closed the socket meanwhile; what the handshake made of that says less.
            throw new ObjectDisposedException(GetType().Name);
        }
        catch
        {
            Close(hadError: true);
            throw;
        }

        SslApplicationProtocol chosen = stream.NegotiatedApplicationProtocol;
        Tls = new TlsInfo(
            stream.SslProtocol,
            stream.NegotiatedCipherSuite,
            chosen.Protocol.IsEmpty ? null : chosen.ToString(),
            stream.RemoteCertificate is X509Certificate2 peer ? new TlsCertificate(peer) : null,
            options.ServerCertificate is not null,
            string.IsNullOrEmpty(stream.TargetHostName) ? null : stream.TargetHostName);
        _carry.Reset();
        stream.Owner = this;
        Volatile.Write(ref _tls, new TlsChannel(stream, Wakers.Wake, ExplainTls));
        Wakers.Wake();
    }

    /// <inheritdoc/>
    public override void Shutdown(SocketShutdown how)
    {
        if (how is not SocketShutdown.Receive && !HasClosed)
        {
            _tls?.SayGoodbye();
        }

        base.Shutdown(how);
    }

    /// <inheritdoc/>
    private protected override WaitMode PrepareWait(WaitDirection direction)
    {
        WaitMode mode = base.PrepareWait(direction);
        if (mode is not WaitMode.Descriptor || direction is not (WaitDirection.Receive or WaitDirection.Send))
        {
            return mode;
        }

        bool isReceive = direction is WaitDirection.Receive;
        if (isReceive && _unread.IsFresh)
        {
            return WaitMode.Ready;
        }

        if (_tls is { } tls)
        {
            return (isReceive ? tls.IsReadyToReceive() : tls.IsReadyToSend()) ? WaitMode.Ready : WaitMode.Signal;
        }

        return mode;
    }

    /// <inheritdoc/>
    private protected override ValueTask WaitToReceiveAsync(CancellationToken cancellation) =>
        HasUnread ? ValueTask.CompletedTask
        : _tls is { } tls ? new ValueTask(tls.WaitToReceiveAsync(cancellation))
        : base.WaitToReceiveAsync(cancellation);

    private Exception ExplainTls(Exception failed)
    {
        if (HasClosed || failed is OperationCanceledException)
        {
            return new ObjectDisposedException(GetType().Name);
        }

        if (NativeSocketException.FindIn(failed, "tls") is { } broken)
        {
            return Failure("tls", Errno.FromNumber(broken.ErrnoNumber), to: null);
        }

        // After an alert nothing can be said or heard.
        TlsException failure = TlsException.From($"TLS with {Describe()}", failed);
        MarkLost(failure);
        return failure;
    }

    private void CloseTls()
    {
        if (_tls is not { } tls)
        {
            return;
        }

        try
        {
            // A reset must not look like an end in order: the peer would take what it has for the whole.
            if (!IsWriteEnded && !_isReset)
            {
                tls.SayGoodbye();
            }

            if (!_isReset)
            {
                tls.TakeRecords();
            }
        }
        finally
        {
            tls.Dispose();
        }
    }
}
