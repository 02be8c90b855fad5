using System.Collections.Generic;
using System.Linq;
using System.Net;
using System.Net.NetworkInformation;

namespace NetKeepAlive.PowerShell.Input;

/// <summary>Completes the addresses of this machine.</summary>
public sealed class LocalAddressCompleter : ListCompleter
{
    /// <inheritdoc/>
    protected override IEnumerable<(string Word, string Tip)> Words => NetworkInterface.GetAllNetworkInterfaces()
        .SelectMany(static card => card.GetIPProperties().UnicastAddresses.Select(it => (it.Address, Where: card.Name)))
        .Prepend((Address: IPAddress.IPv6Any, Where: "all addresses"))
        .Prepend((Address: IPAddress.Any, Where: "all IPv4 addresses"))
        .Select(static it => ($"{it.Address}", $"{it.Address} ({it.Where})"))
        .DistinctBy(static it => it.Item1);
}
