using System;
using System.Linq;
using NetKeepAlive.Interop.Netlink;
using Xunit;

namespace NetKeepAlive.Tests.Interop.Netlink;

/// <summary>Rows of Unix sockets, laid out by hand after linux/unix_diag.h.</summary>
public sealed class UnixRecordTests
{
    // udiag_family, udiag_type, udiag_state, pad, udiag_ino, udiag_cookie
    private static readonly byte[] Row = [1, 5, 10, 0, .. BitConverter.GetBytes(4711u), .. BitConverter.GetBytes(99UL)];

    public UnixRecordTests() => Need.Linux();

    [Fact]
    public void What_the_kernel_tells_is_read()
    {
        byte[] payload =
        [
            .. Row,
            .. Attribute(0, "/s"u8.ToArray()),
            .. Attribute(2, BitConverter.GetBytes(4712u)),
            .. Attribute(3, [.. BitConverter.GetBytes(7u), .. BitConverter.GetBytes(8u)]),
            .. Attribute(4, [.. BitConverter.GetBytes(100u), .. BitConverter.GetBytes(200u)]),
            .. Attribute(7, BitConverter.GetBytes(65534u)),
            .. Attribute(99, [1]),
        ];
        Assert.True(UnixRecord.TryRead(payload, out UnixRecord record));
        Assert.Equal((5, 10, 4711u, 99UL), (record.Type, record.State, record.Inode, record.Cookie));
        Assert.Equal("/s"u8.ToArray(), record.Name);
        Assert.Equal(4712u, record.Peer);
        Assert.Equal([7u, 8u], record.Connecting!);
        Assert.Equal((100u, 200u, 65534u), (record.ReceiveQueue!.Value, record.SendQueue!.Value, record.User!.Value));
    }

    [Fact]
    public void What_it_does_not_tell_is_null()
    {
        Assert.True(UnixRecord.TryRead(Row, out UnixRecord record));
        Assert.Equal((4711u, 0u), (record.Inode, record.Peer));
        Assert.Null(record.Name);
        Assert.Null(record.Connecting);
        Assert.Null(record.ReceiveQueue);
        Assert.Null(record.User);
    }

    [Fact]
    public void Attributes_that_are_too_short_tell_nothing()
    {
        byte[] payload = [.. Row, .. Attribute(2, [1, 2]), .. Attribute(4, BitConverter.GetBytes(1u)), .. Attribute(7, [1])];
        Assert.True(UnixRecord.TryRead(payload, out UnixRecord record));
        Assert.Equal(0u, record.Peer);
        Assert.Null(record.SendQueue);
        Assert.Null(record.User);
    }

    [Fact]
    public void What_is_no_row_of_a_Unix_socket_is_refused()
    {
        Assert.False(UnixRecord.TryRead(Row.AsSpan(0, 15), out _));
        Assert.False(UnixRecord.TryRead([2, .. Row.Skip(1)], out _));
        Assert.False(UnixRecord.TryRead([.. Row, 200, 0, 0, 0], out _));
    }

    // nla_len, nla_type, the value, padded to 4 bytes
    private static byte[] Attribute(ushort type, byte[] value) =>
    [
        .. BitConverter.GetBytes((ushort)(4 + value.Length)),
        .. BitConverter.GetBytes(type),
        .. value,
        .. new byte[-value.Length & 3],
    ];
}
