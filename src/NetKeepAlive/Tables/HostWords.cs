using System;
using System.Collections.Generic;
using System.Linq;
using System.Net.Sockets;
using System.Threading;
using NetKeepAlive.Addresses;
using NetKeepAlive.Interop;
using NetKeepAlive.Opening;

namespace NetKeepAlive.Tables;

/// <summary>Addresses as people write them when they look for connections.</summary>
internal static class HostWords
{
    /// <summary>Reads an address, a network, a wildcard, or the name of a host, which stands for each of its
    /// addresses.</summary>
    /// <exception cref="FormatException">It is none of them, or nobody knows a host of that name.</exception>
    /// <exception cref="OperationCanceledException">Cancelled while the resolver was asked.</exception>
    internal static IReadOnlyList<AddressPattern> Parse(string text, CancellationToken token)
    {
        if (!CouldBeName(text))
        {
            return [AddressPattern.Parse(text)];
        }

        try
        {
            return HostResolver.All(text, token).Select(AddressPattern.Of).ToList();
        }
        catch (Exception unknown) when (unknown is HostNotFoundException or SocketException)
        {
            Exception reason = unknown.InnerException ?? unknown;
            throw new FormatException(
                $"'{VisibleText.Brief(text)}' is neither an address (10.0.0.1, ::1), nor a network (10.0.0.0/8), nor the "
                + $"name of a host that can be found: {reason.Message}.", unknown);
        }
    }

    // RFC 1123, and what inet_aton would take for an address is no name: its last label is a number.
    private static bool CouldBeName(string text)
    {
        string[] labels = text.TrimEnd('.').Split('.');
        return Array.TrueForAll(labels, static label => label.Length is > 0 and < 64 && label.All(IsOfName))
            && !labels[^1].All(char.IsAsciiDigit)
            && !labels[^1].StartsWith("0x", StringComparison.OrdinalIgnoreCase);
    }

    private static bool IsOfName(char letter) => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_';
}
