using System.Collections.Generic;
using System.Collections.ObjectModel;

namespace NetKeepAlive.Addresses;

/// <summary>A list that is whole where it has to be one text: in a cell of a CSV file.</summary>
/// <typeparam name="T">What is in it.</typeparam>
internal sealed class TextList<T>(IList<T> items) : ReadOnlyCollection<T>(items)
{
    /// <summary>One without items.</summary>
    internal static readonly TextList<T> None = new([]);

    /// <summary>The items with commas between them; nothing where there are none.</summary>
    public override string ToString() => string.Join(", ", this);
}
