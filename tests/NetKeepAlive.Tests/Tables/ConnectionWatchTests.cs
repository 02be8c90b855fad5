using System;
using System.Collections.Generic;
using NetKeepAlive.Interop.Netlink;
using NetKeepAlive.Tables;
using NetKeepAlive.Tests.Interop.Netlink;
using Xunit;

namespace NetKeepAlive.Tests.Tables;

/// <summary>What a watch makes of two looks at one connection.</summary>
public sealed class ConnectionWatchTests
{
    private static readonly TcpKeepAlive Settings = new() { Enabled = true, IdleTime = TimeSpan.FromSeconds(77) };

    public ConnectionWatchTests() => Need.Linux();

    // The kernel's list is read before the processes are: one closed between the two has no owner any more.
    [Fact]
    public void What_can_not_be_seen_any_more_is_no_change()
    {
        TcpConnection before = Row(owner: 4711, Settings);
        TcpConnection now = Row(owner: null, keepAlive: null);
        Assert.Null(ConnectionWatch.Compare(before, now));
        AssertKnown(now);
    }

    [Fact]
    public void A_state_that_changes_is_told_with_the_owner_and_the_settings_that_were_known()
    {
        TcpConnection before = Row(owner: 4711, Settings);
        TcpConnectionChange? change = ConnectionWatch.Compare(
            before, Row(owner: null, keepAlive: null, NetlinkAbi.StateFinWait1));
        Assert.NotNull(change);
        Assert.Equal(TcpChange.Changed, change.Change);
        Assert.Equal(TcpConnectionState.FinWait1, change.Connection.State);
        AssertKnown(change.Connection);
        AssertKnown(change.Connection.Ended(Record(NetlinkAbi.StateClose)));
    }

    [Fact]
    public void Another_owner_is_told()
    {
        TcpConnectionChange? change = ConnectionWatch.Compare(Row(owner: 4711, Settings), Row(owner: 4712, Settings));
        Assert.NotNull(change);
        Assert.Equal(4711, change.Previous?.OwningProcess);
        Assert.Equal(4712, change.Connection.OwningProcess);
        Assert.Equal("name of 4712", change.Connection.OwningProcessName);
    }

    [Fact]
    public void An_owner_that_comes_to_be_known_and_other_settings_are_told()
    {
        Assert.Equal(
            4711, ConnectionWatch.Compare(Row(owner: null, Settings), Row(owner: 4711, Settings))?.Connection.OwningProcess);
        TcpKeepAlive other = Settings with { Enabled = false };
        Assert.Equal(other, ConnectionWatch.Compare(Row(owner: 4711, Settings), Row(owner: 4711, other))?.Connection.KeepAlive);
    }

    private static void AssertKnown(TcpConnection row)
    {
        Assert.Equal(4711, row.OwningProcess);
        Assert.Equal("name of 4711", row.OwningProcessName);
        Assert.Equal(5, row.FileDescriptor);
        Assert.Equal(Settings, row.KeepAlive);
    }

    private static TcpConnection Row(int? owner, TcpKeepAlive? keepAlive, byte state = NetlinkAbi.StateEstablished)
    {
        TcpConnection row = new(Record(state)) { KeepAlive = keepAlive };
        if (owner is { } process)
        {
            row.SetOwner(new SocketOwner(process, 5), $"name of {process}");
        }

        return row;
    }

    private static DiagRecord Record(byte state)
    {
        byte[] message = NetlinkMessages.Row(sequence: 1, cookie: 1, []);
        message[NetlinkAbi.HeaderSize + NetlinkAbi.RecordState] = state;
        List<DiagRecord> records = [];
        _ = new DiagAnswer(1).Read(message, records);
        return records[0];
    }
}
