using System;
using System.Net;
using NetKeepAlive.Descriptors;
using NetKeepAlive.Holders;
using NetKeepAlive.Probing;
using NetKeepAlive.Tables;
using Xunit;

namespace NetKeepAlive.Tests.Probing;

/// <summary>A socket that was tested has the settings that it had before, whatever happened.</summary>
public sealed class SavedKeepAliveTests
{
    private static readonly TcpKeepAlive Quick = new()
    {
        IdleTime = TimeSpan.FromSeconds(1),
        Interval = TimeSpan.FromSeconds(1),
        ProbeCount = 3,
    };

    public SavedKeepAliveTests() => Need.Linux();

    [Theory]
    [InlineData("tcp_keepalive_time=40000", "IdleTime")]
    [InlineData("tcp_keepalive_intvl=40000", "Interval")]
    [InlineData("tcp_keepalive_probes=200", "ProbeCount")]
    public void A_start_that_could_not_be_undone_is_refused_and_changes_nothing(string sysctl, string field) =>
        NetworkNamespace.Run(() =>
        {
            Assert.Equal(0, NetworkNamespace.Run("sysctl", "-qw net.ipv4." + sysctl));
            using Connection connection = new();
            TcpKeepAlive before = TcpKeepAlive.Read(connection.Client.SafeHandle);
            NativeSocketException refused = Assert.Throws<NativeSocketException>(
                () => KeepAliveTest.Start(WatchedSocket.Of(connection.Client, new SocketTables()), Quick, null));
            Assert.Equal("EINVAL", refused.Errno);
            Assert.Contains(field, refused.Message, StringComparison.Ordinal);
            Assert.Equal(before, TcpKeepAlive.Read(connection.Client.SafeHandle));
        });

    [Fact]
    public void A_start_that_fails_is_undone()
    {
        using Connection connection = new();
        TcpKeepAlive before = TcpKeepAlive.Read(connection.Client.SafeHandle);
        Assert.Throws<InvalidOperationException>(
            () => KeepAliveTest.Start(new Unreadable(connection), Quick, null));
        Assert.Equal(before, TcpKeepAlive.Read(connection.Client.SafeHandle));
    }

    [Fact]
    public void Once_put_back_nothing_is_changed_any_more()
    {
        using Connection connection = new();
        WatchedSocket watched = WatchedSocket.Of(connection.Client, new SocketTables());
        SavedKeepAlive saved = SavedKeepAlive.Of(watched, connection.Client.SafeHandle);
        saved.Dispose();
        Assert.Throws<OperationCanceledException>(() => saved.Change(() => Assert.Fail("changed")));
        saved.Dispose();
        Assert.Null(saved.Failure);
    }

    [Fact]
    public void A_socket_that_is_gone_has_nothing_to_put_back()
    {
        using Connection connection = new();
        SavedKeepAlive saved = SavedKeepAlive.Of(
            WatchedSocket.Of(connection.Client, new SocketTables()), connection.Client.SafeHandle);
        connection.Client.Dispose();
        saved.Dispose();
        Assert.Null(saved.Failure);
    }

    /// <summary>A connection of which nothing can be read after its settings were changed.</summary>
    private sealed class Unreadable(Connection connection) : WatchedSocket
    {
        internal override object Holder => connection;

        internal override ulong? Cookie => null;

        internal override string Description => "unreadable";

        internal override IPEndPoint? Local => null;

        internal override IPEndPoint? Remote => null;

        internal override SocketReference Open() => SocketHolder.Open(connection.Client);

        internal override TcpInfo? ReadInfo()
        {
            Assert.True(TcpKeepAlive.Read(connection.Client.SafeHandle).Enabled);
            throw new InvalidOperationException();
        }

        internal override string DescribeEnd() => "It ended.";
    }
}
