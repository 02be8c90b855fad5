using System;
using System.Collections.Generic;
using System.Linq;
using System.Runtime.InteropServices;
using System.Threading;
using NetKeepAlive.Interop.Netlink;
using NetKeepAlive.Tables;
using NetKeepAlive.Tests.Interop.Netlink;
using Xunit;

namespace NetKeepAlive.Tests.Tables;

// The listings of the others find thousands without an owner.
[Collection(nameof(SteadyStates))]
public sealed class OwnerLookupTests
{
    private const int Rows = 2000;

    public OwnerLookupTests() => Need.Linux();

    // What a listing finds nobody for is remembered, so that the next need not look again: no more than the last one saw.
    [Fact]
    public void What_has_no_owner_is_remembered_for_one_listing_and_no_longer()
    {
        for (int listing = 0; listing < 4; listing++)
        {
            // Sockets that were closed meanwhile: other ones each time, and no process has them.
            TcpConnection[] rows = [.. Enumerable.Range(1, Rows).Select(i => Row((ulong)((listing * Rows) + i)))];
            Assert.Equal(Rows, OwnerLookup.Of(rows, CancellationToken.None).Count());
            Assert.All(rows, static row => Assert.Null(row.OwningProcess));
            Assert.InRange(OwnerLookup.OwnerlessCount, 0, Rows);
        }
    }

    private static TcpConnection Row(ulong cookie)
    {
        byte[] message = NetlinkMessages.Row(sequence: 1, cookie, []);
        MemoryMarshal.Write(message.AsSpan(NetlinkAbi.HeaderSize + NetlinkAbi.RecordInode), uint.MaxValue - (uint)cookie);
        List<DiagRecord> records = [];
        _ = new DiagAnswer(1).Read(message, records);
        return new TcpConnection(records[0]);
    }
}
