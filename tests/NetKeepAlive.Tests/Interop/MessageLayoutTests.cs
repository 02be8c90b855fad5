using System;
using System.Runtime.InteropServices;
using NetKeepAlive.Interop;
using Xunit;

namespace NetKeepAlive.Tests.Interop;

/// <summary>The code that lays messages out, with the platform passed in.</summary>
public sealed class MessageLayoutTests
{
    [Theory]
    [InlineData(Platform.Linux)]
    [InlineData(Platform.Darwin)]
    public unsafe void Headers_are_written_where_the_platform_reads_them(object platform)
    {
        MsgHdrLayout layout = Abi.Of((Platform)platform).MsgHdr;
        byte* header = stackalloc byte[64];
        new Span<byte>(header, 64).Fill(0xee);
        MessageHeader.Write(header, layout, (byte*)0x1111, 110, (byte*)0x2222, 3, (byte*)0x3333, 99);
        Assert.Equal(0x1111, *(nint*)(header + layout.Name));
        Assert.Equal(110, MessageHeader.NameLength(header, layout));
        Assert.Equal(0x2222, *(nint*)(header + layout.Iov));
        Assert.Equal(3, *(int*)(header + layout.IovLength));
        Assert.Equal(0x3333, *(nint*)(header + layout.Control));
        Assert.Equal(99, MessageHeader.ControlLength(header, layout));
        Assert.Equal(0, MessageHeader.Flags(header, layout));
        Assert.Equal(0xee, header[layout.Size]);
    }

    [Theory]
    [InlineData(Platform.Linux, 16, 24)]
    [InlineData(Platform.Darwin, 12, 20)]
    public void Control_messages_are_read_as_they_were_written(object platform, int header, int space)
    {
        Abi abi = Abi.Of((Platform)platform);
        Span<byte> control = stackalloc byte[256];
        int length = ControlMessages.Write(
            control, abi.Cmsg, abi.SolSocket, abi.ScmRights, MemoryMarshal.AsBytes<int>([7, 8]));
        Assert.Equal(space, length);
        length += ControlMessages.Write(control[length..], abi.Cmsg, abi.SolSocket, abi.ScmTimestamp, new byte[16]);
        ControlReader reader = new(control[..length], abi.Cmsg);
        Assert.True(reader.MoveNext());
        Assert.Equal(abi.SolSocket, reader.Level);
        Assert.Equal(abi.ScmRights, reader.Type);
        Assert.Equal([7, 8], MemoryMarshal.Cast<byte, int>(reader.Data).ToArray());
        Assert.Equal(header, abi.Cmsg.Header);
        Assert.True(reader.MoveNext());
        Assert.Equal(abi.ScmTimestamp, reader.Type);
        Assert.Equal(16, reader.Data.Length);
        Assert.False(reader.MoveNext());
    }

    [Fact]
    public void A_control_message_whose_length_is_nonsense_ends_the_reading()
    {
        Abi abi = Abi.Of(Platform.Linux);
        Span<byte> control = stackalloc byte[64];
        foreach (long length in new[] { 0L, 15, 65, long.MaxValue, -1 })
        {
            MemoryMarshal.Write(control, length);
            ControlReader reader = new(control, abi.Cmsg);
            Assert.False(reader.MoveNext());
        }
    }

    // xnu bsd/sys/ucred.h, struct xucred: version, uid, a short count, 16 groups.
    [Fact]
    public void The_credentials_of_a_peer_are_read_from_an_xucred()
    {
        byte[] bytes = new byte[76];
        MemoryMarshal.Write(bytes.AsSpan(4), 501u);
        MemoryMarshal.Write(bytes.AsSpan(8), (short)2);
        MemoryMarshal.Write(bytes.AsSpan(12), 20u);
        Assert.Equal(new PeerCredential(812, 501, 20), NetKeepAlive.Interop.Darwin.PeerCred.Decode(bytes, 812));
    }

    [Fact]
    public void Close_on_exec_can_be_set_through_the_runtime()
    {
        Need.Linux();
        using System.Net.Sockets.SafeSocketHandle socket = Libc.Socket(Abi.Current.AfUnix, Abi.Current.SockDgram);
        RuntimeShim.SetCloseOnExec(socket);
        string flags = System.IO.File.ReadAllText($"/proc/self/fdinfo/{socket.DangerousGetHandle()}");
        Assert.Matches("flags:\\s+0?2[0-7]{6}", flags);
    }
}
