using System;
using Microsoft.Win32.SafeHandles;
using NetKeepAlive.Interop.Bpf;

namespace NetKeepAlive.Policies;

/// <summary>The maps of a policy, by the names they have in the kernel.</summary>
internal sealed class PolicyMaps : IDisposable
{
    private const string RulesName = "rules";
    private const string SettingsName = "settings";
    private const string CountersName = "counters";
    private const string PortsName = "ports";
    private const string AddressesName = "addresses";

    private PolicyMaps(
        SafeFileHandle rules, SafeFileHandle settings, SafeFileHandle counters, SafeFileHandle? ports,
        SafeFileHandle? addresses)
    {
        (Rules, Settings, Counters, Ports, Addresses) = (rules, settings, counters, ports, addresses);
    }

    /// <summary>The key of a map of one value.</summary>
    internal static ReadOnlySpan<byte> OnlyKey => [0, 0, 0, 0];

    internal SafeFileHandle Rules { get; }

    internal SafeFileHandle Settings { get; }

    internal SafeFileHandle Counters { get; }

    /// <summary>Null where no port is named.</summary>
    internal SafeFileHandle? Ports { get; }

    /// <summary>Null where no address is named.</summary>
    internal SafeFileHandle? Addresses { get; }

    /// <summary>Makes the maps of a policy that has no settings yet, so that it does nothing.</summary>
    internal static PolicyMaps Create(PolicyRules rules)
    {
        PolicyMaps maps = new(
            One(RulesName, BpfMapType.Array, PolicyRules.Size),
            One(SettingsName, BpfMapType.Hash, PolicySettings.Size),
            One(CountersName, BpfMapType.Array, PolicyCounters.Size),
            rules.LocalPort.Count + rules.RemotePort.Count > 0 ? One(PortsName, BpfMapType.Array, PortMap.Size) : null,
            rules.RemoteAddress.Count > 0 ? AddressTrie.Create(AddressesName, rules.RemoteAddress) : null);
        if (maps.Ports is { } ports)
        {
            byte[] marks = new byte[PortMap.Size];
            PortMap.Mark(marks, rules.LocalPort, PortMap.Local);
            PortMap.Mark(marks, rules.RemotePort, PortMap.Remote);
            BpfMap.Write(ports, OnlyKey, marks);
        }

        return maps;
    }

    /// <summary>Opens the maps of a program; null where it is none of ours.</summary>
    internal static PolicyMaps? Open(SafeFileHandle program)
    {
        SafeFileHandle? rules = null, settings = null, counters = null, ports = null, addresses = null;
        foreach (uint id in BpfProgram.MapIds(program))
        {
            if (BpfObject.OpenMap(id) is not { } map)
            {
                continue;
            }

            BpfMapInfo info = BpfMap.Info(map);
            switch (BpfCall.ToText(info.Name), (int)info.ValueSize)
            {
                case (RulesName, PolicyRules.Size):
                    rules = map;
                    break;
                case (SettingsName, PolicySettings.Size):
                    settings = map;
                    break;
                case (CountersName, PolicyCounters.Size):
                    counters = map;
                    break;
                case (PortsName, PortMap.Size):
                    ports = map;
                    break;
                case (AddressesName, sizeof(int)):
                    addresses = map;
                    break;
                default:
                    map.Dispose();
                    break;
            }
        }

        if (rules is not null && settings is not null && counters is not null)
        {
            return new PolicyMaps(rules, settings, counters, ports, addresses);
        }

        Dispose(rules, settings, counters, ports, addresses);
        return null;
    }

    /// <summary>Writes down what the policy is.</summary>
    internal void Write(PolicyRules rules) => BpfMap.Write(Rules, OnlyKey, rules.ToBytes());

    /// <summary>Reads what the policy is.</summary>
    internal PolicyRules ReadRules()
    {
        byte[] value = new byte[PolicyRules.Size];
        BpfMap.TryRead(Rules, OnlyKey, value);
        byte[] marks = new byte[Ports is null ? 0 : PortMap.Size];
        if (Ports is not null)
        {
            BpfMap.TryRead(Ports, OnlyKey, marks);
        }

        return PolicyRules.Read(value) with
        {
            LocalPort = PortMap.Marked(marks, PortMap.Local),
            RemotePort = PortMap.Marked(marks, PortMap.Remote),
            RemoteAddress = Addresses is null ? [] : AddressTrie.Read(Addresses),
        };
    }

    /// <summary>Reads what the policy sets; null where it has been removed.</summary>
    internal PolicySettings? ReadSettings()
    {
        Span<byte> value = stackalloc byte[PolicySettings.Size];
        return BpfMap.TryRead(Settings, OnlyKey, value) ? PolicySettings.Read(value) : null;
    }

    /// <summary>Says what the policy sets from now on.</summary>
    internal void Write(PolicySettings settings) => BpfMap.Write(Settings, OnlyKey, settings.ToBytes());

    /// <summary>Ends what the policy does: it sets nothing any more.</summary>
    internal void DeleteSettings() => BpfMap.Delete(Settings, OnlyKey);

    /// <inheritdoc/>
    public void Dispose() => Dispose(Rules, Settings, Counters, Ports, Addresses);

    private static SafeFileHandle One(string name, BpfMapType type, int valueSize) =>
        BpfMap.Create(name, type, sizeof(int), valueSize, maxEntries: 1);

    private static void Dispose(params SafeFileHandle?[] handles)
    {
        foreach (SafeFileHandle? handle in handles)
        {
            handle?.Dispose();
        }
    }
}
