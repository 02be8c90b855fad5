using System;
using System.Diagnostics;
using System.IO;
using System.Net.Sockets;
using NetKeepAlive.Descriptors;
using NetKeepAlive.Holders;
using NetKeepAlive.Interop;
using Xunit;

namespace NetKeepAlive.Tests.Holders;

public sealed class ProcessDescriptorTests
{
    [Fact]
    public void A_socket_of_this_process_is_borrowed_and_stays_open()
    {
        using Connection connection = new();
        int descriptor = (int)connection.Client.Handle;
        using (SocketReference reference = ProcessDescriptor.Open(Environment.ProcessId, descriptor))
        {
            new TcpKeepAlive { Enabled = true, ProbeCount = 5 }.Apply(reference.Handle);
        }

        Assert.Equal(5, TcpKeepAlive.Read(connection.Client).ProbeCount);
        Assert.Equal(1, connection.Client.Send([1]));
    }

    [Fact]
    public void A_socket_of_another_process_is_changed_where_it_is()
    {
        Assert.SkipUnless(CurrentPlatform.Value is Platform.Linux, "Linux only");
        using TcpListenerOnLoopback listener = new();
        const string Script =
            "import socket,sys\ns=socket.create_connection(('127.0.0.1',int(sys.argv[1])))\nprint(s.fileno(),flush=True)\n"
            + "sys.stdin.readline()\nprint(s.getsockopt(6,6),flush=True)";
        using Process python = StartPython(Script, listener.Port);
        int descriptor = int.Parse(python.StandardOutput.ReadLine()!);
        using (SocketReference reference = ProcessDescriptor.Open(python.Id, descriptor))
        {
            new TcpKeepAlive { ProbeCount = 17 }.Apply(reference.Handle);
        }

        python.StandardInput.WriteLine();
        Assert.Equal("17", python.StandardOutput.ReadLine());
        python.WaitForExit();
    }

    [Fact]
    public void A_file_is_not_a_socket()
    {
        using FileStream file = File.OpenRead("/dev/null");
        Assert.Throws<NotASocketException>(
            () => ProcessDescriptor.Open(Environment.ProcessId, (int)file.SafeFileHandle.DangerousGetHandle()));
    }

    [Fact]
    public void A_descriptor_that_is_not_open_and_a_process_that_is_gone_are_told_apart()
    {
        Assert.Equal("EBADF", Assert.Throws<NativeSocketException>(
            () => ProcessDescriptor.Open(Environment.ProcessId, 1_000_000)).Errno);
        Assert.SkipUnless(CurrentPlatform.Value is Platform.Linux, "Linux only");
        using Process gone = Process.Start(new ProcessStartInfo("true"))!;
        gone.WaitForExit();
        Assert.Equal("ESRCH", Assert.Throws<NativeSocketException>(() => ProcessDescriptor.Open(gone.Id, 0)).Errno);
    }

    private static Process StartPython(string script, int port)
    {
        try
        {
            return Process.Start(new ProcessStartInfo("python3", ["-c", script, port.ToString()])
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
            })!;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            Assert.Skip("no python3 on PATH");
            throw;
        }
    }

    private sealed class TcpListenerOnLoopback : IDisposable
    {
        private readonly TcpListener _listener = new(System.Net.IPAddress.Loopback, 0);

        internal TcpListenerOnLoopback() => _listener.Start();

        internal int Port => ((System.Net.IPEndPoint)_listener.LocalEndpoint).Port;

        public void Dispose() => _listener.Stop();
    }
}
