using System.Runtime.InteropServices;

namespace NetKeepAlive.Interop;

/// <summary>An open folder: <c>DIR *</c>. .NET's own enumeration calls stat(2) on each symbolic link, which in
/// <c>/proc/PID/fd</c> costs more than all the rest.</summary>
internal sealed class DirectoryHandle : SafeHandle
{
    internal DirectoryHandle(nint stream)
        : base(0, ownsHandle: true)
    {
        SetHandle(stream);
        Descriptor = Libc.DirFd(this);
    }

    /// <inheritdoc/>
    public override bool IsInvalid => handle == 0;

    /// <summary>The folder's descriptor; valid as long as this.</summary>
    internal int Descriptor { get; }

    /// <inheritdoc/>
    protected override bool ReleaseHandle() => Libc.CloseDir(handle);
}
