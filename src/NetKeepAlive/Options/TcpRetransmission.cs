using System;
using System.Globalization;
using System.IO;
using System.Numerics;
using NetKeepAlive.Interop;

namespace NetKeepAlive.Options;

/// <summary>When TCP gives up on data that nobody acknowledges, for a connection without a user timeout: tcp(7),
/// <c>tcp_retries2</c>. The values belong to the network namespace of this process.</summary>
internal static class TcpRetransmission
{
    /// <summary>The first retransmission comes no earlier than this: <c>TCP_RTO_MIN</c> of Linux's
    /// <c>net/tcp.h</c>.</summary>
    private static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(200);

    private const int DefaultRetries = 15;
    private const int DefaultLongestMilliseconds = 120_000;

    /// <summary>How long unacknowledged data keeps a connection alive on this system; null where the system does not
    /// tell (macOS).</summary>
    internal static TimeSpan? GiveUpTime => Abi.Current.TellsRetries
        ? Model(
            Read("tcp_retries2") ?? DefaultRetries,
            TimeSpan.FromMilliseconds(Read("tcp_rto_max_ms") ?? DefaultLongestMilliseconds))
        : null;

    /// <summary>The time that a number of retries takes, each wait twice the one before up to the longest: Linux's
    /// <c>tcp_model_timeout</c>. It is the least that the kernel allows; a slow path takes longer.</summary>
    internal static TimeSpan Model(int retries, TimeSpan longest)
    {
        int doublings = BitOperations.Log2((uint)Math.Max(1, longest / Shortest));
        return retries <= doublings
            ? Shortest * ((2L << retries) - 1)
            : (Shortest * ((2L << doublings) - 1)) + (longest * (retries - doublings));
    }

    private static int? Read(string name)
    {
        try
        {
            return int.Parse(File.ReadAllText("/proc/sys/net/ipv4/" + name), CultureInfo.InvariantCulture);
        }
        catch (Exception missing) when (missing is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
