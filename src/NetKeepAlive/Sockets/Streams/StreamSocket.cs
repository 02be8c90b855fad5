using System;
using System.Net.Sockets;
using System.Threading.Tasks;
using NetKeepAlive.Descriptors;
using NetKeepAlive.Interop;
using NetKeepAlive.Sockets;

namespace NetKeepAlive;

/// <summary>A connected TCP or Unix stream socket.</summary>
public sealed partial class StreamSocket : NetSocket
{
    /// <summary>The longest chunk that one receive brings.</summary>
    internal const int ChunkSize = 65536;

    // How long the automatic end waits for handlers whose thread has other things to do.
    private static readonly TimeSpan HandlerLimit = TimeSpan.FromSeconds(10);

    private volatile bool _isReset;

    internal StreamSocket(SafeSocketHandle handle, SocketKind kind, SocketOrigin? origin)
        : base(handle, kind, origin)
    {
    }

    /// <summary>May this side go on sending after the peer has ended its side? If not, sending ends with it.</summary>
    public bool AllowHalfOpen { get; internal set; } = true;

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
        _isReset = true;
        Dispose();
    }

    /// <summary>Nothing but the peer can be sent to.</summary>
    /// <exception cref="NativeSocketException"><c>EISCONN</c>: an address was named.</exception>
    internal static void CheckAddress(UnixAddress? to)
    {
        if (to is not null)
        {
            throw new NativeSocketException(
                "send", Errno.EISCONN, to.ToString(), "A stream sends to its peer only: leave the address away.");
        }
    }

    /// <inheritdoc/>
    private protected override int TrySendCore(ReadOnlySpan<byte> data, UnixAddress? to)
    {
        CheckAddress(to);
        return data.IsEmpty ? 0
            : _tls is { } tls ? tls.TrySend(data) is >= 0 and int sent ? sent : -Errno.EAGAIN.Value
            : Libc.SendTo(Handle, data, default);
    }

    /// <inheritdoc/>
    private protected override void OnEnd()
    {
        if (AllowHalfOpen)
        {
            return;
        }

        // What a handler answers to the last data still goes out.
        if (WhenHandled() is { } handled)
        {
            _ = EndSendingAfterAsync(handled);
        }
        else
        {
            EndSending();
        }
    }

    private async Task EndSendingAfterAsync(Task handled)
    {
        await Task.WhenAny(handled, Task.Delay(HandlerLimit)).ConfigureAwait(false);
        EndSending();
    }

    private void EndSending()
    {
        try
        {
            if (!IsWriteEnded && !HasClosed)
            {
                Shutdown(SocketShutdown.Send);
            }
        }
        catch (Exception gone) when (gone is NativeSocketException or ObjectDisposedException)
        {
            // The peer was faster: there is no connection left to end.
        }
    }

    /// <inheritdoc/>
    private protected override void OnClosing()
    {
        CloseUnread();
        CloseTls();
    }
}
