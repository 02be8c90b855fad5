using System;
using System.Net;

namespace NetKeepAlive;

/// <summary>
/// IP addresses as inet_pton(3) reads them, and no other way of writing them: four decimal numbers without leading
/// zeros, or the forms of RFC 4291 section 2.2. <see cref="IPAddress"/> takes <c>1</c>, <c>127.000.000.001</c> and
/// <c>[::1]</c> as well, and so sends to places that nobody wrote.
/// </summary>
public static class IPLiteral
{
    /// <summary>Which version of IP a text is an address of.</summary>
    /// <param name="text">The text. An IPv6 address may have a zone (RFC 4007: <c>fe80::1%eth0</c>), which inet_pton
    /// leaves to its caller: letters, digits, <c>.</c>, <c>-</c>, <c>_</c> and <c>:</c>.</param>
    /// <returns>4 or 6; 0 where it is no address.</returns>
    public static int VersionOf(ReadOnlySpan<char> text)
    {
        if (IsVersion4(text))
        {
            return 4;
        }

        int zone = text.IndexOf('%');
        return zone < 0 ? (IsVersion6(text) ? 6 : 0)
            : IsVersion6(text[..zone]) && IsZone(text[(zone + 1)..]) ? 6 : 0;
    }

    /// <summary>Reads an address; false where the text is none.</summary>
    /// <param name="text">The text.</param>
    /// <param name="address">The address. A zone that is no interface of this machine is left out.</param>
    public static bool TryParse(string? text, out IPAddress address)
    {
        address = IPAddress.None;
        if (text is null || VersionOf(text) == 0)
        {
            return false;
        }

        int zone = text.IndexOf('%', StringComparison.Ordinal);
        if (IPAddress.TryParse(text, out IPAddress? parsed)
            || (zone >= 0 && IPAddress.TryParse(text[..zone], out parsed)))
        {
            address = parsed;
            return true;
        }

        return false;
    }

    /// <summary>What is the matter with a link-local address that names no interface; null of others.</summary>
    internal static string? ZoneAdvice(IPAddress address) => address is { IsIPv6LinkLocal: true, ScopeId: 0 }
        ? "A link-local address goes with an interface of this machine, as in fe80::1%eth0."
        : null;

    private static bool IsVersion4(ReadOnlySpan<char> text)
    {
        for (int part = 1; ; part++)
        {
            int dot = part < 4 ? text.IndexOf('.') : text.Length;
            if (dot is < 1 or > 3 || !IsByte(text[..dot]))
            {
                return false;
            }

            if (part == 4)
            {
                return true;
            }

            text = text[(dot + 1)..];
        }
    }

    // A leading zero means octal to some readers and nothing to others: inet_pton takes none.
    private static bool IsByte(ReadOnlySpan<char> text)
    {
        int value = 0;
        foreach (char digit in text)
        {
            if (!char.IsAsciiDigit(digit))
            {
                return false;
            }

            value = (value * 10) + (digit - '0');
        }

        return value <= byte.MaxValue && (text.Length == 1 || text[0] != '0');
    }

    private static bool IsVersion6(ReadOnlySpan<char> text)
    {
        int gap = text.IndexOf("::");
        if (gap < 0)
        {
            return CountGroups(text, mayEndInVersion4: true) == 8;
        }

        // Both sides may be empty, and what is left out is at least one group. A second gap is an empty group.
        ReadOnlySpan<char> left = text[..gap];
        ReadOnlySpan<char> right = text[(gap + 2)..];
        int before = left.IsEmpty ? 0 : CountGroups(left, mayEndInVersion4: false);
        int after = right.IsEmpty ? 0 : CountGroups(right, mayEndInVersion4: true);
        return before >= 0 && after >= 0 && before + after <= 7;
    }

    /// <summary>How many groups of 16 bits a text has; -1 where one of them is none.</summary>
    private static int CountGroups(ReadOnlySpan<char> text, bool mayEndInVersion4)
    {
        for (int groups = 0; ; groups++)
        {
            int colon = text.IndexOf(':');
            if (colon < 0 && mayEndInVersion4 && IsVersion4(text))
            {
                return groups + 2;
            }

            if (!IsGroup(colon < 0 ? text : text[..colon]))
            {
                return -1;
            }

            if (colon < 0)
            {
                return groups + 1;
            }

            text = text[(colon + 1)..];
        }
    }

    private static bool IsGroup(ReadOnlySpan<char> text)
    {
        foreach (char digit in text)
        {
            if (!char.IsAsciiHexDigit(digit))
            {
                return false;
            }
        }

        return text.Length is >= 1 and <= 4;
    }

    private static bool IsZone(ReadOnlySpan<char> text)
    {
        foreach (char letter in text)
        {
            if (!char.IsAsciiLetterOrDigit(letter) && letter is not ('.' or '-' or '_' or ':'))
            {
                return false;
            }
        }

        return !text.IsEmpty;
    }
}
