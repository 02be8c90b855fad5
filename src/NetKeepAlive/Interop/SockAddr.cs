using System;
using System.Buffers.Binary;
using System.Net;
using System.Runtime.InteropServices;

namespace NetKeepAlive.Interop;

/// <summary>
/// Reads and writes <c>struct sockaddr_in</c> and <c>sockaddr_in6</c>. On Linux the first two bytes are the family, on
/// Darwin a length and the family; the rest lies alike: port at 2, then the address at 4 (IPv4) or, after the flow
/// label, at 8 (IPv6) and its scope at 24.
/// </summary>
internal static class SockAddr
{
    /// <summary>Room for any address that a kernel tells. <c>sockaddr_un</c> has 110 bytes at the most on Linux; on Darwin
    /// a program may bind a longer name, whose length is a byte.</summary>
    internal const int MaximumSize = 256;

    /// <summary>The family's number.</summary>
    internal static int Family(ReadOnlySpan<byte> address, Abi abi) =>
        address.Length < 2 ? 0
        : abi.SockAddrUn.HasLengthByte ? address[1]
        : MemoryMarshal.Read<ushort>(address);

    /// <summary>Reads an Internet address; null where it is of another family.</summary>
    internal static IPEndPoint? DecodeIp(ReadOnlySpan<byte> address, Abi abi)
    {
        int family = Family(address, abi);
        if (family == abi.AfInet && address.Length >= 8)
        {
            return new IPEndPoint(new IPAddress(address.Slice(4, 4)), Port(address));
        }

        return family == abi.AfInet6 && address.Length >= 28
            ? new IPEndPoint(
                new IPAddress(address.Slice(8, 16), MemoryMarshal.Read<uint>(address[24..])), Port(address))
            : null;
    }

    /// <summary>Writes an Internet address; returns its length.</summary>
    internal static int EncodeIp(IPEndPoint endPoint, Span<byte> address, Abi abi)
    {
        bool six = endPoint.AddressFamily is System.Net.Sockets.AddressFamily.InterNetworkV6;
        int length = six ? 28 : 16;
        address[..length].Clear();
        WriteFamily(address, six ? abi.AfInet6 : abi.AfInet, length, abi);
        BinaryPrimitives.WriteUInt16BigEndian(address[2..], (ushort)endPoint.Port);
        endPoint.Address.TryWriteBytes(address[(six ? 8 : 4)..], out _);
        if (six)
        {
            MemoryMarshal.Write(address[24..], (uint)endPoint.Address.ScopeId);
        }

        return length;
    }

    /// <summary>Writes the first two bytes.</summary>
    internal static void WriteFamily(Span<byte> address, int family, int length, Abi abi)
    {
        if (abi.SockAddrUn.HasLengthByte)
        {
            address[0] = (byte)length;
            address[1] = (byte)family;
        }
        else
        {
            MemoryMarshal.Write(address, (ushort)family);
        }
    }

    private static int Port(ReadOnlySpan<byte> address) => BinaryPrimitives.ReadUInt16BigEndian(address[2..]);
}
