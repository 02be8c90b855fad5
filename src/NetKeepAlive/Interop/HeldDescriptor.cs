using System;
using System.Runtime.InteropServices;

namespace NetKeepAlive.Interop;

/// <summary>
/// The descriptor of a handle, kept open until this is disposed, though another thread closes the handle meanwhile:
/// what the runtime's marshaller does for one call, for as many as a wrapper makes.
/// </summary>
internal readonly ref struct HeldDescriptor
{
    private readonly SafeHandle _handle;

    /// <summary>Keeps a handle's descriptor open.</summary>
    /// <exception cref="ObjectDisposedException">The handle is closed.</exception>
    internal HeldDescriptor(SafeHandle handle)
    {
        bool held = false;
        handle.DangerousAddRef(ref held);
        _handle = handle;
        Number = (int)handle.DangerousGetHandle();
    }

    /// <summary>The descriptor.</summary>
    internal int Number { get; }

    /// <summary>Lets it go.</summary>
    public void Dispose() => _handle.DangerousRelease();
}
