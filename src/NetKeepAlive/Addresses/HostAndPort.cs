using System;

namespace NetKeepAlive.Addresses;

/// <summary>A host with its port in one word, as people write it: <c>host:port</c>, <c>[::1]:80</c>.</summary>
internal static class HostAndPort
{
    /// <summary>Takes a word apart.</summary>
    /// <param name="text">The word.</param>
    /// <returns>The host, and the port as it was written; null where there is none.</returns>
    internal static (string Host, string? Port) Split(string text)
    {
        if (text.StartsWith('[') && text.IndexOf(']', StringComparison.Ordinal) is > 1 and int end)
        {
            string rest = text[(end + 1)..];
            return rest.Length == 0 ? (text[1..end], null)
                : rest.StartsWith(':') ? (text[1..end], rest[1..])
                : (text, null);
        }

        // An IPv6 address without brackets has more than one colon, and no port.
        int colon = text.IndexOf(':', StringComparison.Ordinal);
        return colon > 0 && colon == text.LastIndexOf(':') ? (text[..colon], text[(colon + 1)..]) : (text, null);
    }
}
