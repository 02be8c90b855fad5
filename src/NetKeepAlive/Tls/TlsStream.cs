using System;
using System.IO;
using System.Net.Security;
using System.Net.Sockets;
using System.Threading;
using System.Threading.Tasks;

namespace NetKeepAlive.Tls;

/// <summary>What a TLS connection is read by: bytes that TLS has decrypted already, or others in front of them.</summary>
internal interface ITlsReader
{
    /// <summary>Reads, and waits while there is nothing; 0 at the end.</summary>
    int Read(Span<byte> buffer);

    /// <inheritdoc cref="Read"/>
    ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellation);
}

/// <summary>.NET's TLS stream, read by way of the socket it belongs to: a read of the socket may be under way, and what
/// the socket has in hand comes first.</summary>
internal sealed class TlsStream(TlsInner inner) : SslStream(inner)
{
    /// <summary>Who reads it, once TLS is agreed on.</summary>
    internal ITlsReader? Reader { get; set; }

    /// <summary>Did the connection end without the peer's close_notify?</summary>
    internal bool EndedWithoutCloseNotify => inner.HasEnded;

    /// <summary>Reads what TLS decrypts, for the reader.</summary>
    internal ValueTask<int> DecryptAsync(Memory<byte> buffer, CancellationToken cancellation) =>
        base.ReadAsync(buffer, cancellation);

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count)
    {
        ValidateBufferArguments(buffer, offset, count);
        return Read(buffer.AsSpan(offset, count));
    }

    /// <inheritdoc/>
    public override int Read(Span<byte> buffer)
    {
        try
        {
            return Reader!.Read(buffer);
        }
        catch (SocketException failed)
        {
            throw new IOException(failed.Message, failed);
        }
    }

    /// <inheritdoc/>
    public override int ReadByte()
    {
        Span<byte> one = stackalloc byte[1];
        return Read(one) == 0 ? -1 : one[0];
    }

    /// <inheritdoc/>
    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken)
    {
        ValidateBufferArguments(buffer, offset, count);
        return ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();
    }

    /// <inheritdoc/>
    public override async ValueTask<int> ReadAsync(
        Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        try
        {
            return await Reader!.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
        }
        catch (SocketException failed)
        {
            throw new IOException(failed.Message, failed);
        }
    }
}
