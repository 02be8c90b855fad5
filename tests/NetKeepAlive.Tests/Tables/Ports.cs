using System.Collections.Generic;
using System.Linq;
using NetKeepAlive.Addresses;

namespace NetKeepAlive.Tests.Tables;

/// <summary>Ports as filters take them.</summary>
internal static class Ports
{
    internal static IReadOnlyList<PortRange> Of(params int[] ports) => Of((IEnumerable<int>)ports);

    internal static IReadOnlyList<PortRange> Of(IEnumerable<int> ports) => ports.Select(ServiceNames.One).ToList();
}
