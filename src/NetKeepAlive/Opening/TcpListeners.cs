using System;
using System.Collections.Generic;
using System.Net;
using System.Net.Sockets;
using NetKeepAlive.Errors;
using NetKeepAlive.Interop;
using NetKeepAlive.Interop.Linux;
using NetKeepAlive.Options;

namespace NetKeepAlive;

/// <summary>Makes TCP listeners.</summary>
public static class TcpListeners
{
    /// <summary>A listener on a port of its own: SO_REUSEADDR, so that a restarted server need not wait for old
    /// connections to be forgotten, and never SO_REUSEPORT, with which a second server would share the port without
    /// a word.</summary>
    /// <param name="address">The address; null is <c>::</c> for both families, or <c>0.0.0.0</c> without IPv6.</param>
    /// <param name="port">The port; 0 lets the kernel choose.</param>
    /// <param name="options">How it listens; null for the defaults.</param>
    /// <exception cref="NativeSocketException"><c>EADDRINUSE</c>, <c>EADDRNOTAVAIL</c>, <c>EACCES</c>.</exception>
    /// <exception cref="ArgumentException"><see cref="TcpListenerOptions.IPv6Only"/> with an IPv4 address.</exception>
    public static SocketListener Listen(IPAddress? address, int port, TcpListenerOptions? options = null)
    {
        options ??= new TcpListenerOptions();
        return Create(address, port, options, SocketListenerKind.Tcp);
    }

    /// <summary>Listeners that share one port (SO_REUSEPORT); other processes of the same user may join.</summary>
    /// <param name="address">The address; null is <c>::</c> for both families, or <c>0.0.0.0</c> without IPv6.</param>
    /// <param name="port">The port; 0 lets the kernel choose one for all.</param>
    /// <param name="count">How many.</param>
    /// <param name="steering">How connections are spread.</param>
    /// <param name="options">How they listen; null for the defaults.</param>
    /// <exception cref="NativeSocketException"><c>EADDRINUSE</c>: somebody has the port who does not share
    /// it.</exception>
    /// <exception cref="ArgumentException"><see cref="TcpListenerOptions.IPv6Only"/> with an IPv4 address.</exception>
    /// <exception cref="PlatformNotSupportedException">Steering on a platform without it.</exception>
    public static IReadOnlyList<SocketListener> ListenReuseport(
        IPAddress? address, int port, int count = 1, ReuseportSteering steering = ReuseportSteering.None,
        TcpListenerOptions? options = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        if (steering is ReuseportSteering.Cpu)
        {
            CurrentPlatform.RequireLinux("Steering by CPU (SO_ATTACH_REUSEPORT_CBPF)");
        }

        options ??= new TcpListenerOptions();
        List<SocketListener> group = new(count);
        try
        {
            for (int i = 0; i < count; i++)
            {
                SocketListener listener = Create(
                    i == 0 ? address : group[0].LocalAddress,
                    i == 0 ? port : group[0].LocalPort!.Value,
                    options,
                    SocketListenerKind.Reuseport);
                group.Add(listener);
            }

            // The program belongs to the group: one is enough, and one more takes its place.
            if (steering is ReuseportSteering.Cpu)
            {
                CpuSteering.Attach(group[0].Handle);
            }

            return group;
        }
        catch
        {
            group.ForEach(static it => it.Dispose());
            throw;
        }
    }

    private static SocketListener Create(
        IPAddress? address, int port, TcpListenerOptions options, SocketListenerKind kind)
    {
        if (options.IPv6Only && address is { AddressFamily: AddressFamily.InterNetwork })
        {
            throw new ArgumentException(
                $"IPv6Only keeps IPv4 connections off an IPv6 address, and {address} is an IPv4 address: "
                + $"{Remedies.NameIPv6Address}.");
        }

        if (address is not null)
        {
            return CreateOn(address, port, options, kind);
        }

        try
        {
            return CreateOn(IPAddress.IPv6Any, port, options, kind);
        }
        catch (NativeSocketException noIPv6) when (!options.IPv6Only
            && (noIPv6.Is(Errno.EAFNOSUPPORT) || noIPv6.Is(Errno.EADDRNOTAVAIL)))
        {
            return CreateOn(IPAddress.Any, port, options, kind);
        }
    }

    private static SocketListener CreateOn(
        IPAddress address, int port, TcpListenerOptions options, SocketListenerKind kind)
    {
        IPEndPoint endPoint = new(address, port);
        string target = endPoint.ToString();
        SafeSocketHandle? handle = null;
        try
        {
            if (port != 0 && Overlooked(address, options.IPv6Only) is { } wildcard)
            {
                Bind(new IPEndPoint(wildcard, port), ipv6Only: true, kind, target).Dispose();
            }

            handle = Bind(endPoint, options.IPv6Only, kind, target);
            options.Accepted.Prepare(handle);
            Libc.Listen(handle, options.Backlog, target);
            return new SocketListener(handle, kind, address.AddressFamily)
            {
                Backlog = options.Backlog,
                MaxConnection = options.MaxConnection,
                Accepted = options.Accepted,
            };
        }
        catch (NativeSocketException refused) when (Advice(refused, endPoint, kind) is { } advice)
        {
            handle?.Dispose();
            throw refused.WithTarget(target, advice);
        }
        catch
        {
            handle?.Dispose();
            throw;
        }
    }

    // Where bind(2) overlooks wildcards, a socket that is bound to one for a moment finds who has the port there.
    private static IPAddress? Overlooked(IPAddress address, bool ipv6Only)
    {
        if (Abi.Current.BindSeesWildcards || address.Equals(IPAddress.Any))
        {
            return null;
        }

        return address.Equals(IPAddress.IPv6Any) ? (ipv6Only ? null : IPAddress.Any)
            : address.AddressFamily is AddressFamily.InterNetworkV6 ? IPAddress.IPv6Any
            : IPAddress.Any;
    }

    private static SafeSocketHandle Bind(IPEndPoint endPoint, bool ipv6Only, SocketListenerKind kind, string target)
    {
        Abi abi = Abi.Current;
        bool isSix = endPoint.AddressFamily is AddressFamily.InterNetworkV6;
        SafeSocketHandle handle = Libc.Socket(isSix ? abi.AfInet6 : abi.AfInet, abi.SockStream);
        try
        {
            SocketOptions.ReuseAddress.Set(handle, true);
            if (kind is SocketListenerKind.Reuseport)
            {
                SocketOptions.ReusePort.Set(handle, true);
            }

            if (isSix)
            {
                SocketOptions.IPv6Only.Set(handle, ipv6Only);
            }

            Span<byte> name = stackalloc byte[SockAddr.MaximumSize];
            Libc.Bind(handle, name[..SockAddr.EncodeIp(endPoint, name, abi)], target);
            return handle;
        }
        catch
        {
            handle.Dispose();
            throw;
        }
    }

    private static string? Advice(NativeSocketException refused, IPEndPoint where, SocketListenerKind kind) =>
        refused.Errno switch
        {
            "EADDRINUSE" when kind is SocketListenerKind.Reuseport =>
                "Somebody has this port who does not share it: another user, or a listener without SO_REUSEPORT.",
            "EADDRINUSE" =>
                $"Somebody has this port: {Remedies.TakeAnotherPort}.",
            "EADDRNOTAVAIL" => "No interface of this machine has this address.",
            "EACCES" when where.Port is > 0 and < 1024 =>
                "A port below 1024 needs root or CAP_NET_BIND_SERVICE (see net.ipv4.ip_unprivileged_port_start).",
            "EINVAL" => IPLiteral.ZoneAdvice(where.Address),
            _ => null,
        };
}
