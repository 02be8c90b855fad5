using System;
using System.IO;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Threading;
using System.Threading.Tasks;

namespace NetKeepAlive.Tls;

/// <summary>
/// TLS between a socket and its user, without waiting: what .NET's stream cannot do at once goes on in the background
/// and wakes those who wait. A read that was begun belongs to the channel: whoever began it may give up, its bytes
/// stay.
/// </summary>
internal sealed class TlsChannel : IDisposable
{
    // RFC 8446 section 5.1: the longest record.
    private const int RecordSize = 16384;
    private static readonly TimeSpan CloseLimit = TimeSpan.FromMilliseconds(100);

    private readonly object _receiving = new();
    private readonly object _sending = new();
    private readonly TlsStream _stream;
    private readonly Action _progress;
    private readonly Func<Exception, Exception> _explain;
    private readonly CancellationTokenSource _closing = new();
    private readonly byte[] _received = new byte[RecordSize];
    private readonly byte[] _written = new byte[RecordSize];
    private Task<int>? _reading;
    private Task? _writing;
    private int _writtenLength;
    private int _start;
    private int _end;
    private bool _goodbye;

    /// <summary>Wraps an established stream.</summary>
    /// <param name="stream">The stream; closed with the channel.</param>
    /// <param name="progress">Called when a read or write ended that went on in the background.</param>
    /// <param name="explain">Makes the error of a failure of the stream.</param>
    internal TlsChannel(TlsStream stream, Action progress, Func<Exception, Exception> explain)
    {
        _stream = stream;
        _progress = progress;
        _explain = explain;
    }

    /// <summary>The stream itself.</summary>
    internal TlsStream Stream => _stream;

    /// <summary>Has the end been received?</summary>
    internal bool HasEnded { get; private set; }

    /// <summary>Receives without waiting: how many bytes came, 0 at the end, -1 when there is nothing now.</summary>
    internal int TryReceive(Span<byte> buffer)
    {
        lock (_receiving)
        {
            if (_start == _end && !TryFill(out int length))
            {
                return length;
            }

            int count = Math.Min(buffer.Length, _end - _start);
            _received.AsSpan(_start, count).CopyTo(buffer);
            _start += count;
            return count;
        }
    }

    /// <summary>Is there something to receive, an end or an error? If not, those who wait are woken when there
    /// is.</summary>
    internal bool IsReadyToReceive()
    {
        lock (_receiving)
        {
            return _start < _end || Reading().IsCompleted;
        }
    }

    /// <summary>Ends when there is something to receive.</summary>
    internal async Task WaitToReceiveAsync(CancellationToken cancellation)
    {
        Task reading;
        lock (_receiving)
        {
            reading = _start < _end ? Task.CompletedTask : Reading();
        }

        // Its failure is told by the receive that follows.
        await reading.WaitAsync(cancellation).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        cancellation.ThrowIfCancellationRequested();
    }

    /// <summary>
    /// Sends without waiting: how many bytes the kernel took, -1 when there is no room yet. A record that was begun
    /// must be ended, even if its sender gave up: the next call finds it sent if it asks for the same bytes, and else
    /// sends its own after it.
    /// </summary>
    internal int TrySend(ReadOnlySpan<byte> data)
    {
        lock (_sending)
        {
            if (_writing is { } before)
            {
                if (!before.IsCompleted)
                {
                    return -1;
                }

                _writing = null;
                Finish(before);
                if (data.StartsWith(_written.AsSpan(0, _writtenLength)))
                {
                    return _writtenLength;
                }
            }

            int count = Math.Min(data.Length, RecordSize);
            data[..count].CopyTo(_written);
            _writtenLength = count;
            Task writing = Start(() => _stream.EncryptAsync(_written.AsMemory(0, count), _closing.Token).AsTask());
            if (writing.IsCompleted)
            {
                Finish(writing);
                return count;
            }

            _writing = writing;
            WakeAfter(writing);
            return -1;
        }
    }

    /// <summary>Is there room to send, or an error? If not, those who wait are woken when there is.</summary>
    internal bool IsReadyToSend()
    {
        lock (_sending)
        {
            return _writing is not { IsCompleted: false };
        }
    }

    /// <summary>Ends when there is room to send.</summary>
    internal async Task WaitToSendAsync(CancellationToken cancellation)
    {
        Task writing;
        lock (_sending)
        {
            writing = _writing ?? Task.CompletedTask;
        }

        // Its failure is told by the send that follows.
        await writing.WaitAsync(cancellation).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        cancellation.ThrowIfCancellationRequested();
    }

    /// <summary>Tells the peer that nothing will follow (close_notify). A peer that takes nothing is not waited
    /// for.</summary>
    internal void SayGoodbye()
    {
        lock (_sending)
        {
            if (_goodbye || _writing is { IsCompleted: false } unfinished && !WaitBriefly(unfinished))
            {
                return;
            }

            _goodbye = true;
            try
            {
                _ = WaitBriefly(_stream.ShutdownAsync());
            }
            catch (Exception gone) when (gone is IOException or InvalidOperationException or AuthenticationException)
            {
                // Whoever has the stream has said it already, or the stream has failed: nothing is left to say.
            }
        }
    }

    /// <summary>
    /// Takes what TLS itself has sent and nobody receives, such as session tickets: the kernel resets a connection that
    /// is closed with bytes unread, and what is still on its way to the peer would be lost.
    /// </summary>
    internal void TakeRecords()
    {
        lock (_receiving)
        {
            try
            {
                _ = Reading();
            }
            catch (Exception gone) when (gone is IOException or SocketException or ObjectDisposedException)
            {
                // Nothing is on its way over a connection that failed.
            }
        }
    }

    /// <summary>Ends what is under way, for .NET closes a socket with a reset while something is.</summary>
    public void Dispose()
    {
        _closing.Cancel();
        foreach (Task? task in new[] { _reading, _writing })
        {
            if (task is not null)
            {
                WaitBriefly(task);
            }
        }

        _stream.Dispose();
    }

    // Returns whether there are bytes now; if not, how the receive went.
    private bool TryFill(out int length)
    {
        Task<int> reading = Reading();
        length = -1;
        if (!reading.IsCompleted)
        {
            return false;
        }

        // A failure stays, and so does the end: whoever asks again gets the same answer.
        length = Finish(reading);
        if (length == 0)
        {
            HasEnded = true;
            return false;
        }

        _reading = null;
        _start = 0;
        _end = length;
        return true;
    }

    private Task<int> Reading()
    {
        if (_reading is null)
        {
            _reading = Start(() => _stream.DecryptAsync(_received, _closing.Token).AsTask());
            if (!_reading.IsCompleted)
            {
                WakeAfter(_reading);
            }
        }

        return _reading;
    }

    private void WakeAfter(Task task) => task.ContinueWith(
        static (ended, progress) =>
        {
            _ = ended.Exception;
            ((Action)progress!)();
        },
        _progress,
        CancellationToken.None,
        TaskContinuationOptions.ExecuteSynchronously,
        TaskScheduler.Default);

    private T Start<T>(Func<T> start)
        where T : Task
    {
        try
        {
            return start();
        }
        catch (Exception failed) when (failed is IOException or InvalidOperationException or AuthenticationException)
        {
            throw failed is ObjectDisposedException ? failed : _explain(failed);
        }
    }

    private void Finish(Task task)
    {
        try
        {
            task.GetAwaiter().GetResult();
        }
        catch (Exception failed) when (
            failed is IOException or AuthenticationException or OperationCanceledException)
        {
            throw _explain(failed);
        }
    }

    private int Finish(Task<int> task)
    {
        Finish((Task)task);
        return task.Result;
    }

    private static bool WaitBriefly(Task task)
    {
        try
        {
            return task.Wait(CloseLimit);
        }
        catch (AggregateException)
        {
            // The connection is gone: there is nobody to tell.
            return false;
        }
    }
}
