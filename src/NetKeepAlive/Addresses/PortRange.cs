using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using NetKeepAlive.Interop;

namespace NetKeepAlive.Addresses;

/// <summary>Ports from the first to the last, both included.</summary>
internal readonly record struct PortRange(int First, int Last)
{
    /// <summary>Reads a port (<c>5432</c>) or a range (<c>8000-8099</c>).</summary>
    /// <exception cref="FormatException">It is neither.</exception>
    internal static PortRange Parse(string text)
    {
        string[] ends = text.Split('-', 2, StringSplitOptions.TrimEntries);
        return TryPort(ends[0], out int first) && TryPort(ends[^1], out int last) && first <= last
            ? new PortRange(first, last)
            : throw new FormatException(
                $"'{VisibleText.Brief(text)}' is neither a port (0 to {ushort.MaxValue}) nor a range of ports, smallest "
                + "first (8000-8099).");
    }

    /// <summary>The same ports in as few ranges as there can be, in order.</summary>
    internal static IReadOnlyList<PortRange> Join(IEnumerable<PortRange> ranges)
    {
        List<PortRange> joined = [];
        foreach (PortRange range in ranges.OrderBy(static it => it.First))
        {
            if (joined.Count > 0 && range.First <= joined[^1].Last + 1)
            {
                joined[^1] = new PortRange(joined[^1].First, Math.Max(joined[^1].Last, range.Last));
            }
            else
            {
                joined.Add(range);
            }
        }

        return joined;
    }

    /// <summary>Is the port one of them?</summary>
    internal bool Contains(int port) => port >= First && port <= Last;

    /// <summary>As it is written.</summary>
    public override string ToString() => First == Last
        ? First.ToString(CultureInfo.InvariantCulture)
        : string.Create(CultureInfo.InvariantCulture, $"{First}-{Last}");

    private static bool TryPort(string text, out int port) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out port) && port <= ushort.MaxValue;
}
