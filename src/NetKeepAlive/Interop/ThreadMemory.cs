using System;
using System.Runtime.InteropServices;

namespace NetKeepAlive.Interop;

/// <summary>
/// Memory outside the managed heap that belongs to one thread, so that nobody can free it under another's hands. It
/// holds any message that the kernel makes; pages that no message ever reached are never backed by memory.
/// </summary>
internal sealed unsafe class ThreadMemory : SafeHandle
{
    /// <summary>Room for the longest message.</summary>
    internal static readonly int Size = Abi.Current.LongestMessage;

    [ThreadStatic]
    private static ThreadMemory? _own;

    private ThreadMemory()
        : base(0, ownsHandle: true) => SetHandle((nint)NativeMemory.Alloc((nuint)Size));

    /// <summary>The calling thread's; only for the call that is under way.</summary>
    internal static Span<byte> Own => new((void*)(_own ??= new ThreadMemory()).handle, Size);

    /// <inheritdoc/>
    public override bool IsInvalid => handle == 0;

    /// <inheritdoc/>
    protected override bool ReleaseHandle()
    {
        NativeMemory.Free((void*)handle);
        return true;
    }
}
