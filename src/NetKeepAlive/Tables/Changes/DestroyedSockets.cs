using System;
using System.Collections.Generic;
using Microsoft.Win32.SafeHandles;
using NetKeepAlive.Interop;
using NetKeepAlive.Interop.Netlink;
using NetKeepAlive.Options;

namespace NetKeepAlive.Tables;

/// <summary>The kernel's messages of TCP sockets that are destroyed: the groups SKNLGRP_INET_TCP_DESTROY and
/// SKNLGRP_INET6_TCP_DESTROY of sock_diag(7).</summary>
internal sealed class DestroyedSockets : IDisposable
{
    private const string Name = "SKNLGRP_INET_TCP_DESTROY";

    // Some 1,500 bytes of it a message: thousands of connections between two reads.
    private const int KernelBufferSize = 8 * 1024 * 1024;

    private readonly SafeFileHandle _socket;
    private readonly byte[] _buffer = new byte[16 * 1024];
    private int _overruns;

    /// <summary>Listens in the calling thread's network namespace.</summary>
    /// <exception cref="NativeSocketException"><c>EPERM</c>: no CAP_NET_ADMIN.</exception>
    internal DestroyedSockets(NetNamespace? network)
    {
        Network = network;
        _socket = Libc.OpenNetlink(
            NetlinkAbi.AfNetlink, NetlinkAbi.SockRaw | Abi.Current.SockCloexec, NetlinkAbi.NetlinkSockDiag, Name);
        try
        {
            Span<byte> groups = stackalloc byte[NetlinkAbi.AddressSize];
            NetlinkAbi.WriteAddress(groups, NetlinkAbi.GroupTcpDestroy | NetlinkAbi.GroupTcp6Destroy);
            Libc.Bind(_socket, groups, Name);
            DiagSocket.ConnectToKernel(_socket, Name);
            Enlarge();
        }
        catch (NativeSocketException)
        {
            _socket.Dispose();
            throw;
        }
    }

    /// <summary>Where it listens.</summary>
    internal NetNamespace? Network { get; }

    /// <summary>What came since the last time; does not wait.</summary>
    internal IEnumerable<DiagRecord> Read()
    {
        List<DiagRecord> records = [];
        while (TryReceive(records))
        {
            foreach (DiagRecord record in records)
            {
                yield return record;
            }

            records.Clear();
        }
    }

    /// <summary>How often messages were lost since the last time.</summary>
    internal int TakeOverruns()
    {
        int overruns = _overruns;
        _overruns = 0;
        return overruns;
    }

    /// <inheritdoc/>
    public void Dispose() => _socket.Dispose();

    private bool TryReceive(List<DiagRecord> records)
    {
        try
        {
            int length = Libc.ReceiveNetlink(
                _socket, _buffer, Abi.Current.MsgTrunc | Abi.Current.MsgDontWait, Name);
            // Broadcasts have the sequence number 0.
            _ = new DiagAnswer(0).Read(_buffer.AsSpan(0, Math.Min(length, _buffer.Length)), records);
            return true;
        }
        catch (NativeSocketException error) when (error.Is(Errno.EAGAIN))
        {
            return false;
        }
        catch (NativeSocketException error) when (error.Is(Errno.ENOBUFS))
        {
            _overruns++;
            return true;
        }
    }

    private void Enlarge()
    {
        using HeldDescriptor descriptor = new(_socket);
        try
        {
            Interop.Linux.ForcedBuffer.Set(descriptor, KernelBufferSize);
        }
        catch (NativeSocketException error) when (error.Is(Errno.EPERM))
        {
            SocketOptions.ReceiveBufferSize.Set(_socket, KernelBufferSize);
        }
    }
}
