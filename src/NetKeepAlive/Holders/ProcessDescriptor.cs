using System;
using System.Net.Sockets;
using Microsoft.Win32.SafeHandles;
using NetKeepAlive.Descriptors;
using NetKeepAlive.Interop;
using NetKeepAlive.Interop.Linux;
using NetKeepAlive.Options;
using NetKeepAlive.Sockets;
using NetKeepAlive.Tables;

namespace NetKeepAlive.Holders;

/// <summary>A socket by its descriptor's number, in this process or in another.</summary>
internal static class ProcessDescriptor
{
    /// <summary>
    /// Opens the socket behind a descriptor. One of this process is borrowed; one of another is copied with
    /// pidfd_getfd(2), which neither stops nor tells its owner: what is set on the copy is set on the socket.
    /// </summary>
    /// <param name="processId">The process that holds it.</param>
    /// <param name="descriptor">The descriptor's number there.</param>
    /// <exception cref="NativeSocketException"><c>ESRCH</c>: no such process; <c>EPERM</c>: no rights over it;
    /// <c>EBADF</c>: it has no such descriptor.</exception>
    /// <exception cref="NotASocketException">The descriptor is something else.</exception>
    /// <exception cref="PlatformNotSupportedException">Another process's, and this is not Linux.</exception>
    internal static SocketReference Open(int processId, int descriptor)
    {
        string target = $"descriptor {descriptor} of process {processId}";
        SocketReference reference = processId == Environment.ProcessId
            ? SocketHolder.Open(new SafeSocketHandle(descriptor, ownsHandle: false))
            : new SocketReference(Copy(processId, descriptor, target));
        try
        {
            _ = SocketOptions.SocketType.Get(reference.Handle);
            return reference;
        }
        catch (NativeSocketException error)
        {
            reference.Dispose();
            throw error.Is(Errno.ENOTSOCK)
                ? new NotASocketException($"The {target}")
                : error.WithTarget(target);
        }
    }

    /// <summary>Copies a socket of another process into this one: the object of its kind, whose closing leaves the
    /// original open.</summary>
    /// <inheritdoc cref="Open" path="/exception"/>
    internal static object Import(int processId, int descriptor)
    {
        string target = $"descriptor {descriptor} of process {processId}";
        object copy = ReceivedDescriptor.Identify(Copy(processId, descriptor, target));
        if (copy is SafeFileHandle file)
        {
            file.Dispose();
            throw new NotASocketException($"The {target}");
        }

        return copy;
    }

    private static SafeFileHandle Copy(int processId, int descriptor, string target)
    {
        CurrentPlatform.RequireLinux("Reaching the sockets of another process");
        try
        {
            using var process = PidFd.Open(processId);
            return PidFd.GetFd(process, descriptor, target);
        }
        catch (NativeSocketException error) when (error.Is(Errno.EPERM))
        {
            throw error.WithTarget(target, SocketTables.RightsAdvice);
        }
    }
}
