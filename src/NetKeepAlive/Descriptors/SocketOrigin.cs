using System.Net.Sockets;
using NetKeepAlive.Addresses;

namespace NetKeepAlive.Descriptors;

/// <summary>What is already known of a socket that is about to be wrapped; null fields are asked of the
/// kernel.</summary>
internal sealed record SocketOrigin
{
    /// <summary>The .NET socket of somebody else who owns it: closing the wrapper leaves it open.</summary>
    internal Socket? Borrowed { get; init; }

    /// <summary>Its own address.</summary>
    internal SocketName? Local { get; init; }

    /// <summary>Its peer's address.</summary>
    internal SocketName? Remote { get; init; }
}
