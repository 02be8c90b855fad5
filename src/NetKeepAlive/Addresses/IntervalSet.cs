using System.Collections.Generic;
using System.Numerics;
using System.Threading;

namespace NetKeepAlive.Addresses;

/// <summary>
/// A set of numbers, kept as intervals. Intervals live in a few sorted arrays, each at least twice as long as the next
/// (Bentley and Saxe's logarithmic method): to add one costs logarithmic time in the long run, to ask one binary search
/// in each array, and a set that was filled at once is one array.
/// </summary>
/// <remarks>Readers take no lock: the arrays never change once they are published.</remarks>
internal sealed class IntervalSet<T>
    where T : struct, IBinaryInteger<T>, IMinMaxValue<T>
{
    private readonly object _writing = new();
    private Interval[][] _levels = [];

    /// <summary>Adds all numbers of many intervals, each from its first to its last, both included; in any
    /// order.</summary>
    internal void Add(IEnumerable<(T First, T Last)> intervals)
    {
        List<Interval> added = [];
        foreach ((T first, T last) in intervals)
        {
            added.Add(new Interval(first, last));
        }

        if (added.Count > 0)
        {
            added.Sort(static (a, b) => a.First.CompareTo(b.First));
            Add(Joined(added));
        }
    }

    /// <summary>Is a number in the set?</summary>
    internal bool Contains(T value)
    {
        foreach (Interval[] level in Volatile.Read(ref _levels))
        {
            int at = LastStartingUpTo(level, value);
            if (at >= 0 && value <= level[at].Last)
            {
                return true;
            }
        }

        return false;
    }

    private void Add(Interval[] level)
    {
        lock (_writing)
        {
            List<Interval[]> levels = [.. _levels];
            while (levels.Count > 0 && levels[^1].Length < 2 * level.Length)
            {
                level = Merge(levels[^1], level);
                levels.RemoveAt(levels.Count - 1);
            }

            levels.Add(level);
            Volatile.Write(ref _levels, [.. levels]);
        }
    }

    private static Interval[] Merge(Interval[] a, Interval[] b)
    {
        List<Interval> sorted = new(a.Length + b.Length);
        int i = 0;
        int j = 0;
        while (i < a.Length || j < b.Length)
        {
            bool fromA = j == b.Length || (i < a.Length && a[i].First <= b[j].First);
            sorted.Add(fromA ? a[i++] : b[j++]);
        }

        return Joined(sorted);
    }

    /// <summary>Sorted intervals with those that overlap or touch made one.</summary>
    private static Interval[] Joined(List<Interval> sorted)
    {
        int count = 1;
        for (int i = 1; i < sorted.Count; i++)
        {
            Interval last = sorted[count - 1];
            if (last.Last == T.MaxValue || sorted[i].First <= last.Last + T.One)
            {
                sorted[count - 1] = last with { Last = T.Max(last.Last, sorted[i].Last) };
            }
            else
            {
                sorted[count++] = sorted[i];
            }
        }

        return [.. sorted.GetRange(0, count)];
    }

    private static int LastStartingUpTo(Interval[] level, T value)
    {
        int low = 0;
        int high = level.Length - 1;
        while (low <= high)
        {
            int middle = (int)(((uint)low + (uint)high) / 2);
            if (level[middle].First <= value)
            {
                low = middle + 1;
            }
            else
            {
                high = middle - 1;
            }
        }

        return high;
    }

    private readonly record struct Interval(T First, T Last);
}
