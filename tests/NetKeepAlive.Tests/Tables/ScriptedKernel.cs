using System;
using System.Linq;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Threading;
using NetKeepAlive.Interop;
using NetKeepAlive.Interop.Netlink;
using NetKeepAlive.Tables;
using NetKeepAlive.Tests.Interop.Netlink;

namespace NetKeepAlive.Tests.Tables;

/// <summary>What the kernel answers to one request for a dump.</summary>
/// <param name="Datagrams">The rows of each datagram, by their cookies.</param>
/// <param name="Interrupted">Which of the datagrams is marked; one beyond the rows is the end mark. Negative:
/// none.</param>
internal sealed record ScriptedDump(ulong[][] Datagrams, int Interrupted = -1);

/// <summary>Answers requests for the IPv4 table by a script, the last of which holds for all that follow, and finds the
/// IPv6 table empty.</summary>
internal sealed class ScriptedKernel : IDisposable
{
    private readonly NetSocket _socket;
    private readonly Thread _thread;
    private readonly ScriptedDump[] _dumps;

    internal ScriptedKernel(params ScriptedDump[] dumps)
    {
        _dumps = dumps;
        (SafeSocketHandle ours, SafeSocketHandle theirs) = Libc.SocketPair(Abi.Current.SockSeqpacket);
        Client = new DiagSocket(ours);
        _socket = NetSocket.FromHandle(theirs);
        _thread = new Thread(Answer) { IsBackground = true };
        _thread.Start();
    }

    /// <summary>The end that asks.</summary>
    internal DiagSocket Client { get; }

    /// <summary>How many dumps of the IPv4 table were asked for.</summary>
    internal int RequestCount { get; private set; }

    public void Dispose()
    {
        Client.Dispose();
        _thread.Join();
        _socket.Dispose();
    }

    private void Answer()
    {
        try
        {
            while (_socket.Receive() is { } request)
            {
                Answer(request.Data);
            }
        }
        catch (NativeSocketException)
        {
            // The other end closed before it had read all.
        }
    }

    private void Answer(byte[] request)
    {
        uint sequence = MemoryMarshal.Read<uint>(request.AsSpan(NetlinkAbi.HeaderSequence));
        ScriptedDump dump = request[NetlinkAbi.HeaderSize] == Abi.Current.AfInet6
            ? new ScriptedDump([])
            : _dumps[Math.Min(RequestCount++, _dumps.Length - 1)];
        byte[][] datagrams = dump.Datagrams
            .Select(cookies => cookies.SelectMany(cookie => NetlinkMessages.Row(sequence, cookie, [])).ToArray())
            .Append(NetlinkMessages.Message(NetlinkAbi.MessageDone, sequence, new byte[sizeof(int)]))
            .ToArray();
        for (int i = 0; i < datagrams.Length; i++)
        {
            _socket.Send(i == dump.Interrupted ? NetlinkMessages.Interrupted(datagrams[i]) : datagrams[i]);
        }
    }
}
