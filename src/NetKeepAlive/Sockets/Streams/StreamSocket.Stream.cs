using System;
using System.IO;
using System.Threading;
using System.Threading.Tasks;
using NetKeepAlive.Sockets.Streams;
using NetKeepAlive.Tls;
using NetKeepAlive.Waiting;

namespace NetKeepAlive;

/// <content>The connection as a .NET stream.</content>
public sealed partial class StreamSocket : ITlsReader
{
    /// <summary>The connection as a .NET stream, under TLS that of TLS. What the socket has received and nobody has taken
    /// comes first. Closing a plain one leaves the socket open.</summary>
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
    int ITlsReader.Read(Span<byte> buffer)
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
    async ValueTask<int> ITlsReader.ReadAsync(Memory<byte> buffer, CancellationToken cancellation)
    {
        int length;
        while ((length = ReadNow(buffer.Span)) < 0)
        {
            await WaitToReceiveAsync(cancellation).ConfigureAwait(false);
        }

        return length;
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
