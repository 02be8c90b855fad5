using System;
using System.IO;
using System.Threading;
using System.Threading.Tasks;
using NetKeepAlive.Sockets.Streams;
using NetKeepAlive.Tls;
using NetKeepAlive.Waiting;

namespace NetKeepAlive;

/// <content>The connection as a .NET stream.</content>
public sealed partial class StreamSocket : ITlsOwner
{
    private SemaphoreSlim? _streamWriting;

    /// <summary>The connection as a .NET stream, under TLS that of TLS. What the socket has received and nobody has taken
    /// comes first. Closing a plain one leaves the socket open, closing that of TLS closes the connection: TLS goes on only
    /// as long as its stream does.</summary>
    /// <exception cref="ObjectDisposedException">The socket is closed.</exception>
    /// <exception cref="IOException">The socket is not connected.</exception>
    public Stream GetStream() => _tls?.Stream ?? (Stream)new SocketStream(this);

    /// <summary>Is there something that was received and that nobody has taken?</summary>
    internal bool HasUnread => HasPutBack || _unread.Length > 0;

    /// <summary>Takes what was received and nobody has taken, as bytes; 0 where there is nothing.</summary>
    internal int TakeUnread(Span<byte> buffer)
    {
        if (!HasUnread)
        {
            return 0;
        }

        lock (ReceiveGate)
        {
            TakePutBack();
            return _unread.Take(buffer);
        }
    }

    /// <inheritdoc/>
    int ITlsOwner.Read(Span<byte> buffer)
    {
        using WaitLoop waiting = new(timeout: null, CancellationToken.None);
        int length;
        while ((length = ReadNow(buffer)) < 0)
        {
            waiting.Again(this, WaitDirection.Receive);
        }

        return length;
    }

    /// <inheritdoc/>
    async ValueTask<int> ITlsOwner.ReadAsync(Memory<byte> buffer, CancellationToken cancellation)
    {
        int length;
        while ((length = ReadNow(buffer.Span)) < 0)
        {
            await WaitToReceiveAsync(cancellation).ConfigureAwait(false);
        }

        return length;
    }

    /// <summary>Of several writes by streams of this socket each goes whole, as with .NET's own.</summary>
    internal SemaphoreSlim StreamWriting =>
        _streamWriting ?? Interlocked.CompareExchange(ref _streamWriting, new SemaphoreSlim(1), null) ?? _streamWriting;

    /// <inheritdoc/>
    void ITlsOwner.Write(ReadOnlySpan<byte> buffer) => Send(buffer);

    /// <inheritdoc/>
    async ValueTask ITlsOwner.WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        while (!(buffer = SendNow(buffer)).IsEmpty)
        {
            await _tls!.WaitToSendAsync(cancellation).ConfigureAwait(false);
        }
    }

    // What is left of it.
    private ReadOnlyMemory<byte> SendNow(ReadOnlyMemory<byte> buffer)
    {
        ReadOnlySpan<byte> rest = buffer.Span;
        TrySend(ref rest, to: null);
        return buffer[^rest.Length..];
    }

    private int ReadNow(Span<byte> buffer)
    {
        lock (ReceiveGate)
        {
            ThrowIfClosed();
            TakePutBack();
            return _unread.Length > 0 ? _unread.Take(buffer) : ReceiveBytes(buffer);
        }
    }
}
