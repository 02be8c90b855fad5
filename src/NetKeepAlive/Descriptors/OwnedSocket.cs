using System;
using System.Net.Sockets;

namespace NetKeepAlive.Descriptors;

/// <summary>The .NET socket on a descriptor that an object of this module owns: whoever closes it closes that object,
/// too.</summary>
internal sealed class OwnedSocket : Socket
{
    private readonly IDisposable _owner;

    internal OwnedSocket(SafeSocketHandle handle, IDisposable owner)
        : base(handle)
    {
        _owner = owner;

        // The owner closes it; see SocketDescriptor.
        GC.SuppressFinalize(this);
    }

    /// <summary>The owner in words: a .NET socket has none of its own.</summary>
    public override string? ToString() => _owner.ToString();

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _owner.Dispose();
        }

        base.Dispose(disposing);
    }
}
