using System;
using System.Linq;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Threading;
using System.Threading.Tasks;
using NetKeepAlive.Addresses;
using NetKeepAlive.Holders;
using NetKeepAlive.Interop;
using NetKeepAlive.Opening;
using NetKeepAlive.Policies;
using NetKeepAlive.Tables;
using Xunit;

namespace NetKeepAlive.Tests.Addresses;

/// <summary>Text that others chose, wherever it is shown: messages and objects in words. As data it stays as it is.</summary>
public sealed class ShownTextTests
{
    private const string Raw = "e\u0007X\bvil\u001b[2J";
    private const string Shown = "e\\x07X\\x08vil\\x1b[2J";

    // Far longer than anybody reads.
    private static readonly string Endless = new('x', 1_000_000);

    [Fact]
    public void The_path_of_a_socket_is_shown_escaped_and_kept_as_it_is()
    {
        using TempFolder folder = new();
        string path = folder[Raw];
        using UnixDatagramSocket receiver = UnixSockets.CreateDatagram(UnixAddress.FromPath(path));
        Assert.Equal(path, receiver.LocalPath);
        Assert.Equal($"unix:{folder[Shown]}", receiver.ToString());
        Assert.Equal(folder[Shown], UnixAddress.FromPath(path).ToString());

        using UnixDatagramSocket sender = UnixSockets.CreateDatagram(UnixAddress.FromPath(folder["s\u0007"]));
        sender.SendTo("x"u8, UnixAddress.FromPath(path), TcpPair.Limit);
        SocketMessage message = receiver.Receive(TcpPair.Limit)!;
        Assert.Equal(folder["s\u0007"], message.RemotePath);
        AssertShown(Assert.Throws<NativeSocketException>(
            () => sender.SendTo("x"u8, UnixAddress.FromPath(folder["no" + Raw]), TcpPair.Limit)));
        AssertShown(Assert.Throws<NativeSocketException>(
            () => UnixSockets.CreateDatagram(UnixAddress.FromPath(path))));
    }

    [Fact]
    public void The_path_of_a_listener_and_of_a_peer_is_shown_escaped()
    {
        using TempFolder folder = new();
        string path = folder[Raw];
        using SocketListener listener = UnixSockets.Listen(SocketType.Stream, UnixAddress.FromPath(path));
        Assert.Equal(path, listener.LocalPath);
        Assert.Equal($"unix:{folder[Shown]}", listener.ToString());
        using NetSocket client = UnixSockets.Connect(SocketType.Stream, UnixAddress.FromPath(path));
        Assert.Equal(path, client.RemotePath);
        Assert.Contains(folder[Shown], client.ToString(), StringComparison.Ordinal);
        AssertShown(Assert.Throws<TimeoutException>(() => client.Receive(TimeSpan.FromMilliseconds(1))));
        AssertShown(Assert.Throws<NativeSocketException>(
            () => UnixSockets.Connect(SocketType.Stream, UnixAddress.FromPath(folder["no" + Raw]))));

        // A socket of .NET has the same name.
        using Socket foreign = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        foreign.Connect(new UnixDomainSocketEndPoint(path));
        Assert.Contains(Shown, SocketDescription.Of(foreign), StringComparison.Ordinal);
        Assert.DoesNotContain(SocketDescription.Of(foreign), char.IsControl);
    }

    [Fact]
    public void An_abstract_name_is_shown_escaped()
    {
        Need.Linux();
        string name = $"{Raw}{Guid.NewGuid():N}";
        using UnixDatagramSocket socket = UnixSockets.CreateDatagram(UnixAddress.FromAbstractName(name));
        Assert.Equal("@" + name, socket.LocalPath);
        Assert.StartsWith($"unix:@{Shown}", socket.ToString(), StringComparison.Ordinal);
        AssertShown(Assert.Throws<NativeSocketException>(
            () => UnixSockets.CreateDatagram(UnixAddress.FromAbstractName(name))));
    }

    [Fact]
    public async Task The_subject_of_a_certificate_is_shown_escaped_and_kept_as_it_is()
    {
        using X509Certificate2 certificate = TestCertificate.Create("localhost", Raw);
        Assert.Contains('\u0007', certificate.Subject);
        using TcpPair pair = new();
        Task server = Task.Run(
            () => pair.Server.Protect(new TlsOptions { ServerCertificate = certificate }, TcpPair.Limit));
        pair.Client.Protect(new TlsOptions { SkipCertificateCheck = true, TargetHost = "localhost" }, TcpPair.Limit);
        await server;
        TlsCertificate peer = pair.Client.Tls!.PeerCertificate!;
        Assert.Equal(certificate.Subject, peer.Subject);
        Assert.Contains(Shown, peer.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain(peer.ToString(), char.IsControl);
    }

    [Theory]
    [InlineData("localhost")]
    [InlineData("other.test")]
    public async Task A_certificate_that_is_refused_is_shown_escaped(string host)
    {
        using X509Certificate2 certificate = TestCertificate.Create("localhost", Raw);
        using TcpPair pair = new();
        Task server = Task.Run(
            () => pair.Server.Protect(new TlsOptions { ServerCertificate = certificate }, TcpPair.Limit));
        AssertShown(Assert.Throws<TlsException>(
            () => pair.Client.Protect(new TlsOptions { TargetHost = host }, TcpPair.Limit)));
        await server.ContinueWith(static _ => { }, TaskScheduler.Default);
    }

    [Fact]
    public void What_was_written_is_repeated_escaped_and_short()
    {
        Func<string, object?>[] readers =
        [
            static text => UnixAddress.FromPath(text + Endless),
            static text => PortRange.Parse(text),
            static text => ServiceNames.ParsePorts(text),
            static text => AddressPrefix.Parse(text),
            static text => AddressPrefix.Parse($"10.0.0.0/{text}"),
            static text => AddressPattern.Parse(text),
            static text => AddressPattern.Parse($"10.0.0.0/{text}"),
            static text => AddressPattern.Parse($"fe80::1%{text}"),
            static text => HostWords.Parse(text, CancellationToken.None),
            static text => TcpStateWords.Parse(text),
            static text => SocketBlockList.Rule.ParseRange(text),
            static text => SocketBlockList.Rule.ParseSubnet(text),
            static text => new PolicyRules { Name = text, Path = "/" },
            static text => new PolicyRules { Name = string.Empty, Path = text + Endless },
            static text => new PolicyRules { Name = string.Empty, Path = "/", Unit = text + Endless },
            static text => throw PolicyErrors.NoSuchPolicy(text),
            static text => throw PolicyErrors.NameTaken(text),
            static text => SocketActivation.Check("1", text, 1),
            static text => SocketActivation.Check(text, "1", 1),
            static text => new TcpConnector { Timeout = TcpPair.Limit }.Connect([text + Endless], 1, CancellationToken.None),
            static text => throw new NativeSocketException("open", Errno.ENOENT, text),
            static text => throw new NativeSocketException("open", Errno.ENOENT, "x").WithTarget(text),
        ];
        foreach ((Func<string, object?> read, int i) in readers.Select(static (it, i) => (it, i)))
        {
            foreach (string text in new[] { Raw, Raw + Endless })
            {
                string message = Message(() => (read(text) as PolicyRules)?.Check());
                Assert.True(message.Contains("e\\x07X", StringComparison.Ordinal), $"{i}: {message[..Math.Min(400, message.Length)]}");
                Assert.DoesNotContain(message, char.IsControl);
                Assert.InRange(message.Length, 1, 1000);
            }
        }
    }

    [Fact]
    public void What_no_kernel_of_ours_says_is_escaped_too()
    {
        Assert.Equal($"Congestion = {Shown}", new SocketOptionValue("Congestion", Raw, 0, 0).ToString());
        Assert.Equal(
            $"open a\\nb: {Errno.ENOENT.Text} (ENOENT). c\\x07d",
            new NativeSocketException("open", Errno.ENOENT, "a\nb", "c\u0007d").Message);
    }

    private static string Message(Action action) => Assert.ThrowsAny<Exception>(action).Message;

    private static void AssertShown(Exception error)
    {
        Assert.Contains("\\x07", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(error.Message, char.IsControl);
    }
}
