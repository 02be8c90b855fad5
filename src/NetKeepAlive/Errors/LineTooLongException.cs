using System.IO;

namespace NetKeepAlive;

/// <summary>A line is longer than was allowed. Its beginning stays to be received, and where the next line begins
/// nobody knows: the connection is out of step.</summary>
public sealed class LineTooLongException : IOException
{
    internal LineTooLongException(string target, int maximumLength)
        : base(
            $"receive {target}: a line is longer than the {maximumLength} bytes that are allowed (LineTooLong). The "
            + "connection is out of step: close it, allow more, or receive what is there without looking for lines.")
    {
        MaximumLength = maximumLength;
    }

    /// <summary>How many bytes a line may have.</summary>
    public int MaximumLength { get; }
}
