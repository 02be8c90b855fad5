using System;
using System.IO;
using System.Net.Security;
using System.Net.Sockets;
using System.Threading;
using System.Threading.Tasks;

namespace NetKeepAlive.Tls;

/// <summary>The socket that a TLS stream belongs to.</summary>
internal interface ITlsOwner
{
    /// <summary>Reads what TLS has decrypted already, or others had in front of it, and waits while there is nothing; 0 at
    /// the end.</summary>
    int Read(Span<byte> buffer);

    /// <inheritdoc cref="Read"/>
    ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellation);

    /// <summary>Sends by TLS, and waits while there is no room.</summary>
    void Write(ReadOnlySpan<byte> buffer);

    /// <inheritdoc cref="Write"/>
    ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellation);

    /// <summary>Closes the socket.</summary>
    void Close();
}

/// <summary>.NET's TLS stream, read and written by way of the socket it belongs to: a read or write of the socket may be
/// under way, what the socket has in hand comes first, and all of it counts as the socket's traffic. Whoever closes the
/// stream closes the socket, too.</summary>
internal sealed class TlsStream(TlsInner inner) : SslStream(inner)
{
    /// <summary>Whose it is, once TLS is agreed on.</summary>
    internal ITlsOwner? Owner { get; set; }

    /// <summary>Did the connection end without the peer's close_notify?</summary>
    internal bool EndedWithoutCloseNotify => inner.HasEnded;

    /// <summary>Reads what TLS decrypts, for the owner.</summary>
    internal ValueTask<int> DecryptAsync(Memory<byte> buffer, CancellationToken cancellation) =>
        base.ReadAsync(buffer, cancellation);

    /// <summary>Sends by TLS, for the owner.</summary>
    internal ValueTask EncryptAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellation) =>
        base.WriteAsync(buffer, cancellation);

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
            return Owner!.Read(buffer);
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
            return await Owner!.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
        }
        catch (SocketException failed)
        {
            throw new IOException(failed.Message, failed);
        }
    }

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count)
    {
        ValidateBufferArguments(buffer, offset, count);
        Write(buffer.AsSpan(offset, count));
    }

    /// <inheritdoc/>
    public override void Write(ReadOnlySpan<byte> buffer)
    {
        try
        {
            Owner!.Write(buffer);
        }
        catch (SocketException failed)
        {
            throw new IOException(failed.Message, failed);
        }
    }

    /// <inheritdoc/>
    public override void WriteByte(byte value) => Write([value]);

    /// <inheritdoc/>
    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken)
    {
        ValidateBufferArguments(buffer, offset, count);
        return WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();
    }

    /// <inheritdoc/>
    public override async ValueTask WriteAsync(
        ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        try
        {
            await Owner!.WriteAsync(buffer, cancellationToken).ConfigureAwait(false);
        }
        catch (SocketException failed)
        {
            throw new IOException(failed.Message, failed);
        }
    }

    /// <inheritdoc/>
    public override ValueTask DisposeAsync()
    {
        Owner?.Close();
        return base.DisposeAsync();
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            // Which disposes this in its turn, once TLS has said its end.
            Owner?.Close();
        }

        base.Dispose(disposing);
    }
}
