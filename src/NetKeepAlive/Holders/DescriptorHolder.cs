using System;
using System.IO;
using System.IO.MemoryMappedFiles;
using System.IO.Pipes;
using System.Runtime.InteropServices;

namespace NetKeepAlive.Holders;

/// <summary>Finds the descriptor in whatever holds one.</summary>
internal static class DescriptorHolder
{
    /// <summary>The handle of a holder; it stays the holder's.</summary>
    /// <exception cref="NotASocketException">It holds no descriptor.</exception>
    /// <exception cref="ObjectDisposedException">It is closed.</exception>
    internal static SafeHandle Find(object? holder)
    {
        SafeHandle handle = holder switch
        {
            SafeHandle it => it,
            NetSocket it => it.Handle,
            SocketListener it => it.Handle,
            FileStream it => it.SafeFileHandle,
            PipeStream it => it.SafePipeHandle,
            MemoryMappedFile it => it.SafeMemoryMappedFileHandle,
            _ => SocketHolder.FindSocket(holder)?.SafeHandle ?? throw None(holder),
        };
        ObjectDisposedException.ThrowIf(handle.IsClosed || handle.IsInvalid, holder!);
        return handle;
    }

    private static NotASocketException None(object? holder) => NotASocketException.Saying(
        $"{holder?.GetType().FullName ?? "null"} has no descriptor. Accepted are sockets, FileStream, pipes and "
        + "SafeHandle.");
}
