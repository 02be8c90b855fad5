using System;
using System.IO;
using System.IO.MemoryMappedFiles;
using System.IO.Pipes;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using NetKeepAlive.Holders;
using Xunit;

namespace NetKeepAlive.Tests.Descriptors;

public sealed class DescriptorHolderTests
{
    [Fact]
    public void The_descriptor_is_found_in_whatever_holds_one()
    {
        using TcpPair pair = new();
        using TempFolder folder = new();
        using FileStream file = File.Create(folder["file"]);
        file.SetLength(1);
        using AnonymousPipeServerStream pipe = new();
        using MemoryMappedFile map = MemoryMappedFile.CreateFromFile(
            file, null, 0, MemoryMappedFileAccess.ReadWrite, HandleInheritability.None, leaveOpen: true);
        using UdpClient udp = new();
        Assert.Same(pair.Client.Handle, DescriptorHolder.Find(pair.Client));
        Assert.Same(pair.Listener.Handle, DescriptorHolder.Find(pair.Listener));
        Assert.Same(file.SafeFileHandle, DescriptorHolder.Find(file));
        Assert.Same(file.SafeFileHandle, DescriptorHolder.Find(file.SafeFileHandle));
        Assert.Same(pipe.SafePipeHandle, DescriptorHolder.Find(pipe));
        Assert.Same(map.SafeMemoryMappedFileHandle, DescriptorHolder.Find(map));
        Assert.Same(udp.Client.SafeHandle, DescriptorHolder.Find(udp));
    }

    [Fact]
    public void What_holds_none_or_is_closed_is_told()
    {
        NotASocketException error = Assert.Throws<NotASocketException>(() => DescriptorHolder.Find("a string"));
        Assert.Contains("System.String has no descriptor", error.Message, StringComparison.Ordinal);
        Assert.StartsWith("null", Assert.Throws<NotASocketException>(() => DescriptorHolder.Find(null)).Message);
        TcpPair pair = new();
        SafeHandle handle = pair.Client.Handle;
        pair.Dispose();
        Assert.Throws<ObjectDisposedException>(() => DescriptorHolder.Find(pair.Client));
        Assert.Throws<ObjectDisposedException>(() => DescriptorHolder.Find(handle));
        Assert.Throws<ObjectDisposedException>(() => DescriptorHolder.Find(new SafeSocketHandle()));
    }
}
