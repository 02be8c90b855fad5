using System.Net;
using System.Runtime.InteropServices;
using NetKeepAlive.Interop;
using NetKeepAlive.Options;

namespace NetKeepAlive;

/// <summary>What a TCP listener does for the connections that it accepts.</summary>
public sealed record AcceptedSocketSettings
{
    /// <summary>Nothing at all: not even sending ends by itself.</summary>
    internal static readonly AcceptedSocketSettings None = new() { AllowHalfOpen = true };

    /// <summary>Their keep-alive; null leaves the system's.</summary>
    public TcpKeepAlive? KeepAlive { get; init; }

    /// <summary>Send small writes at once (TCP_NODELAY).</summary>
    public bool NoDelay { get; init; }

    /// <summary>May a connection go on sending after its peer has ended its side? If not, sending ends with
    /// it.</summary>
    public bool AllowHalfOpen { get; init; }

    /// <summary>Addresses whose connections are closed at once and reported; null for none.</summary>
    public SocketBlockList? BlockList { get; init; }

    // Linux copies the options of a listening socket into each connection (tcp(7), sk_clone): they are set once and
    // cost nothing at each accept.
    private static bool IsInherited => Abi.Current.ListenerHandsDownOptions;

    /// <summary>Sets on a socket that is about to listen what its connections inherit.</summary>
    internal void Prepare(SafeHandle listening)
    {
        if (IsInherited)
        {
            ApplyOptions(listening);
        }
    }

    /// <summary>Does for a connection that was accepted what its listener did not hand down.</summary>
    internal void Welcome(NetSocket socket)
    {
        if (socket is StreamSocket stream)
        {
            stream.AllowHalfOpen = AllowHalfOpen;
            if (!IsInherited)
            {
                ApplyOptions(stream.Handle);
            }
        }
    }

    /// <summary>Sets the options of a connection, or those that its listener hands down to it.</summary>
    internal void ApplyOptions(SafeHandle socket)
    {
        KeepAlive?.Apply(socket);
        if (NoDelay)
        {
            SocketOptions.NoDelay.Set(socket, true);
        }
    }

    /// <summary>Why a connection from an address is turned away; null where it is welcome. Who cannot be told is not
    /// let past a block list.</summary>
    internal string? Refuses(IPEndPoint? remote) => BlockList switch
    {
        null => null,
        _ when remote is null => "its address is not known, and there is a block list",
        _ => BlockList.Check(remote) ? "the address is on the block list" : null,
    };
}
