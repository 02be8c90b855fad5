using System;
using System.IO;
using System.Net;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using NetKeepAlive.Interop;
using Xunit;

namespace NetKeepAlive.Tests.Interop;

/// <summary>Addresses survive the way to the kernel's bytes and back, by the layout of both platforms, and no bytes
/// that the kernel could give end otherwise than in an address or none.</summary>
public sealed class SockAddrTests
{
    private static readonly Abi[] Both = [Abi.Of(Platform.Linux), Abi.Of(Platform.Darwin)];

    [Fact]
    public void An_Internet_address_comes_back() => Prop.ForAll<(byte[], int, bool, int)>(given =>
    {
        (byte[] bytes, int port, bool isSix, int scope) = given;
        byte[] address = new byte[isSix ? 16 : 4];
        (bytes ?? []).AsSpan(0, Math.Min(address.Length, bytes?.Length ?? 0)).CopyTo(address);
        IPAddress ip = isSix ? new IPAddress(address, scope & int.MaxValue) : new IPAddress(address);
        IPEndPoint endPoint = new(ip, port & 0xffff);
        return Array.TrueForAll(Both, abi =>
        {
            byte[] room = new byte[SockAddr.MaximumSize];
            int length = SockAddr.EncodeIp(endPoint, room, abi);
            return length == (isSix ? 28 : 16)
                && (!abi.SockAddrUn.HasLengthByte || room[0] == length)
                && endPoint.Equals(SockAddr.DecodeIp(room.AsSpan(0, length), abi))
                && UnixAddress.Decode(room.AsSpan(0, length), abi) is null;
        });
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void A_path_comes_back_or_is_refused_whole() => Prop.ForAll<string>(text =>
        Array.TrueForAll(Both, abi =>
        {
            string path = Pathlike(text);
            byte[] bytes;
            try
            {
                bytes = UnixAddress.EncodePath(path, abi);
            }
            catch (PathTooLongException)
            {
                return Encoding.UTF8.GetByteCount(path) > abi.SockAddrUn.MaximumPathLength;
            }

            UnixAddress? back = UnixAddress.Decode(bytes, abi);
            return bytes.Length <= abi.SockAddrUn.Size
                && bytes[^1] == 0
                && back?.Path == path
                && back.AbstractName is null
                && back.SockAddr.SequenceEqual(bytes)
                && SockAddr.DecodeIp(bytes, abi) is null;
        })).QuickCheckThrowOnFailure();

    [Fact]
    public void An_abstract_name_comes_back_or_is_refused_whole() => Prop.ForAll<string>(text =>
    {
        string name = Pathlike(text);
        byte[] bytes;
        try
        {
            bytes = UnixAddress.EncodeAbstract(name, Both[0]);
        }
        catch (PathTooLongException)
        {
            return Encoding.UTF8.GetByteCount(name) > Both[0].SockAddrUn.MaximumPathLength;
        }

        UnixAddress? back = UnixAddress.Decode(bytes, Both[0]);
        return bytes.Length <= Both[0].SockAddrUn.Size && back?.AbstractName == name && back.Path is null;
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Lengths_around_the_limit_are_right_to_the_byte()
    {
        foreach (Abi abi in Both)
        {
            int most = abi.SockAddrUn.MaximumPathLength;
            Assert.Equal(abi.Platform is Platform.Darwin ? 103 : 107, most);
            Assert.Equal(abi.SockAddrUn.Size, UnixAddress.EncodePath(new string('p', most), abi).Length);
            Assert.Throws<PathTooLongException>(() => UnixAddress.EncodePath(new string('p', most + 1), abi));

            // Bytes count, not characters.
            Assert.Throws<PathTooLongException>(() => UnixAddress.EncodePath(new string('\u00e9', (most / 2) + 1), abi));
        }

        Assert.Throws<ArgumentException>(() => UnixAddress.EncodePath("a\0b", Both[0]));
        Assert.Throws<PlatformNotSupportedException>(() => UnixAddress.EncodeAbstract("a", Both[1]));
    }

    [Fact]
    public void Any_bytes_at_all_are_an_address_or_none()
    {
        Random random = new(12);
        int[] families = [0, 1, 2, 10, 30];
        int addresses = 0;
        for (int i = 0; i < 300_000; i++)
        {
            Abi abi = Both[i % 2];
            byte[] bytes = new byte[random.Next(0, SockAddr.MaximumSize + 1)];
            random.NextBytes(bytes);
            if (bytes.Length >= 2 && i % 5 > 0)
            {
                SockAddr.WriteFamily(bytes, families[random.Next(families.Length)], random.Next(256), abi);
            }

            IPEndPoint? ip = SockAddr.DecodeIp(bytes, abi);
            UnixAddress? unix = UnixAddress.Decode(bytes, abi);
            Assert.False(ip is not null && unix is not null);
            Assert.True(unix is null || (unix.Path is null) != (unix.AbstractName is null));
            Assert.NotNull(unix?.ToString() ?? ip?.ToString() ?? string.Empty);
            addresses += ip is null && unix is null ? 0 : 1;
        }

        Assert.True(addresses > 50_000, $"{addresses} addresses");
    }

    private static string Pathlike(string? text)
    {
        // Lone surrogates have no bytes of their own: they are no names either.
        string plain = Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text ?? string.Empty)).Replace("\0", "0", StringComparison.Ordinal);
        return "/" + plain;
    }
}
