using System.Collections.Generic;
using NetKeepAlive.Addresses;

namespace NetKeepAlive.Policies;

/// <summary>A byte for each of the 65,536 ports: is it one of the local ones, of the remote ones?</summary>
internal static class PortMap
{
    internal const int Size = ushort.MaxValue + 1;
    internal const int Local = 1;
    internal const int Remote = 2;

    /// <summary>Marks ports.</summary>
    internal static void Mark(byte[] map, IEnumerable<PortRange> ranges, int bit)
    {
        foreach (PortRange range in ranges)
        {
            for (int port = range.First; port <= range.Last; port++)
            {
                map[port] |= (byte)bit;
            }
        }
    }

    /// <summary>The ports that are marked.</summary>
    internal static IReadOnlyList<PortRange> Marked(byte[] map, int bit)
    {
        List<PortRange> ranges = [];
        for (int port = 0; port < map.Length; port++)
        {
            if ((map[port] & bit) == 0)
            {
                continue;
            }

            int first = port;
            while (port + 1 < map.Length && (map[port + 1] & bit) != 0)
            {
                port++;
            }

            ranges.Add(new PortRange(first, port));
        }

        return ranges;
    }
}
