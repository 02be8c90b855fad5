using System;
using System.IO;
using System.Net.Sockets;
using NetKeepAlive.Interop;

namespace NetKeepAlive.Options;

/// <summary>
/// What sockets get that nobody sets: on Linux the sysctls <c>net.ipv4.tcp_keepalive_time</c>, <c>_intvl</c> and
/// <c>_probes</c> of tcp(7), which rule IPv6 as well and belong to the network namespace of this process; on macOS
/// <c>net.inet.tcp.keepidle</c>, <c>keepintvl</c> and <c>keepcnt</c>.
/// </summary>
internal static class SystemKeepAlive
{
    /// <summary>Reads the defaults. Keep-alive itself is off unless a program turns it on.</summary>
    internal static TcpKeepAlive Read()
    {
        SystemNumbers numbers = Abi.Current.SystemKeepAlive;
        return new TcpKeepAlive
        {
            Enabled = false,
            IdleTime = TimeSpan.FromTicks(numbers.Read(numbers.IdleTime) * numbers.TicksPerUnit),
            Interval = TimeSpan.FromTicks(numbers.Read(numbers.Interval) * numbers.TicksPerUnit),
            ProbeCount = numbers.Read(numbers.ProbeCount),
            UserTimeout = TimeSpan.Zero,
        };
    }

    /// <summary>Writes the fields that are not null, of idle time, interval and probe count; sockets that exist keep
    /// what they were set to, and those that were set to nothing follow the new values.</summary>
    /// <exception cref="UnauthorizedAccessException">Not root.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A field is out of range.</exception>
    internal static void Write(TcpKeepAlive values)
    {
        values.Check();
        TcpKeepAlive before = Read();
        try
        {
            WriteFields(values);
        }
        catch (UnauthorizedAccessException)
        {
            throw new UnauthorizedAccessException(
                $"The system's keep-alive defaults ({Abi.Current.SystemKeepAlive.IdleTime} and the like) can be changed "
                + "by root only (EACCES).");
        }
        catch (Exception refused) when (refused is IOException or SocketException)
        {
            WriteFields(before);
            throw;
        }
    }

    private static void WriteFields(TcpKeepAlive values)
    {
        SystemNumbers numbers = Abi.Current.SystemKeepAlive;
        Write(numbers, numbers.IdleTime, Units(numbers, values.IdleTime));
        Write(numbers, numbers.Interval, Units(numbers, values.Interval));
        Write(numbers, numbers.ProbeCount, values.ProbeCount);
    }

    private static int? Units(SystemNumbers numbers, TimeSpan? value) =>
        value is { } time ? (int)OptionCodecs.Units(time, numbers.TicksPerUnit) : null;

    private static void Write(SystemNumbers numbers, string name, int? value)
    {
        if (value is { } number)
        {
            numbers.Write(name, number);
        }
    }
}
