using System;
using System.Collections.Generic;
using System.Collections.ObjectModel;
using System.Diagnostics;
using System.IO;
using System.Management.Automation;
using Microsoft.Win32.SafeHandles;
using NetKeepAlive.Interop;
using NetKeepAlive.Sockets;
using NetKeepAlive.Waiting;

namespace NetKeepAlive.PowerShell.Commands;

/// <content>Files: on a stream their bytes, on a message socket one message each.</content>
public sealed partial class SendSocketData
{
    private const long Unknown = long.MaxValue;

    // More than any message that a kernel takes.
    private const int MessageLimit = 1 << 30;

    private static readonly TimeSpan ProgressPause = TimeSpan.FromMilliseconds(500);

    private void SendFiles()
    {
        bool isLiteral = ParameterSetName is LiteralPathSet;
        foreach (string path in isLiteral ? LiteralPath : Path)
        {
            List<string> files = [];
            bool found = Attempt(path, () => files.AddRange(Resolve(path, isLiteral)));
            foreach (string file in files)
            {
                if (Attempt(file, () => SendFile(file)) && PassThru)
                {
                    WriteObject(new FileInfo(file));
                }
            }
        }
    }

    private Collection<string> Resolve(string path, bool isLiteral)
    {
        ProviderInfo provider;
        Collection<string> files;
        try
        {
            files = isLiteral
                ? [SessionState.Path.GetUnresolvedProviderPathFromPSPath(path, out provider, out _)]
                : GetResolvedProviderPathFromPSPath(path, out provider);
        }
        catch (SessionStateException missing)
        {
            throw new FileNotFoundException(missing.Message, path, missing);
        }

        return provider.Name == "FileSystem"
            ? files
            : throw new ArgumentException(
                $"-{ParameterSetName}: {VisibleText.Brief(path)} is not a file: it belongs to the provider {provider.Name}.");
    }

    private void SendFile(string file)
    {
        if (_socket is null)
        {
            throw new ArgumentException("Name the socket to send the file with: -Socket.");
        }

        using SafeFileHandle handle = SentFile.Open(file);
        long length = LengthOf(file, handle);
        WaitLoop waiting = new(Timeout, Readiness);
        if (_socket is StreamSocket stream)
        {
            StreamSocket.CheckAddress(_to);
            long sent = stream.SendFile(handle, Offset, length, waiting, ProgressOf(file, length));
            if (sent < length && length != Unknown)
            {
                throw new IOException(
                    $"{VisibleText.Brief(file)} became shorter while it was sent: {sent} of {length} bytes went.");
            }
        }
        else
        {
            using FileStream content = new(handle, FileAccess.Read) { Position = Offset };
            _socket.Send(ReadMessage(content, length), _to, waiting);
        }
    }

    // As much as there is, up to the length: a file that tells no size is not known to be small.
    private static byte[] ReadMessage(Stream content, long length)
    {
        using MemoryStream message = new();
        byte[] buffer = new byte[64 * 1024];
        long most = Math.Min(length, MessageLimit);
        for (int read; (read = content.Read(buffer, 0, (int)Math.Min(buffer.Length, most - message.Length))) > 0;)
        {
            message.Write(buffer, 0, read);
        }

        return message.ToArray();
    }

    private long LengthOf(string file, SafeFileHandle handle)
    {
        try
        {
            long size = RandomAccess.GetLength(handle);

            // Files of procfs and the like tell no size, and end where reading does.
            return Offset > size || (Count >= 0 && Count > size - Offset) ? throw OutOfRange(size)
                : Count >= 0 ? Count
                : size > 0 ? size - Offset
                : Unknown;
        }
        catch (NotSupportedException)
        {
            throw SentFile.IsNoWhole(file);
        }
    }

    private Action<long> ProgressOf(string file, long length)
    {
        Stopwatch clock = Stopwatch.StartNew();
        TimeSpan next = TimeSpan.FromSeconds(1);
        string name = VisibleText.Brief(System.IO.Path.GetFileName(file));
        ProgressRecord progress = new(0x4b45, $"Send {name}", _socket!.ToString());
        bool isShown = false;
        return sent =>
        {
            bool isDone = sent == length;
            if (clock.Elapsed < next && !(isDone && isShown))
            {
                return;
            }

            isShown = true;
            next = clock.Elapsed + ProgressPause;
            progress.PercentComplete = length == Unknown ? -1 : (int)(100 * sent / Math.Max(length, 1));
            progress.StatusDescription = $"{_socket}: {sent >> 20}{(length == Unknown ? null : $" of {length >> 20}")} MiB";
            progress.RecordType = isDone ? ProgressRecordType.Completed : ProgressRecordType.Processing;
            WriteProgress(progress);
        };
    }
}
