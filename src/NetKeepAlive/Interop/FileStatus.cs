using System;
using System.IO;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using NetKeepAlive.Interop.Linux;

namespace NetKeepAlive.Interop;

/// <summary>Which file a path names: enough to tell one file from another.</summary>
/// <param name="Device">The file system.</param>
/// <param name="Inode">The file within it.</param>
/// <param name="Mode">Type and rights: <c>st_mode</c>.</param>
internal readonly partial record struct FileStatus(ulong Device, ulong Inode, int Mode)
{
    // sys/stat.h, every platform
    private const int TypeMask = 0xf000;
    private const int TypeSocket = 0xc000;
    private const int TypeFifo = 0x1000;
    private const int TypeFolder = 0x4000;
    private const int RightsMask = 0xfff;

    // linux/fcntl.h, linux/stat.h
    private const int AtFdCwd = -100;
    private const int AtSymlinkNoFollow = 0x100;
    private const uint StatxBasicStats = 0x7ff;
    private const int StatxSize = 256;
    private const int StatxMode = 28;
    private const int StatxInode = 32;
    private const int StatxDevMajor = 136;
    private const int StatxDevMinor = 140;

    // xnu bsd/sys/stat.h, struct stat64
    internal const int DarwinStatSize = 144;
    internal const int DarwinMode = 4;
    internal const int DarwinInode = 8;

    /// <summary>Is it a socket?</summary>
    internal bool IsSocket => (Mode & TypeMask) == TypeSocket;

    /// <summary>Is it a FIFO, which waits when it is opened for who writes to it?</summary>
    internal bool IsFifo => (Mode & TypeMask) == TypeFifo;

    /// <summary>Is it a folder?</summary>
    internal bool IsFolder => (Mode & TypeMask) == TypeFolder;

    /// <summary>The rights alone.</summary>
    internal int Rights => Mode & RightsMask;

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static unsafe partial int statx(int dirfd, string pathname, int flags, uint mask, byte* statxbuf);

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static unsafe partial int lstat(string pathname, byte* statbuf);

    [LibraryImport("libc", EntryPoint = "lstat$INODE64", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static unsafe partial int lstat64(string pathname, byte* statbuf);

    /// <summary>The file itself that a descriptor names (Linux).</summary>
    internal static unsafe FileStatus? Of(SafeHandle file)
    {
        byte* bytes = stackalloc byte[StatxSize];
        return Statx(PathHandle.PathOf(file), 0, bytes) == 0 ? FromStatx(bytes) : null;
    }

    /// <summary>Looks at a path, and follows no link at its end; null where nothing is there or it cannot be seen.</summary>
    internal static unsafe FileStatus? Of(string path)
    {
        byte* bytes = stackalloc byte[StatxSize];
        if (CurrentPlatform.Value is Platform.Linux)
        {
            return Statx(path, AtSymlinkNoFollow, bytes) == 0 ? FromStatx(bytes) : null;
        }

        // On Intel the plain name is the old call with 4-byte inodes.
        int result = RuntimeInformation.ProcessArchitecture is Architecture.X64
            ? lstat64(path, bytes)
            : lstat(path, bytes);
        return result == 0 ? FromDarwin(new ReadOnlySpan<byte>(bytes, DarwinStatSize)) : null;
    }

    /// <summary>Looks at what a path leads to, through links; null likewise.</summary>
    internal static unsafe FileStatus? OfTarget(string path)
    {
        if (CurrentPlatform.Value is Platform.Linux)
        {
            byte* bytes = stackalloc byte[StatxSize];
            return Statx(path, 0, bytes) == 0 ? FromStatx(bytes) : null;
        }

        try
        {
            return Of(File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? path);
        }
        catch (Exception unseen) when (unseen is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    // By number where it has one: musl has statx(2) from 1.2.5 on.
    private static unsafe int Statx(string path, int flags, byte* bytes)
    {
        if (SystemCall.Statx == Abi.None)
        {
            return statx(AtFdCwd, path, flags, StatxBasicStats, bytes);
        }

        fixed (byte* name = Encoding.UTF8.GetBytes(path + '\0'))
        {
            return (int)SystemCall.Invoke(
                SystemCall.Statx, AtFdCwd, (nint)name, flags, (nint)StatxBasicStats, (nint)bytes);
        }
    }

    private static unsafe FileStatus FromStatx(byte* bytes) => new(
        ((ulong)Unsafe.ReadUnaligned<uint>(bytes + StatxDevMajor) << 32)
            | Unsafe.ReadUnaligned<uint>(bytes + StatxDevMinor),
        Unsafe.ReadUnaligned<ulong>(bytes + StatxInode),
        Unsafe.ReadUnaligned<ushort>(bytes + StatxMode));

    private static FileStatus FromDarwin(ReadOnlySpan<byte> bytes) => new(
        MemoryMarshal.Read<uint>(bytes),
        MemoryMarshal.Read<ulong>(bytes[DarwinInode..]),
        MemoryMarshal.Read<ushort>(bytes[DarwinMode..]));
}
