using System;
using System.Net.Sockets;
using System.Threading;
using System.Threading.Tasks;

namespace NetKeepAlive.Sockets.Streams;

/// <summary>A connection as .NET's stream, in which what the socket has received and nobody has taken comes
/// first, and which counts as the socket's traffic. Spans are read and written by way of arrays, as .NET does it in all
/// classes derived from its own.</summary>
internal sealed class SocketStream(StreamSocket owner) : NetworkStream(owner.Socket, ownsSocket: false)
{
    // A long write to a slow peer is traffic while it lasts, and no silence.
    private const int MostAtOnce = 1 << 16;

    private readonly SemaphoreSlim _writing = owner.StreamWriting;

    /// <inheritdoc/>
    public override bool DataAvailable => owner.HasUnread || base.DataAvailable;

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count)
    {
        ValidateBufferArguments(buffer, offset, count);
        return owner.TakeUnread(buffer.AsSpan(offset, count)) is > 0 and int taken
            ? taken
            : owner.Counted(base.Read(buffer, offset, count));
    }

    /// <inheritdoc/>
    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken)
    {
        ValidateBufferArguments(buffer, offset, count);
        return ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();
    }

    /// <inheritdoc/>
    public override async ValueTask<int> ReadAsync(
        Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        owner.TakeUnread(buffer.Span) is > 0 and int taken
            ? taken
            : owner.Counted(await base.ReadAsync(buffer, cancellationToken).ConfigureAwait(false));

    /// <inheritdoc/>
    public override IAsyncResult BeginRead(
        byte[] buffer, int offset, int count, AsyncCallback? callback, object? state)
    {
        ValidateBufferArguments(buffer, offset, count);
        return TaskToAsyncResult.Begin(
            ReadAsync(buffer.AsMemory(offset, count), CancellationToken.None).AsTask(), callback, state);
    }

    /// <inheritdoc/>
    public override int EndRead(IAsyncResult asyncResult) => TaskToAsyncResult.End<int>(asyncResult);

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count)
    {
        ValidateBufferArguments(buffer, offset, count);
        _writing.Wait();
        try
        {
            for (int end = offset + count; offset < end;)
            {
                int length = Math.Min(end - offset, MostAtOnce);
                base.Write(buffer, offset, length);
                owner.CountSent(length);
                offset += length;
            }
        }
        finally
        {
            _writing.Release();
        }
    }

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
        await _writing.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            while (!buffer.IsEmpty)
            {
                int length = Math.Min(buffer.Length, MostAtOnce);
                await base.WriteAsync(buffer[..length], cancellationToken).ConfigureAwait(false);
                owner.CountSent(length);
                buffer = buffer[length..];
            }
        }
        finally
        {
            _writing.Release();
        }
    }

    /// <inheritdoc/>
    public override IAsyncResult BeginWrite(
        byte[] buffer, int offset, int count, AsyncCallback? callback, object? state)
    {
        ValidateBufferArguments(buffer, offset, count);
        return TaskToAsyncResult.Begin(
            WriteAsync(buffer.AsMemory(offset, count), CancellationToken.None).AsTask(), callback, state);
    }

    /// <inheritdoc/>
    public override void EndWrite(IAsyncResult asyncResult) => TaskToAsyncResult.End(asyncResult);
}
