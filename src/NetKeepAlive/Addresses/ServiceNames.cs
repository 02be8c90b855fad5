using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using NetKeepAlive.Interop;

namespace NetKeepAlive.Addresses;

/// <summary>The names that ports have in services(5).</summary>
internal static class ServiceNames
{
    private const string Services = "/etc/services";

    /// <summary>Reads ports as people write them: a number, a range (<c>8000-8099</c>) or a service
    /// (<c>postgresql</c>).</summary>
    /// <exception cref="FormatException">It is none of them.</exception>
    internal static PortRange ParsePorts(string text)
    {
        try
        {
            return PortRange.Parse(text);
        }
        catch (FormatException) when (text.Length > 0 && !char.IsAsciiDigit(text[0]) && text[0] != '-')
        {
            return FindPort(text) is { } port
                ? One(port)
                : throw new FormatException(
                    $"'{VisibleText.Brief(text)}' is no service that {Services} knows. Name its port, 0 to {ushort.MaxValue}.");
        }
    }

    /// <summary>The range of one port.</summary>
    internal static PortRange One(int port) => new(port, port);

    /// <summary>Every name and alias with its port, as the file has them.</summary>
    internal static IEnumerable<(string Name, int Port)> All()
    {
        foreach (string line in File.Exists(Services) ? File.ReadLines(Services) : [])
        {
            // "https   443/tcp   www-ssl   # comment"
            string[] words = line.Split('#', 2)[0].Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
            if (words.Length < 2 || !int.TryParse(
                words[1].Split('/')[0], NumberStyles.None, CultureInfo.InvariantCulture, out int port))
            {
                continue;
            }

            yield return (words[0], port);
            foreach (string alias in words[2..])
            {
                yield return (alias, port);
            }
        }
    }

    /// <summary>The port that a number or the name of a service means; null where it is neither.</summary>
    internal static int? FindPort(string name)
    {
        if (int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out int number))
        {
            return number is >= 0 and <= ushort.MaxValue ? number : null;
        }

        foreach ((string known, int port) in All())
        {
            if (known.Equals(name, StringComparison.OrdinalIgnoreCase))
            {
                return port;
            }
        }

        return null;
    }
}
