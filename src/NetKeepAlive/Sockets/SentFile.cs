using System;
using System.IO;
using Microsoft.Win32.SafeHandles;
using NetKeepAlive.Interop;

namespace NetKeepAlive.Sockets;

/// <summary>A file whose bytes are sent.</summary>
internal static class SentFile
{
    /// <summary>Opens it.</summary>
    /// <exception cref="NativeSocketException"><c>EISDIR</c>: it is a folder.</exception>
    /// <exception cref="ArgumentException">It is a FIFO.</exception>
    /// <exception cref="IOException">It cannot be opened.</exception>
    /// <exception cref="UnauthorizedAccessException">No right to read it.</exception>
    internal static SafeFileHandle Open(string path) => FileStatus.OfTarget(path) switch
    {
        { IsFolder: true } => throw new NativeSocketException("open", Errno.EISDIR, path),
        { IsFifo: true } => throw IsNoWhole(path),
        _ => File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete),
    };

    /// <summary>The error of what has no beginning and no end.</summary>
    internal static ArgumentException IsNoWhole(string path) => new(
        $"{VisibleText.Brief(path)} is no file with a beginning and an end: pipe its content instead.");
}
