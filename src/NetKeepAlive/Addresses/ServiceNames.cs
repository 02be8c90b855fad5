using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;

namespace NetKeepAlive.Addresses;

/// <summary>The names of ports: /etc/services, services(5).</summary>
internal static class ServiceNames
{
    private const string Services = "/etc/services";

    private static readonly Lazy<Dictionary<string, int>> Tcp = new(static () => Read("tcp"));

    /// <summary>The port that a number or the name of a TCP service means.</summary>
    /// <returns>False where it is neither.</returns>
    internal static bool TryGetPort(string text, out int port) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out port)
            ? port is >= 0 and <= ushort.MaxValue
            : Tcp.Value.TryGetValue(text, out port);

    /// <summary>Reads the ports of a protocol, each by its name and its aliases.</summary>
    internal static Dictionary<string, int> Read(string protocol, string path = Services)
    {
        Dictionary<string, int> ports = new(StringComparer.OrdinalIgnoreCase);
        if (!File.Exists(path))
        {
            return ports;
        }

        foreach (string line in File.ReadLines(path))
        {
            string[] words = line.Split('#')[0].Split(
                (char[]?)null, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
            if (words.Length >= 2 && words[1].Split('/') is [var number, var of] && of == protocol
                && int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out int port))
            {
                ports.TryAdd(words[0], port);
                Array.ForEach(words[2..], alias => ports.TryAdd(alias, port));
            }
        }

        return ports;
    }
}
