using System;
using System.Net.Sockets;
using Microsoft.Win32.SafeHandles;

namespace NetKeepAlive.Descriptors;

/// <summary>A socket of somebody else, for as long as it is needed. Disposing lets go of what was borrowed and never
/// closes the owner's socket.</summary>
internal readonly struct SocketReference : IDisposable
{
    private readonly SafeFileHandle? _copy;

    /// <summary>Refers to the owner's handle itself.</summary>
    internal SocketReference(SafeSocketHandle handle) => Handle = handle;

    /// <summary>Refers to a copy of another process's descriptor, and closes it in the end. The handle must not do
    /// that: an owning SafeSocketHandle sets SO_LINGER on the shared socket before it closes.</summary>
    internal SocketReference(SafeFileHandle copy)
    {
        Handle = new SafeSocketHandle(copy.DangerousGetHandle(), ownsHandle: false);
        _copy = copy;
    }

    /// <summary>The socket's handle.</summary>
    internal SafeSocketHandle Handle { get; }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_copy is not null)
        {
            Handle.Dispose();
            _copy.Dispose();
        }
    }
}
