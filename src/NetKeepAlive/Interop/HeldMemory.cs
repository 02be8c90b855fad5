using System;
using System.Runtime.InteropServices;

namespace NetKeepAlive.Interop;

/// <summary>Keeps the memory of a handle from being freed until this is disposed, though another thread disposes the
/// handle meanwhile.</summary>
internal readonly ref struct HeldMemory
{
    private readonly SafeHandle _memory;

    /// <summary>Holds it.</summary>
    /// <exception cref="ObjectDisposedException">It is disposed.</exception>
    internal HeldMemory(SafeHandle memory)
    {
        bool held = false;
        memory.DangerousAddRef(ref held);
        _memory = memory;
    }

    /// <summary>Lets it go.</summary>
    public void Dispose() => _memory.DangerousRelease();
}
