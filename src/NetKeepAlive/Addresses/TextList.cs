using System.Collections.Generic;
using System.Collections.ObjectModel;

namespace NetKeepAlive.Addresses;

/// <summary>A list that users see: one text where it has to be, in a cell of a CSV file, and with an indexer, which the lists
/// that the compiler makes of collection expressions have not for PowerShell.</summary>
/// <typeparam name="T">What is in it.</typeparam>
internal sealed class TextList<T>(IList<T> items) : ReadOnlyCollection<T>(items)
{
    /// <summary>One without items.</summary>
    internal static readonly TextList<T> None = new([]);

    /// <summary>The items with commas between them; nothing where there are none.</summary>
    public override string ToString() => string.Join(", ", this);
}
