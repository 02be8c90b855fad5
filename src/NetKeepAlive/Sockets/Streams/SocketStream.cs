using System;
using System.Net.Sockets;
using System.Threading;
using System.Threading.Tasks;

namespace NetKeepAlive.Sockets.Streams;

/// <summary>A connection as .NET's stream, in which what the socket has received and nobody has taken comes
/// first.</summary>
internal sealed class SocketStream(StreamSocket owner) : NetworkStream(owner.Socket, ownsSocket: false)
{
    /// <inheritdoc/>
    public override bool DataAvailable => owner.HasUnread || base.DataAvailable;

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count)
    {
        ValidateBufferArguments(buffer, offset, count);
        return owner.TakeUnread(buffer.AsSpan(offset, count)) is > 0 and int taken
            ? taken
            : base.Read(buffer, offset, count);
    }

    /// <inheritdoc/>
    public override int Read(Span<byte> buffer) =>
        owner.TakeUnread(buffer) is > 0 and int taken ? taken : base.Read(buffer);

    /// <inheritdoc/>
    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken)
    {
        ValidateBufferArguments(buffer, offset, count);
        return ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();
    }

    /// <inheritdoc/>
    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        owner.TakeUnread(buffer.Span) is > 0 and int taken
            ? ValueTask.FromResult(taken)
            : base.ReadAsync(buffer, cancellationToken);

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
}
