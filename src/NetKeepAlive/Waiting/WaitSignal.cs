using System;
using System.IO;
using System.IO.Pipes;
using System.Runtime.InteropServices;
using System.Threading;

namespace NetKeepAlive.Waiting;

/// <summary>
/// Ends a poll(2) from another thread: a pipe (close-on-exec on every platform) whose reading end is polled beside the
/// sockets. Made only by those who really have to wait.
/// </summary>
internal sealed class WaitSignal : IDisposable
{
    private readonly AnonymousPipeServerStream _pipe;
    private readonly AnonymousPipeClientStream _reader;
    private int _state;

    /// <summary>Makes the pipe.</summary>
    /// <exception cref="NativeSocketException"><c>EMFILE</c>, <c>ENFILE</c>: too many descriptors are open.</exception>
    internal WaitSignal()
    {
        try
        {
            _pipe = new AnonymousPipeServerStream(PipeDirection.Out, HandleInheritability.None);
        }
        catch (IOException failed)
        {
            // Its HResult is the errno.
            throw NativeSocketException.FromNumber("pipe", failed.HResult, "to wait");
        }

        _reader = new AnonymousPipeClientStream(PipeDirection.In, _pipe.ClientSafePipeHandle);
    }

    private enum State
    {
        Quiet,
        Signalled,
        Disposed,
    }

    /// <summary>The descriptor that is readable once signalled.</summary>
    internal SafeHandle Handle => _reader.SafePipeHandle;

    /// <summary>Ends the wait, or the next one. Harmless when repeated, and after disposal.</summary>
    internal void Set()
    {
        lock (_pipe)
        {
            if (_state == (int)State.Quiet)
            {
                _state = (int)State.Signalled;
                _pipe.WriteByte(1);
            }
        }
    }

    /// <summary>Forgets what was signalled.</summary>
    internal void Reset()
    {
        lock (_pipe)
        {
            if (_state == (int)State.Signalled)
            {
                _ = _reader.ReadByte();
                _state = (int)State.Quiet;
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_pipe)
        {
            if (Interlocked.Exchange(ref _state, (int)State.Disposed) != (int)State.Disposed)
            {
                _reader.Dispose();
                _pipe.Dispose();
            }
        }
    }
}
