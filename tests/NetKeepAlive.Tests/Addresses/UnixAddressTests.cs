using System;
using System.IO;
using System.Text;
using NetKeepAlive.Interop;
using Xunit;

namespace NetKeepAlive.Tests.Addresses;

public sealed class UnixAddressTests
{
    private static readonly Abi Linux = Abi.Of(Platform.Linux);
    private static readonly Abi Darwin = Abi.Of(Platform.Darwin);

    // Linux sys/un.h: a 2-byte family, 108 bytes of path; xnu bsd/sys/un.h: length, family, 104 bytes of path.
    [Fact]
    public void Paths_are_laid_out_as_each_platform_has_them()
    {
        Assert.Equal([1, 0, (byte)'/', (byte)'a', 0], UnixAddress.EncodePath("/a", Linux));
        Assert.Equal([5, 1, (byte)'/', (byte)'a', 0], UnixAddress.EncodePath("/a", Darwin));
    }

    [Fact]
    public void The_longest_path_has_107_bytes_on_Linux_and_103_on_macOS()
    {
        Assert.Equal(110, UnixAddress.EncodePath(new string('x', 107), Linux).Length);
        Assert.Equal(106, UnixAddress.EncodePath(new string('x', 103), Darwin).Length);
        Assert.Contains("107", Assert.Throws<PathTooLongException>(
            () => UnixAddress.EncodePath(new string('x', 108), Linux)).Message);
        Assert.Contains("103", Assert.Throws<PathTooLongException>(
            () => UnixAddress.EncodePath(new string('x', 104), Darwin)).Message);
        Assert.EndsWith("has 108. Use a shorter path.", Assert.Throws<PathTooLongException>(
            () => UnixAddress.EncodePath(new string('\u00e9', 54), Linux)).Message);
        Assert.StartsWith("A path holds no zero character.", Assert.Throws<ArgumentException>(
            () => UnixAddress.EncodePath("a\0b", Linux)).Message);
    }

    [Fact]
    public void Abstract_names_are_Linux_alone()
    {
        byte[] encoded = UnixAddress.EncodeAbstract("name", Linux);
        Assert.Equal([1, 0, 0, .. "name"u8], encoded);
        Assert.Equal("@name", UnixAddress.Decode(encoded, Linux)!.ToString());
        Assert.Throws<PlatformNotSupportedException>(() => UnixAddress.EncodeAbstract("name", Darwin));
        Assert.Equal(110, UnixAddress.EncodeAbstract(new string('x', 107), Linux).Length);
        Assert.EndsWith("has 108. Use a shorter name.", Assert.Throws<PathTooLongException>(
            () => UnixAddress.EncodeAbstract(new string('x', 108), Linux)).Message);
        Assert.Null(UnixAddress.Decode(new byte[] { 1, 0, 0 }, Linux));
    }

    [Fact]
    public void Seqpacket_and_credentials_are_Linux_alone()
    {
        Abi.Of(Platform.Linux).RequireSeqpacket();
        Assert.Contains("macOS", Assert.Throws<PlatformNotSupportedException>(
            () => Abi.Of(Platform.Darwin).RequireSeqpacket()).Message);
        Assert.Throws<PlatformNotSupportedException>(() => Abi.Of(Platform.Darwin).RequireMessageCredentials());
    }

    [Fact]
    public void What_the_kernel_writes_is_read_back()
    {
        foreach (Abi abi in new[] { Linux, Darwin })
        {
            UnixAddress path = UnixAddress.Decode(UnixAddress.EncodePath("/tmp/x y", abi), abi)!;
            Assert.Equal(("/tmp/x y", "/tmp/x y"), (path.Path, path.ToString()));
            Assert.Null(UnixAddress.Decode(default, abi));
            Assert.Null(UnixAddress.Decode(new byte[] { 1, 0 }, abi));
        }

        // The longest has no zero at its end where its sender gave it none.
        Assert.Equal("/ab", UnixAddress.Decode(new byte[] { 1, 0, (byte)'/', (byte)'a', (byte)'b' }, Linux)!.Path);

        // Darwin gives an unnamed peer 16 bytes of which all but the first two are zero.
        Assert.Null(UnixAddress.Decode(new byte[] { 16, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0 }, Darwin));
    }

    [Fact]
    public void Names_that_are_not_UTF_8_can_still_be_answered()
    {
        byte[] raw = [1, 0, (byte)'/', 0xff, 0];
        UnixAddress address = UnixAddress.Decode(raw, Linux)!;
        Assert.Equal(raw, address.SockAddr.ToArray());
        Assert.Equal(Encoding.UTF8.GetString([0x2f, 0xff]), address.Path);
    }
}
