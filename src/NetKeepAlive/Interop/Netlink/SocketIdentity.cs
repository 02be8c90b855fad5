using System;
using System.Buffers.Binary;
using System.Net;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace NetKeepAlive.Interop.Netlink;

/// <summary><c>struct inet_diag_sockid</c>: what the kernel knows a socket by. The cookie is never given twice, so a
/// request that carries it cannot hit a later socket with the same addresses.</summary>
[InlineArray(NetlinkAbi.IdSize)]
internal struct SocketIdentity
{
    private byte _first;

    internal readonly int SourcePort => BinaryPrimitives.ReadUInt16BigEndian(Bytes(this)[NetlinkAbi.IdSourcePort..]);

    internal readonly int DestinationPort =>
        BinaryPrimitives.ReadUInt16BigEndian(Bytes(this)[NetlinkAbi.IdDestinationPort..]);

    internal readonly uint Interface => MemoryMarshal.Read<uint>(Bytes(this)[NetlinkAbi.IdInterface..]);

    internal readonly ulong Cookie => MemoryMarshal.Read<ulong>(Bytes(this)[NetlinkAbi.IdCookie..]);

    /// <summary>Reads the structure from at least <see cref="NetlinkAbi.IdSize"/> bytes.</summary>
    internal static SocketIdentity Read(ReadOnlySpan<byte> bytes)
    {
        SocketIdentity identity = default;
        bytes[..NetlinkAbi.IdSize].CopyTo(identity);
        return identity;
    }

    /// <summary>The identity of a socket in hand.</summary>
    /// <param name="local">Its own address.</param>
    /// <param name="remote">Its peer's; null of a listener.</param>
    /// <param name="cookie">Its cookie.</param>
    internal static SocketIdentity Of(IPEndPoint local, IPEndPoint? remote, ulong cookie)
    {
        SocketIdentity identity = default;
        Span<byte> bytes = identity;
        BinaryPrimitives.WriteUInt16BigEndian(bytes[NetlinkAbi.IdSourcePort..], (ushort)local.Port);
        local.Address.TryWriteBytes(bytes[NetlinkAbi.IdSource..], out _);
        if (remote is not null)
        {
            BinaryPrimitives.WriteUInt16BigEndian(bytes[NetlinkAbi.IdDestinationPort..], (ushort)remote.Port);
            remote.Address.TryWriteBytes(bytes[NetlinkAbi.IdDestination..], out _);
        }

        bool hasScope = local.Address.IsIPv6LinkLocal;
        MemoryMarshal.Write(bytes[NetlinkAbi.IdInterface..], hasScope ? (uint)local.Address.ScopeId : 0);
        MemoryMarshal.Write(bytes[NetlinkAbi.IdCookie..], cookie);
        return identity;
    }

    /// <summary>Writes the structure.</summary>
    internal readonly void Write(Span<byte> bytes) => Bytes(this).CopyTo(bytes);

    /// <summary>The bytes of an address in network order: 4 or 16.</summary>
    internal static ReadOnlySpan<byte> Address(in SocketIdentity identity, bool source, bool isIPv6) =>
        Bytes(identity).Slice(source ? NetlinkAbi.IdSource : NetlinkAbi.IdDestination, isIPv6 ? 16 : 4);

    /// <summary>An address as .NET has it, with the interface as its scope where it is link-local.</summary>
    internal static IPAddress ToIPAddress(in SocketIdentity identity, bool source, bool isIPv6)
    {
        IPAddress address = new(Address(identity, source, isIPv6));
        if (isIPv6 && identity.Interface != 0 && address.IsIPv6LinkLocal)
        {
            address.ScopeId = identity.Interface;
        }

        return address;
    }

    private static ReadOnlySpan<byte> Bytes(in SocketIdentity identity) => identity;
}
