using System;
using System.Net.Sockets;

namespace NetKeepAlive.Descriptors;

/// <summary>The .NET socket on a descriptor that an object of this module owns: whoever closes it closes that object,
/// too.</summary>
internal sealed class OwnedSocket : Socket
{
    private readonly Action _close;

    internal OwnedSocket(SafeSocketHandle handle, Action close)
        : base(handle)
    {
        _close = close;

        // The owner closes it; see SocketDescriptor.
        GC.SuppressFinalize(this);
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _close();
        }

        base.Dispose(disposing);
    }
}
