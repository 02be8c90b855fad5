using System;
using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Threading.Tasks;
using Xunit;

namespace NetKeepAlive.Tests;

/// <summary>Another process: a Python program that gets descriptors, and says with lines what it does. Skips the test where
/// there is no python3.</summary>
internal sealed class PythonPeer : IDisposable
{
    private const string Before = """
        import array, os, select, socket, sys
        def take(path):
            s = socket.socket(socket.AF_UNIX)
            s.connect(path)
            _, parts, _, _ = s.recvmsg(1, socket.CMSG_SPACE(4))
            return socket.socket(fileno=array.array("i", parts[0][2])[0])
        def say(*words):
            print(*words, flush=True)

        """;

    private readonly TempFolder _folder = new();
    private readonly SocketListener _control;
    private readonly Process _process;

    internal PythonPeer(string program, params string[] arguments)
    {
        _control = UnixSockets.Listen(System.Net.Sockets.SocketType.Stream, _folder.Address("control"));
        ProcessStartInfo start = new("python3", ["-c", Before + program, _folder["control"], .. arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        try
        {
            _process = Process.Start(start)!;
        }
        catch (Win32Exception)
        {
            _control.Dispose();
            _folder.Dispose();
            Assert.Skip("not installed: python3");
            throw;
        }
    }

    /// <summary>Gives it a descriptor, for which it calls take(sys.argv[1]).</summary>
    internal void Give(SafeHandle handle)
    {
        using NetSocket socket = _control.Accept(TcpPair.Limit);
        socket.SendHandles([handle], "x"u8, timeout: TcpPair.Limit);
        Assert.Equal("taken", ReadLine());
    }

    /// <summary>The next line that it says.</summary>
    internal string? ReadLine() => ReadLineAsync().GetAwaiter().GetResult();

    internal Task<string?> ReadLineAsync() => _process.StandardOutput.ReadLineAsync().WaitAsync(TcpPair.Limit);

    /// <summary>Tells it a line.</summary>
    internal void WriteLine(string line) => _process.StandardInput.WriteLine(line);

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
        }

        _process.WaitForExit();
        _process.Dispose();
        _control.Dispose();
        _folder.Dispose();
    }
}
