using System;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using NetKeepAlive.Interop;
using NetKeepAlive.Options;

namespace NetKeepAlive;

/// <summary>
/// The keep-alive settings of a TCP socket, as tcp(7) has them. Read from a socket every field has a value; to be
/// applied, a null field means "leave as it is".
/// </summary>
public sealed record TcpKeepAlive
{
    /// <summary><see cref="MaximumTime"/> in seconds.</summary>
    internal const int MaximumSeconds = 32767;

    /// <summary><see cref="MaximumUserTimeout"/> in seconds.</summary>
    internal const double MaximumUserTimeoutSeconds = int.MaxValue / 1000.0;

    /// <summary>The longest idle time and interval: <c>MAX_TCP_KEEPIDLE</c> and <c>MAX_TCP_KEEPINTVL</c> of Linux's
    /// <c>net/tcp.h</c>, 32767 s.</summary>
    public static readonly TimeSpan MaximumTime = TimeSpan.FromSeconds(MaximumSeconds);

    /// <summary>The largest number of probes: <c>MAX_TCP_KEEPCNT</c> of Linux's <c>net/tcp.h</c>.</summary>
    public const int MaximumProbeCount = 127;

    /// <summary>The longest user timeout: 2^31-1 ms, about 24 days 20 hours.</summary>
    public static readonly TimeSpan MaximumUserTimeout = TimeSpan.FromMilliseconds(int.MaxValue);

    /// <summary>The shortest time that <see cref="Within"/> takes, in seconds: one second of idle time and three
    /// intervals of one.</summary>
    internal const int MinimumAimSeconds = AimProbes + 1;

    /// <summary>The longest time that <see cref="Within"/> takes, in seconds: beyond it the idle time would be over
    /// <see cref="MaximumSeconds"/>.</summary>
    internal const int MaximumAimSeconds = 65533;

    private const int AimProbes = 3;

    /// <summary>Are probes sent at all? SO_KEEPALIVE.</summary>
    public bool? Enabled { get; init; }

    /// <summary>How long the connection must be idle before the first probe; whole seconds. TCP_KEEPIDLE; 2 hours
    /// unless the system was told otherwise.</summary>
    public TimeSpan? IdleTime { get; init; }

    /// <summary>The time from one unanswered probe to the next; whole seconds. TCP_KEEPINTVL; 75 s by
    /// default.</summary>
    public TimeSpan? Interval { get; init; }

    /// <summary>How many unanswered probes end the connection. TCP_KEEPCNT; 9 by default on Linux, 8 on
    /// macOS.</summary>
    public int? ProbeCount { get; init; }

    /// <summary>How long sent data may stay unacknowledged; zero leaves it to the system. On Linux it also decides, in
    /// the place of <see cref="ProbeCount"/>, when unanswered probes end the connection. TCP_USER_TIMEOUT in
    /// milliseconds on Linux, TCP_RXT_CONNDROPTIME in whole seconds on macOS. Null also where the socket has none
    /// (MPTCP).</summary>
    public TimeSpan? UserTimeout { get; init; }

    /// <summary>How long a dead peer of an idle connection can go unnoticed; null when keep-alive is off or a value
    /// that it follows from is missing.</summary>
    public TimeSpan? DetectionTime => DetectionTimeOn(CurrentPlatform.Value);

    /// <summary>How long a dead peer can go unnoticed while data that was sent is not acknowledged: the user timeout,
    /// else the time that the system's retransmissions take (tcp_retries2 of tcp(7), on Linux). Keep-alive does not
    /// matter here: no probe is sent while data is in flight. Null where the user timeout is not known, or is zero and the
    /// system does not tell.</summary>
    public TimeSpan? InFlightDetectionTime =>
        UserTimeout is { Ticks: > 0 } limit ? limit : UserTimeout is null ? null : TcpRetransmission.GiveUpTime;

    /// <summary>The settings by which a dead peer is noticed within a time: when idle counted from the last segment that
    /// was heard, in flight from the oldest byte that is not acknowledged. Half of the time or more is idle time, three
    /// probes follow, and the user timeout is the whole.</summary>
    /// <param name="time">The time; whole seconds, what is over them is left out. 4 s to 65,533 s.</param>
    /// <exception cref="ArgumentOutOfRangeException">The time is out of range.</exception>
    public static TcpKeepAlive Within(TimeSpan time)
    {
        double seconds = Math.Floor(time.TotalSeconds);
        if (seconds is < MinimumAimSeconds or > MaximumAimSeconds)
        {
            throw new ArgumentOutOfRangeException(
                nameof(time), time, $"The accepted range is {MinimumAimSeconds} s to {MaximumAimSeconds} s.");
        }

        double interval = Math.Max(1, Math.Floor(seconds / (2 * AimProbes)));
        return new TcpKeepAlive
        {
            Enabled = true,
            IdleTime = TimeSpan.FromSeconds(seconds - (AimProbes * interval)),
            Interval = TimeSpan.FromSeconds(interval),
            ProbeCount = AimProbes,
            UserTimeout = TimeSpan.FromSeconds(seconds),
        };
    }

    /// <summary>The detection time on a platform: the idle time, and from then on one interval after the other until
    /// the probes are used up. Linux's <c>tcp_keepalive_timer</c> with a user timeout asks instead, at each probe after
    /// the first, whether that much time has passed.</summary>
    internal TimeSpan? DetectionTimeOn(Platform platform)
    {
        if (Enabled is not true || IdleTime is not { } idle || Interval is not { Ticks: > 0 } interval)
        {
            return null;
        }

        if (Abi.Of(platform).UserTimeoutEndsProbes && UserTimeout is { Ticks: > 0 } limit)
        {
            long intervals = OptionCodecs.Units(limit - idle, interval.Ticks);
            return idle + (interval * Math.Max(1, intervals));
        }

        return ProbeCount is { } probes ? idle + (interval * probes) : null;
    }

    /// <summary>The settings in words: <c>30 s + 3 x 10 s</c> (idle time, probes, interval), <c>off</c>, or those that are
    /// not null.</summary>
    public override string ToString()
    {
        if (Enabled is false)
        {
            return "off";
        }

        if (IdleTime is { } idle && Interval is { } interval && ProbeCount is { } probes)
        {
            return $"{Duration.Format(idle)} + {probes} x {Duration.FormatSeconds(interval)}";
        }

        string[] named =
        [
            IdleTime is null ? string.Empty : $"idle time {Duration.Format(IdleTime)}",
            Interval is null ? string.Empty : $"interval {Duration.Format(Interval)}",
            ProbeCount is null ? string.Empty : $"probes {ProbeCount}",
            UserTimeout is null ? string.Empty : $"user timeout {Duration.Format(UserTimeout)}",
        ];
        string text = string.Join(", ", Array.FindAll(named, static it => it.Length > 0));
        return text.Length > 0 ? text : Enabled is true ? "on" : "unchanged";
    }

    /// <summary>Reads the settings of a TCP socket.</summary>
    /// <exception cref="NativeSocketException">Not a TCP socket.</exception>
    /// <exception cref="ObjectDisposedException">The socket is closed.</exception>
    public static TcpKeepAlive Read(Socket socket)
    {
        ArgumentNullException.ThrowIfNull(socket);
        return Read(socket.SafeHandle);
    }

    /// <inheritdoc cref="Read(Socket)"/>
    internal static TcpKeepAlive Read(SafeHandle socket)
    {
        using HeldDescriptor descriptor = new(socket);
        return new TcpKeepAlive
        {
            IdleTime = ReadIdleTime(descriptor),
            Enabled = SocketOptions.KeepAlive.Get(descriptor),
            Interval = SocketOptions.KeepAliveInterval.Get(descriptor),
            ProbeCount = SocketOptions.KeepAliveProbeCount.Get(descriptor),
            UserTimeout = ReadUserTimeout(descriptor),
        };
    }

    /// <summary>
    /// Applies the fields that are not null. All are checked before any is applied; where the kernel refuses one, those
    /// already applied are put back. The switch comes last, so that its first probe obeys the new times.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">A field is out of range.</exception>
    /// <exception cref="NativeSocketException">The kernel refused, or it is not a TCP socket; the socket is as it
    /// was.</exception>
    /// <exception cref="ObjectDisposedException">The socket is closed.</exception>
    public void Apply(Socket socket)
    {
        ArgumentNullException.ThrowIfNull(socket);
        Apply(socket.SafeHandle);
    }

    /// <inheritdoc cref="Apply(Socket)"/>
    internal void Apply(SafeHandle socket)
    {
        Check();
        using HeldDescriptor descriptor = new(socket);
        ApplyUnchecked(descriptor, undo: true);
    }

    /// <summary>As <see cref="Apply(SafeHandle)"/>, but on a socket that has no user timeout (MPTCP) the others are
    /// applied without it.</summary>
    /// <returns>Were all applied?</returns>
    internal bool ApplyWhatFits(SafeHandle socket)
    {
        try
        {
            Apply(socket);
            return true;
        }
        catch (NativeSocketException refused)
            when (UserTimeout is not null && IsMissing(refused) && Read(socket).UserTimeout is null)
        {
            (this with { UserTimeout = null }).Apply(socket);
            return false;
        }
    }

    /// <summary>Are all fields in range?</summary>
    /// <exception cref="ArgumentOutOfRangeException">One is not; the message names it and its range.</exception>
    internal void Check()
    {
        CheckRange(nameof(IdleTime), IdleTime, 1, MaximumTime);
        CheckRange(nameof(Interval), Interval, 1, MaximumTime);
        CheckRange(nameof(UserTimeout), UserTimeout, 0, MaximumUserTimeout);
        if (ProbeCount is < 1 or > MaximumProbeCount)
        {
            throw new ArgumentOutOfRangeException(
                nameof(ProbeCount), ProbeCount, $"The accepted range is 1 to {MaximumProbeCount} probes.");
        }
    }

    private void ApplyUnchecked(HeldDescriptor socket, bool undo)
    {
        // Read even when it is not to be changed: a Unix socket has an SO_KEEPALIVE that means nothing, and only the
        // TCP level tells.
        TimeSpan idleBefore = ReadIdleTime(socket);
        TimeSpan? intervalBefore = null;
        int? probesBefore = null;
        TimeSpan? userTimeoutBefore = null;
        try
        {
            if (IdleTime is { } idle)
            {
                SocketOptions.KeepAliveIdleTime.Set(socket, idle);
            }

            if (Interval is { } interval)
            {
                intervalBefore = SocketOptions.KeepAliveInterval.Get(socket);
                SocketOptions.KeepAliveInterval.Set(socket, interval);
            }

            if (ProbeCount is { } probes)
            {
                probesBefore = SocketOptions.KeepAliveProbeCount.Get(socket);
                SocketOptions.KeepAliveProbeCount.Set(socket, probes);
            }

            if (UserTimeout is { } userTimeout)
            {
                userTimeoutBefore = SocketOptions.UserTimeout.Get(socket);
                SocketOptions.UserTimeout.Set(socket, userTimeout);
            }

            if (Enabled is { } enabled)
            {
                SocketOptions.KeepAlive.Set(socket, enabled);
            }
        }
        catch (Exception refused) when (undo && refused is NativeSocketException or PlatformNotSupportedException)
        {
            TcpKeepAlive before = new()
            {
                IdleTime = idleBefore,
                Interval = intervalBefore,
                ProbeCount = probesBefore,
                UserTimeout = userTimeoutBefore,
            };
            before.ApplyUnchecked(socket, undo: false);
            throw;
        }
    }

    private static TimeSpan ReadIdleTime(HeldDescriptor socket)
    {
        try
        {
            return SocketOptions.KeepAliveIdleTime.Get(socket);
        }
        catch (NativeSocketException error) when (IsMissing(error) || error.Is(Errno.EINVAL))
        {
            throw error.WithTarget(error.Target!, "Keep-alive belongs to TCP, and this is not a TCP socket.");
        }
    }

    // An MPTCP socket has the idle settings and no user timeout (measured on Linux 6.18).
    private static TimeSpan? ReadUserTimeout(HeldDescriptor socket)
    {
        try
        {
            return SocketOptions.UserTimeout.Get(socket);
        }
        catch (NativeSocketException error) when (IsMissing(error))
        {
            return null;
        }
    }

    private static bool IsMissing(NativeSocketException error) =>
        error.Is(Errno.EOPNOTSUPP) || error.Is(Errno.ENOPROTOOPT);

    // What is less than a whole second rounds up to one: only zero and less are too short.
    private static void CheckRange(string field, TimeSpan? value, long minimumSeconds, TimeSpan maximum)
    {
        if (value is { } time
            && (time < TimeSpan.Zero || time > maximum
                || OptionCodecs.Units(time, TimeSpan.TicksPerSecond) < minimumSeconds))
        {
            throw new ArgumentOutOfRangeException(
                field, time, $"The accepted range is {minimumSeconds} s to {maximum.TotalSeconds:0.###} s.");
        }
    }
}
