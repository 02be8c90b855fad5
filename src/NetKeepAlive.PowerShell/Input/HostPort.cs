using System;
using System.Linq;
using NetKeepAlive.Addresses;
using NetKeepAlive.Interop;

namespace NetKeepAlive.PowerShell.Input;

/// <summary>Where to connect to, as people write it: hosts, and a port beside or behind them.</summary>
internal static class HostPort
{
    /// <summary>The hosts and their port.</summary>
    /// <param name="hosts">The hosts, each perhaps with its port: <c>host:port</c>.</param>
    /// <param name="port">The port that was named beside them; 0 where none was.</param>
    /// <exception cref="ArgumentException">There is no port, or more than one.</exception>
    internal static (string[] Hosts, int Port) Read(string[] hosts, int port)
    {
        (string Host, string? Port)[] named = hosts.Select(HostAndPort.Split).ToArray();
        int[] ports = named.Where(static it => it.Port is not null).Select(static it => ReadPort(it.Port!))
            .Concat(port > 0 ? [port] : []).Distinct().ToArray();
        return ports switch
        {
            [var only] => (named.Select(static it => it.Host).ToArray(), only),
            [] => throw new PortMissingException(
                $"No port was named for {string.Join(", ", hosts.Select(VisibleText.Brief))}: add -Port, or write it "
                + $"behind the host, as in '{Behind(named[0].Host)}:443'."),
            _ => throw new ArgumentException(
                $"Different ports were named by -HostName and -Port: {string.Join(", ", ports)}. One connection has one "
                + "port."),
        };
    }

    private static string Behind(string host) =>
        host.Contains(':', StringComparison.Ordinal) ? $"[{VisibleText.Brief(host)}]" : VisibleText.Brief(host);

    private static int ReadPort(string text) => ParameterInput.Read("HostName", () =>
        ServicePortTransformAttribute.Read(text) is > 0 and int port
            ? port
            : throw new ArgumentException("A port is a number from 1 to 65535; 0 is none."));
}
