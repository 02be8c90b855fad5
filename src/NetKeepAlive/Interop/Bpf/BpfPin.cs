using System.Text;
using Microsoft.Win32.SafeHandles;

namespace NetKeepAlive.Interop.Bpf;

/// <summary>A file in bpffs that keeps a link or a program alive until it is removed or the system restarts.</summary>
internal static class BpfPin
{
    /// <summary>Pins an object.</summary>
    /// <exception cref="NativeSocketException"><c>EEXIST</c>: there is such a file; <c>EPERM</c>: its name has a dot,
    /// or the right is missing.</exception>
    internal static unsafe void Create(SafeFileHandle handle, string path)
    {
        using HeldDescriptor descriptor = new(handle);
        fixed (byte* bytes = Encoding.UTF8.GetBytes(path + "\0"))
        {
            ObjectPathAttributes attributes = new() { Pathname = (ulong)bytes, BpfFd = descriptor.Number };
            if (BpfCall.Invoke(BpfCommand.ObjPin, ref attributes) != 0)
            {
                throw BpfCall.Failed(BpfCommand.ObjPin, path);
            }
        }
    }
}
