using System;
using System.Buffers;
using System.IO;
using Microsoft.Win32.SafeHandles;
using NetKeepAlive.Descriptors;
using NetKeepAlive.Interop;
using NetKeepAlive.Waiting;

namespace NetKeepAlive;

/// <content>Sending files.</content>
public sealed partial class StreamSocket
{
    // Between two of these a file being sent can be stopped, and its progress told.
    private const int FileChunk = 1 << 22;
    private const int ReadChunk = 1 << 17;

    private bool _isNonBlocking;

    /// <summary>Sends a part of a file, by the kernel alone where that goes: not under TLS, and not on a socket that
    /// another process shares, whose mode is that process's business.</summary>
    /// <param name="file">The file.</param>
    /// <param name="offset">The first byte.</param>
    /// <param name="length">How many bytes; to the file's end when that comes first.</param>
    /// <param name="waiting">How long, and by what.</param>
    /// <param name="progress">Is told how many bytes were sent so far.</param>
    /// <returns>How many bytes were sent.</returns>
    /// <exception cref="SendTimeoutException">The time was over before there was room for all.</exception>
    /// <exception cref="NativeSocketException">The kernel refused: <c>EPIPE</c>, <c>ECONNRESET</c>.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <exception cref="ObjectDisposedException">The socket is closed.</exception>
    internal long SendFile(SafeFileHandle file, long offset, long length, WaitLoop waiting, Action<long> progress)
    {
        long before = BytesSent;
        try
        {
            return CanSendFile()
                ? SendByKernel(file, offset, length, waiting, progress)
                : SendRead(file, offset, length, waiting, progress);
        }
        catch (NativeSocketException failed) when (BytesSent > before)
        {
            throw failed.After(BytesSent - before, length);
        }
    }

    private long SendByKernel(SafeFileHandle file, long offset, long length, WaitLoop waiting, Action<long> progress)
    {
        long sent = 0;
        int answer;
        while (sent < length && (answer = TrySendFile(file, offset + sent, length - sent)) != 0)
        {
            if (answer == -Errno.EINVAL.Value)
            {
                return sent + SendRead(file, offset + sent, length - sent, waiting, progress);
            }

            if (Sent(answer, to: null, "sendfile") < 0)
            {
                AwaitRoom(to: null, waiting, sent, length);
                continue;
            }

            CountSent(answer);
            sent += answer;
            Tell(sent, waiting, progress);
        }

        return sent;
    }

    private bool CanSendFile()
    {
        ThrowIfClosed();
        if (!Abi.Current.HasSendFile || _tls is not null || SharedSockets.Contains(Handle))
        {
            return false;
        }

        // All that sends and receives here, .NET's socket included, waits by itself where the kernel would not.
        if (!_isNonBlocking)
        {
            RuntimeShim.SetNonBlocking(Handle);
            _isNonBlocking = true;
        }

        return true;
    }

    private int TrySendFile(SafeFileHandle file, long offset, long length)
    {
        ThrowIfClosed();
        return Libc.SendFile(Handle, file, offset, (int)Math.Min(length, FileChunk));
    }

    private long SendRead(SafeFileHandle file, long offset, long length, WaitLoop waiting, Action<long> progress)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(ReadChunk);
        try
        {
            long sent = 0;
            while (sent < length)
            {
                int read = RandomAccess.Read(file, buffer.AsSpan(0, (int)Math.Min(length - sent, ReadChunk)), offset + sent);
                if (read == 0)
                {
                    break;
                }

                ReadOnlySpan<byte> rest = buffer.AsSpan(0, read);
                while (!TrySend(ref rest, to: null))
                {
                    AwaitRoom(to: null, waiting, sent + read - rest.Length, length);
                }

                sent += read;
                Tell(sent, waiting, progress);
            }

            return sent;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static void Tell(long sent, WaitLoop waiting, Action<long> progress)
    {
        waiting.Readiness.Cancellation.ThrowIfCancellationRequested();
        progress(sent);
    }
}
