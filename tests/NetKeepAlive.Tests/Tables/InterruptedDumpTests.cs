using System.Collections.Generic;
using System.Linq;
using NetKeepAlive.Interop;
using NetKeepAlive.Interop.Netlink;
using NetKeepAlive.Tables;
using Xunit;

namespace NetKeepAlive.Tests.Tables;

/// <summary>A dump that the kernel marks as interrupted is read again, and no row comes twice or is lost. Linux so far
/// marks none of TCP sockets, so a script stands in for it.</summary>
public sealed class InterruptedDumpTests
{
    public InterruptedDumpTests() => Assert.SkipUnless(CurrentPlatform.Value is Platform.Linux, "Linux only");

    [Fact]
    public void A_dump_without_the_mark_is_read_once()
    {
        using ScriptedKernel kernel = new(new ScriptedDump([[1, 2], [3]]));
        Assert.Equal([1ul, 2, 3], Read(kernel));
        Assert.Equal(1, kernel.RequestCount);
    }

    // The first datagram, the second, or the mark at the end.
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void What_an_interrupted_dump_missed_comes_from_the_next_and_the_rest_only_once(int mark)
    {
        using ScriptedKernel kernel = new(
            new ScriptedDump([[1, 2], [4]], mark),
            new ScriptedDump([[2, 3], [4, 5]]));
        // 1 is gone by the second dump, but it was there.
        Assert.Equal([1ul, 2, 4, 3, 5], Read(kernel));
        Assert.Equal(2, kernel.RequestCount);
    }

    [Fact]
    public void Rows_go_out_before_the_repeat_is_asked_for()
    {
        using ScriptedKernel kernel = new(new ScriptedDump([[1]], Interrupted: 0), new ScriptedDump([[2]]));
        using IEnumerator<List<DiagRecord>> batches = Batches(kernel).GetEnumerator();
        Assert.True(batches.MoveNext());
        Assert.Equal(1ul, Assert.Single(batches.Current).Cookie);
        Assert.Equal(1, kernel.RequestCount);
    }

    [Fact]
    public void A_table_that_never_holds_still_is_given_as_far_as_it_was_seen()
    {
        using ScriptedKernel kernel = new(
            new ScriptedDump([[1]], Interrupted: 0),
            new ScriptedDump([[2]], Interrupted: 0),
            new ScriptedDump([[3]], Interrupted: 0),
            new ScriptedDump([[4]], Interrupted: 0),
            new ScriptedDump([[5, 1]], Interrupted: 0),
            new ScriptedDump([[6]], Interrupted: 0));
        Assert.Equal([1ul, 2, 3, 4, 5], Read(kernel));
        Assert.Equal(5, kernel.RequestCount);
    }

    [Fact]
    public void A_row_that_two_datagrams_hold_comes_once()
    {
        using ScriptedKernel kernel = new(new ScriptedDump([[1, 2], [2, 3]]));
        Assert.Equal([1ul, 2, 3], Read(kernel));
    }

    private static IEnumerable<List<DiagRecord>> Batches(ScriptedKernel kernel) =>
        TcpConnectionTable.ReadBatches(kernel.Client, new TcpConnectionFilter(), default);

    private static ulong[] Read(ScriptedKernel kernel) =>
        Batches(kernel).SelectMany(batch => batch).Select(record => record.Cookie).ToArray();
}
