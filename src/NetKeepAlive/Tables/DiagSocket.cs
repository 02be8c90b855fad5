using System;
using System.Collections.Generic;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using NetKeepAlive.Interop;
using NetKeepAlive.Interop.Netlink;
using NetKeepAlive.Options;

namespace NetKeepAlive.Tables;

/// <summary>A netlink socket to sock_diag(7), which knows every socket of the network namespace that it was opened in,
/// whichever thread asks later.</summary>
internal sealed class DiagSocket : IDisposable
{
    private const string Name = "NETLINK_SOCK_DIAG";

    // The kernel fills at most 32 KiB a datagram, and fills more the larger the reader's buffer is.
    private const int BufferSize = 64 * 1024;

    // The kernel answers at once; without a limit a lost answer would hang the caller for good.
    private static readonly TimeSpan AnswerLimit = TimeSpan.FromSeconds(20);

    private readonly SafeHandle _handle;
    private readonly byte[] _buffer = new byte[BufferSize];
    private uint _sequence;

    /// <summary>Opens the socket; no rights are needed.</summary>
    /// <exception cref="PlatformNotSupportedException">Not Linux.</exception>
    /// <exception cref="NativeSocketException">The kernel refused.</exception>
    internal DiagSocket()
        : this(Open())
    {
    }

    /// <summary>Takes over a socket at whose other end a kernel answers, or what stands in for one.</summary>
    internal DiagSocket(SafeHandle socket)
    {
        _handle = socket;
        SocketOptions.ReceiveTimeout.Set(_handle, AnswerLimit);
    }

    /// <summary>Dumps one family's table, a datagram at a time. The answer must be read to its end before the next
    /// request.</summary>
    /// <param name="isIPv6">Which table.</param>
    /// <param name="states">A bit for each of the kernel's states.</param>
    /// <param name="bytecode">The kernel's filter; empty for all.</param>
    /// <param name="answer">Tells afterwards whether the dump was interrupted.</param>
    /// <param name="protocol">TCP or UDP.</param>
    /// <returns>The rows of one datagram after the other; the list is used again for the next.</returns>
    /// <exception cref="NativeSocketException">The kernel refused, or answered what is no answer.</exception>
    internal IEnumerable<List<DiagRecord>> Dump(
        bool isIPv6, uint states, byte[] bytecode, out DiagAnswer answer, int protocol = NetlinkAbi.ProtocolTcp)
    {
        string target = $"the {(isIPv6 ? "IPv6" : "IPv4")} {(protocol == NetlinkAbi.ProtocolTcp ? "TCP" : "UDP")} table";
        answer = new DiagAnswer(++_sequence);
        Libc.SendNetlink(_handle, DiagRequest.Dump(protocol, isIPv6, states, bytecode, _sequence), target);
        return Receive<DiagRecord>(answer, target);
    }

    /// <summary>Dumps the table of Unix sockets, as <see cref="Dump"/> does.</summary>
    internal IEnumerable<List<UnixRecord>> DumpUnix(uint states, out DiagAnswer answer)
    {
        const string Target = "the table of Unix sockets";
        answer = new DiagAnswer(++_sequence);
        Libc.SendNetlink(_handle, DiagRequest.DumpUnix(states, _sequence), Target);
        return Receive<UnixRecord>(answer, Target);
    }

    /// <summary>The number of the namespace that this socket asks about; 0 where the kernel has none.</summary>
    internal ulong NamespaceCookie => Interop.Linux.NetworkNamespaces.Cookie(_handle);

    /// <summary>Reads one socket's row.</summary>
    /// <returns>The row; null where there is no such socket any more.</returns>
    /// <exception cref="NativeSocketException">The kernel refused.</exception>
    internal DiagRecord? Get(bool isIPv6, in SocketIdentity identity, string target)
    {
        DiagAnswer answer = new(++_sequence);
        Libc.SendNetlink(_handle, DiagRequest.Get(isIPv6, identity, _sequence), target);
        List<DiagRecord> records = [];
        // A single row has no end mark: it is the answer.
        DiagProgress progress;
        do
        {
            progress = answer.Read(ReceiveDatagram(target), records);
        }
        while (progress is DiagProgress.More && records.Count == 0);

        // ENOENT: nothing is there, or another socket has its addresses now.
        if (progress is DiagProgress.Failed && answer.Error == Errno.ENOENT.Value)
        {
            return null;
        }

        Check(progress, answer, target);
        return records.Count > 0 && records[0].Cookie == identity.Cookie ? records[0] : null;
    }

    /// <summary>Has the kernel end one connection: the owner sees ECONNABORTED, the peer a reset.</summary>
    /// <exception cref="NativeSocketException"><c>EPERM</c>: needs CAP_NET_ADMIN; <c>ENOENT</c>: it is gone;
    /// <c>EOPNOTSUPP</c>: a kernel without CONFIG_INET_DIAG_DESTROY.</exception>
    internal void Destroy(bool isIPv6, in SocketIdentity identity, string target)
    {
        DiagAnswer answer = new(++_sequence);
        Libc.SendNetlink(_handle, DiagRequest.Destroy(isIPv6, identity, _sequence), target);
        List<DiagRecord> none = [];
        DiagProgress progress;
        do
        {
            progress = answer.Read(ReceiveDatagram(target), none);
        }
        while (progress is DiagProgress.More);
        Check(progress, answer, target, "SOCK_DESTROY");
    }

    /// <inheritdoc/>
    public void Dispose() => _handle.Dispose();

    private static SafeFileHandle Open()
    {
        CurrentPlatform.RequireLinux("The system's table of sockets");
        SafeFileHandle socket = Libc.OpenNetlink(
            NetlinkAbi.AfNetlink, NetlinkAbi.SockRaw | Abi.Current.SockCloexec, NetlinkAbi.NetlinkSockDiag, Name);
        try
        {
            ConnectToKernel(socket, Name);
            return socket;
        }
        catch (NativeSocketException)
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Connects a netlink socket to the kernel, whose address is all zeros: it then takes messages from nobody
    /// else.</summary>
    internal static void ConnectToKernel(SafeFileHandle socket, string name)
    {
        Span<byte> kernel = stackalloc byte[NetlinkAbi.AddressSize];
        NetlinkAbi.WriteAddress(kernel, groups: 0);
        if (Libc.Connect(socket, kernel) is { } refused)
        {
            throw new NativeSocketException("connect", refused, name);
        }
    }

    private IEnumerable<List<T>> Receive<T>(DiagAnswer answer, string target)
        where T : IDiagRecord<T>
    {
        List<T> records = [];
        DiagProgress progress;
        do
        {
            records.Clear();
            progress = answer.Read(ReceiveDatagram(target), records);
            if (records.Count > 0)
            {
                yield return records;
            }
        }
        while (progress is DiagProgress.More);
        Check(progress, answer, target);
    }

    private static void Check(DiagProgress progress, DiagAnswer answer, string target, string operation = "sock_diag")
    {
        switch (progress)
        {
            case DiagProgress.Failed:
                throw NativeSocketException.FromNumber(operation, answer.Error, target);
            case DiagProgress.Malformed:
                throw new NativeSocketException(operation, Errno.EPROTO, target);
        }
    }

    private ReadOnlySpan<byte> ReceiveDatagram(string target)
    {
        int length;
        try
        {
            length = Libc.ReceiveNetlink(_handle, _buffer, Abi.Current.MsgTrunc, target);
        }
        catch (NativeSocketException late) when (late.Is(Errno.EAGAIN))
        {
            throw new NativeSocketException("sock_diag", Errno.ETIMEDOUT, target);
        }

        return length <= _buffer.Length
            ? _buffer.AsSpan(0, length)
            : throw new NativeSocketException("sock_diag", Errno.EMSGSIZE, target);
    }
}
