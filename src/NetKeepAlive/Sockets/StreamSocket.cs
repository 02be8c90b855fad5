using System;
using System.Buffers;
using System.Net.Sockets;
using System.Text;
using NetKeepAlive.Interop;

namespace NetKeepAlive;

/// <summary>A connected TCP or Unix stream socket.</summary>
public sealed class StreamSocket : NetSocket
{
    /// <summary>The longest chunk that one receive brings.</summary>
    internal const int ChunkSize = 65536;

    internal StreamSocket(SafeSocketHandle handle, SocketKind kind, SocketOrigin? origin)
        : base(handle, kind, origin)
    {
    }

    /// <summary>May this side go on sending after the peer has ended its side? If not, sending ends with it.</summary>
    public bool AllowHalfOpen { get; internal set; } = true;

    /// <summary>The file that this socket made by binding, removed when it is closed; null where there is none.</summary>
    internal UnixSocketFile? File { get; init; }

    /// <summary>The connection as a .NET stream. Closing the stream leaves the socket open.</summary>
    public NetworkStream GetStream() => new(Socket, ownsSocket: false);

    /// <summary>Closes a TCP connection at once with a reset: what was not yet sent is lost, and the peer gets
    /// <c>ECONNRESET</c>.</summary>
    /// <exception cref="NativeSocketException"><c>EOPNOTSUPP</c>: not TCP.</exception>
    public void Reset()
    {
        ThrowIfClosed();
        if (AddressFamily is AddressFamily.Unix)
        {
            throw new NativeSocketException(
                "reset", Errno.EOPNOTSUPP, Describe() ?? "a Unix socket",
                "Only a TCP connection can be reset: close it instead.");
        }

        Options.SocketOptions.Linger.Set(Handle, TimeSpan.Zero);
        Dispose();
    }

    /// <inheritdoc/>
    private protected override int TrySendCore(ReadOnlySpan<byte> data, UnixAddress? to) => to is not null
        ? throw new NativeSocketException(
            "send", Errno.EISCONN, to.ToString(), "A stream sends to its peer only: leave the address away.")
        : data.IsEmpty ? 0 : Libc.SendTo(Handle, data, default);

    /// <inheritdoc/>
    private protected override ReceiveStatus TryReceiveCore(ReceiveRequest request, out SocketMessage? message)
    {
        message = null;
        byte[] buffer = ArrayPool<byte>.Shared.Rent(Math.Min(ChunkSize, request.MaximumLength ?? ChunkSize));
        try
        {
            int size = Math.Min(buffer.Length, request.MaximumLength ?? ChunkSize);
            message = AddressFamily is AddressFamily.Unix
                ? ReceiveWithHandles(buffer.AsSpan(0, size), request, out int length)
                : ReceivePlain(buffer.AsSpan(0, size), request, out length);
            return length < 0 ? ReceiveStatus.Nothing : length == 0 ? ReceiveStatus.End : ReceiveStatus.Message;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <inheritdoc/>
    private protected override void OnEnd()
    {
        if (!AllowHalfOpen && !IsWriteEnded && !IsClosed)
        {
            try
            {
                Shutdown(SocketShutdown.Send);
            }
            catch (NativeSocketException)
            {
                // The peer was faster: there is no connection left to end.
            }
        }
    }

    /// <inheritdoc/>
    private protected override void OnClosing() => File?.Delete();

    private SocketMessage? ReceivePlain(Span<byte> buffer, ReceiveRequest request, out int length)
    {
        length = Libc.Recv(Handle, buffer);
        return length <= 0 ? null : Create(buffer[..length].ToArray(), request.Encoding);
    }

    private SocketMessage? ReceiveWithHandles(Span<byte> buffer, ReceiveRequest request, out int length)
    {
        Message.ReceiveAll(Handle, buffer, default, isMarked: false, out MessageParts parts);
        length = parts.FullLength;
        return length <= 0
            ? null
            : new SocketMessage(this, buffer[..length].ToArray(), length, Remote?.Unix, request.Encoding)
            {
                Credential = parts.Credential,
                Handles = parts.Descriptors is { } descriptors ? descriptors.ConvertAll(Message.Identify) : [],
                HandlesLost = parts.ControlCut,
                Timestamp = DateTimeOffset.UtcNow,
                Sequence = CountReceived(length),
            };
    }

    private SocketMessage Create(byte[] data, Encoding encoding) =>
        new(this, data, data.Length, Remote?.Unix, encoding)
        {
            RemoteAddress = RemoteAddress,
            Timestamp = DateTimeOffset.UtcNow,
            Sequence = CountReceived(data.Length),
        };
}
