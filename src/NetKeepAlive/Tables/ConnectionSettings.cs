using System;
using System.Collections.Generic;
using Microsoft.Win32.SafeHandles;
using NetKeepAlive.Descriptors;
using NetKeepAlive.Interop.Linux;

namespace NetKeepAlive.Tables;

/// <summary>Reads the keep-alive settings of many connections: each owner is opened once.</summary>
internal sealed class ConnectionSettings : IDisposable
{
    private readonly Dictionary<int, SafeFileHandle?> _owners = [];

    /// <summary>Fills in the settings; leaves them null where the socket cannot be reached.</summary>
    internal void Fill(TcpConnection connection)
    {
        if (connection is not { OwningProcess: { } process, FileDescriptor: not null, Inode: not 0 }
            || Owner(process) is not { } owner)
        {
            return;
        }

        try
        {
            using SocketReference open = ConnectionOwner.Open(connection, owner);
            connection.KeepAlive = TcpKeepAlive.Read(open.Handle);
        }
        catch (NativeSocketException)
        {
            // Gone since, or not ours to look into: the row says so by having no settings.
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (SafeFileHandle? owner in _owners.Values)
        {
            owner?.Dispose();
        }

        _owners.Clear();
    }

    private SafeFileHandle? Owner(int process)
    {
        if (!_owners.TryGetValue(process, out SafeFileHandle? owner))
        {
            try
            {
                owner = PidFd.Open(process);
            }
            catch (NativeSocketException)
            {
                owner = null;
            }

            _owners.Add(process, owner);
        }

        return owner;
    }
}
