using System;
using System.Globalization;
using System.IO;
using NetKeepAlive.Interop;

namespace NetKeepAlive.Options;

/// <summary>
/// What sockets get that nobody sets: the sysctls <c>net.ipv4.tcp_keepalive_time</c>, <c>_intvl</c> and <c>_probes</c>
/// of tcp(7), which rule IPv6 as well. The values belong to the network namespace of this process.
/// </summary>
internal static class SystemKeepAlive
{
    private const string Folder = "/proc/sys/net/ipv4/tcp_keepalive_";

    /// <summary>Reads the defaults. Keep-alive itself is off unless a program turns it on.</summary>
    /// <exception cref="PlatformNotSupportedException">Not Linux.</exception>
    internal static TcpKeepAlive Read()
    {
        CurrentPlatform.RequireLinux("The system's keep-alive defaults");
        return new TcpKeepAlive
        {
            Enabled = false,
            IdleTime = TimeSpan.FromSeconds(ReadNumber("time")),
            Interval = TimeSpan.FromSeconds(ReadNumber("intvl")),
            ProbeCount = ReadNumber("probes"),
            UserTimeout = TimeSpan.Zero,
        };
    }

    /// <summary>Writes the fields that are not null, of idle time, interval and probe count; sockets that exist keep
    /// what they were set to, and those that were set to nothing follow the new values.</summary>
    /// <exception cref="UnauthorizedAccessException">Not root.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A field is out of range.</exception>
    internal static void Write(TcpKeepAlive values)
    {
        CurrentPlatform.RequireLinux("The system's keep-alive defaults");
        values.Check();
        TcpKeepAlive before = Read();
        try
        {
            WriteFields(values);
        }
        catch (UnauthorizedAccessException)
        {
            throw new UnauthorizedAccessException(
                $"The system's keep-alive defaults ({Folder}*) can be changed by root only (EACCES).");
        }
        catch (IOException)
        {
            WriteFields(before);
            throw;
        }
    }

    private static void WriteFields(TcpKeepAlive values)
    {
        WriteNumber("time", Seconds(values.IdleTime));
        WriteNumber("intvl", Seconds(values.Interval));
        WriteNumber("probes", values.ProbeCount);
    }

    private static long? Seconds(TimeSpan? value) =>
        value is { } time ? OptionCodecs.Units(time, TimeSpan.TicksPerSecond) : null;

    private static int ReadNumber(string name) =>
        int.Parse(File.ReadAllText(Folder + name), CultureInfo.InvariantCulture);

    private static void WriteNumber(string name, long? value)
    {
        if (value is { } number)
        {
            File.WriteAllText(Folder + name, number.ToString(CultureInfo.InvariantCulture));
        }
    }
}
